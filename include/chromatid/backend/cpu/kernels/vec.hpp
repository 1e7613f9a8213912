// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/backend/cpu/isa.hpp>
#include <chromatid/core/index.hpp>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <utility>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

// `Vec`, a register of `lanes` floats, and what can be done with it: one spelling for each instruction set, each in a namespace of its own.
// What all of them say:
//
//     zero()  set(x)  load(p)  store(p, v)              no alignment wanted
//     load_first(p, n)  store_first(p, v, n)            only the first n elements, 0 <= n <= lanes; the rest reads as 0 and is not touched
//     add  sub  mul  div  sqrt                          lane by lane
//     fma(a, b, c) = a b + c, fnma(a, b, c) = c - a b   one rounding; two in the plain form where the program's own flags have no such instruction
//     max(a, b)  min(a, b)                              b where either is NaN: max(zero(), x) keeps a NaN of x
//     where_positive(a, b)                              b where a > 0, else 0
//     where_greater(a, b, c, d)                         c where a > b, else d
//     power_of_two(k)                                   2^n for k = 12582912 + 127 + n, a float whose low bits are those of n + 127; infinity for n = 128
//     load_quads(p, step)                               four floats at each of p, p + step, p + 2 step...
//     transpose_quads(a, b, c, d)                       four by four: a becomes the first floats of a, b, c, d, and so on, in each quad
//
// `Wide`, a register of `wide_lanes` numbers of 64 bits, for random bits:
//
//     wide_set(x)  wide_count(x) = x, x + 1, ...
//     wide_product(a, b)                                the lower 32 bits of both multiplied
//     wide_mix(a, b, c) = a / 2^32 xor b xor c
//     store_low(p, w)  store_shifted(p, w)              the lower 32 bits, and their lower 16 moved up
//     where_at_least(p, least, v)                       v where a lane's number at p reaches `least`, else 0

/// \def CHROMATID_UNROLL
/// Stands before each loop over the registers of a tile, whose length must be a constant of at most 32: a tile that is not unrolled lives
/// in memory.
#if defined(__CUDACC__)
#define CHROMATID_UNROLL
#elif defined(__clang__)
#define CHROMATID_UNROLL _Pragma("clang loop unroll(full)")
#else
#define CHROMATID_UNROLL _Pragma("GCC unroll 32")
#endif

/// What a function's `target` attribute says for each instruction set.
#define CHROMATID_AVX2 "avx2,fma"
#define CHROMATID_AVX512 "avx512f,avx512bw,avx512dq,avx512vl,avx2,fma"

/// \def CHROMATID_DISPATCH
/// Returns from the function around it with plain::f, avx2::f or avx512::f of the arguments, as `isa()` says.
#if defined(__x86_64__)
#define CHROMATID_DISPATCH(function, ...)                                       \
    do {                                                                        \
        switch (::chromatid::cpu::isa()) {                                      \
            case ::chromatid::cpu::Isa::avx512: return ::chromatid::cpu::avx512::function(__VA_ARGS__); \
            case ::chromatid::cpu::Isa::avx2: return ::chromatid::cpu::avx2::function(__VA_ARGS__);     \
            case ::chromatid::cpu::Isa::plain: break;                           \
        }                                                                       \
        return ::chromatid::cpu::plain::function(__VA_ARGS__);                  \
    } while (false)
#else
#define CHROMATID_DISPATCH(function, ...) return ::chromatid::cpu::plain::function(__VA_ARGS__)
#endif

namespace chromatid::cpu::plain {

/// Floats in a register.
inline constexpr Index lanes = 8;
/// A register; in `avx2` and `avx512` the processor's own type.
struct Vec {
    float lane[8];
};

#define CHROMATID_PLAIN(expression)                       \
    Vec r;                                                \
    for (Index i = 0; i < lanes; ++i) r.lane[i] = expression; \
    return r

inline Vec set(float x) { CHROMATID_PLAIN(x); }
inline Vec zero() { return set(0.0F); }
inline Vec load(const float* p) { CHROMATID_PLAIN(p[i]); }
inline void store(float* p, const Vec& v) {
    for (Index i = 0; i < lanes; ++i) p[i] = v.lane[i];
}
inline Vec load_first(const float* p, Index n) { CHROMATID_PLAIN(i < n ? p[i] : 0.0F); }
inline void store_first(float* p, const Vec& v, Index n) {
    for (Index i = 0; i < n; ++i) p[i] = v.lane[i];
}
inline Vec add(const Vec& a, const Vec& b) { CHROMATID_PLAIN(a.lane[i] + b.lane[i]); }
inline Vec sub(const Vec& a, const Vec& b) { CHROMATID_PLAIN(a.lane[i] - b.lane[i]); }
inline Vec mul(const Vec& a, const Vec& b) { CHROMATID_PLAIN(a.lane[i] * b.lane[i]); }
inline Vec div(const Vec& a, const Vec& b) { CHROMATID_PLAIN(a.lane[i] / b.lane[i]); }
inline Vec sqrt(const Vec& a) { CHROMATID_PLAIN(std::sqrt(a.lane[i])); }
#if defined(__FMA__) || defined(__FP_FAST_FMAF)  // said outright: the compiler would fuse some of them, not all
inline Vec fma(const Vec& a, const Vec& b, const Vec& c) { CHROMATID_PLAIN(std::fma(a.lane[i], b.lane[i], c.lane[i])); }
inline Vec fnma(const Vec& a, const Vec& b, const Vec& c) { CHROMATID_PLAIN(std::fma(-a.lane[i], b.lane[i], c.lane[i])); }
#else
inline Vec fma(const Vec& a, const Vec& b, const Vec& c) { CHROMATID_PLAIN(a.lane[i] * b.lane[i] + c.lane[i]); }
inline Vec fnma(const Vec& a, const Vec& b, const Vec& c) { CHROMATID_PLAIN(c.lane[i] - a.lane[i] * b.lane[i]); }
#endif
inline Vec max(const Vec& a, const Vec& b) { CHROMATID_PLAIN(a.lane[i] > b.lane[i] ? a.lane[i] : b.lane[i]); }
inline Vec min(const Vec& a, const Vec& b) { CHROMATID_PLAIN(a.lane[i] < b.lane[i] ? a.lane[i] : b.lane[i]); }
inline Vec where_positive(const Vec& a, const Vec& b) { CHROMATID_PLAIN(a.lane[i] > 0.0F ? b.lane[i] : 0.0F); }
inline Vec where_greater(const Vec& a, const Vec& b, const Vec& c, const Vec& d) {
    CHROMATID_PLAIN(a.lane[i] > b.lane[i] ? c.lane[i] : d.lane[i]);
}
inline Vec power_of_two(const Vec& k) { CHROMATID_PLAIN(std::bit_cast<float>(std::bit_cast<std::uint32_t>(k.lane[i]) << 23)); }
inline Vec load_quads(const float* p, Index step) { CHROMATID_PLAIN(p[i / 4 * step + i % 4]); }
inline void transpose_quads(Vec& a, Vec& b, Vec& c, Vec& d) {
    for (Index q = 0; q < lanes; q += 4) {
        std::swap(a.lane[q + 1], b.lane[q]);
        std::swap(a.lane[q + 2], c.lane[q]);
        std::swap(a.lane[q + 3], d.lane[q]);
        std::swap(b.lane[q + 2], c.lane[q + 1]);
        std::swap(b.lane[q + 3], d.lane[q + 1]);
        std::swap(c.lane[q + 3], d.lane[q + 2]);
    }
}

inline Vec where_at_least(const std::uint32_t* p, std::uint32_t least, const Vec& v) { CHROMATID_PLAIN(p[i] >= least ? v.lane[i] : 0.0F); }
#undef CHROMATID_PLAIN

/// Numbers in a `Wide`.
inline constexpr Index wide_lanes = 4;
/// A register of 64-bit numbers, of whose lower halves products are made.
struct Wide {
    std::uint64_t lane[4];
};

#define CHROMATID_PLAIN(expression)                                    \
    Wide r;                                                            \
    for (std::uint64_t i = 0; i < 4; ++i) r.lane[i] = expression;       \
    return r

inline Wide wide_set(std::uint64_t x) { CHROMATID_PLAIN(x); }
inline Wide wide_count(std::uint64_t x) { CHROMATID_PLAIN(x + i); }
inline Wide wide_product(const Wide& a, const Wide& b) { CHROMATID_PLAIN((a.lane[i] & 0xFFFFFFFFU) * (b.lane[i] & 0xFFFFFFFFU)); }
inline Wide wide_mix(const Wide& a, const Wide& b, const Wide& c) { CHROMATID_PLAIN(a.lane[i] >> 32 ^ b.lane[i] ^ c.lane[i]); }
inline void store_low(std::uint32_t* p, const Wide& w) {
    for (int i = 0; i < 4; ++i) p[i] = static_cast<std::uint32_t>(w.lane[i]);
}
inline void store_shifted(std::uint32_t* p, const Wide& w) {
    for (int i = 0; i < 4; ++i) p[i] = static_cast<std::uint32_t>(w.lane[i] << 16);
}

#undef CHROMATID_PLAIN

}  // namespace chromatid::cpu::plain

#if defined(__x86_64__)

#define CHROMATID_VEC [[gnu::target(CHROMATID_AVX2), gnu::always_inline]] inline
namespace chromatid::cpu::avx2 {

inline constexpr Index lanes = 8;
using Vec = __m256;

CHROMATID_VEC Vec set(float x) { return _mm256_set1_ps(x); }
CHROMATID_VEC Vec zero() { return _mm256_setzero_ps(); }
CHROMATID_VEC Vec load(const float* p) { return _mm256_loadu_ps(p); }
CHROMATID_VEC void store(float* p, Vec v) { _mm256_storeu_ps(p, v); }
CHROMATID_VEC __m256i first_lanes(Index n) {
    return _mm256_cmpgt_epi32(_mm256_set1_epi32(static_cast<int>(n)), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}
CHROMATID_VEC Vec load_first(const float* p, Index n) { return _mm256_maskload_ps(p, first_lanes(n)); }
CHROMATID_VEC void store_first(float* p, Vec v, Index n) { _mm256_maskstore_ps(p, first_lanes(n), v); }
CHROMATID_VEC Vec add(Vec a, Vec b) { return _mm256_add_ps(a, b); }
CHROMATID_VEC Vec sub(Vec a, Vec b) { return _mm256_sub_ps(a, b); }
CHROMATID_VEC Vec mul(Vec a, Vec b) { return _mm256_mul_ps(a, b); }
CHROMATID_VEC Vec div(Vec a, Vec b) { return _mm256_div_ps(a, b); }
CHROMATID_VEC Vec sqrt(Vec a) { return _mm256_sqrt_ps(a); }
CHROMATID_VEC Vec fma(Vec a, Vec b, Vec c) { return _mm256_fmadd_ps(a, b, c); }
CHROMATID_VEC Vec fnma(Vec a, Vec b, Vec c) { return _mm256_fnmadd_ps(a, b, c); }
CHROMATID_VEC Vec max(Vec a, Vec b) { return _mm256_max_ps(a, b); }
CHROMATID_VEC Vec min(Vec a, Vec b) { return _mm256_min_ps(a, b); }
CHROMATID_VEC Vec where_positive(Vec a, Vec b) { return _mm256_and_ps(_mm256_cmp_ps(a, _mm256_setzero_ps(), _CMP_GT_OQ), b); }
CHROMATID_VEC Vec where_greater(Vec a, Vec b, Vec c, Vec d) { return _mm256_blendv_ps(d, c, _mm256_cmp_ps(a, b, _CMP_GT_OQ)); }
CHROMATID_VEC Vec power_of_two(Vec k) { return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_castps_si256(k), 23)); }
CHROMATID_VEC Vec load_quads(const float* p, Index step) { return _mm256_loadu2_m128(p + step, p); }
CHROMATID_VEC void transpose_quads(Vec& a, Vec& b, Vec& c, Vec& d) {
    const __m256d ab = _mm256_castps_pd(_mm256_unpacklo_ps(a, b)), cd = _mm256_castps_pd(_mm256_unpacklo_ps(c, d));
    const __m256d ab_high = _mm256_castps_pd(_mm256_unpackhi_ps(a, b)), cd_high = _mm256_castps_pd(_mm256_unpackhi_ps(c, d));
    a = _mm256_castpd_ps(_mm256_unpacklo_pd(ab, cd));
    b = _mm256_castpd_ps(_mm256_unpackhi_pd(ab, cd));
    c = _mm256_castpd_ps(_mm256_unpacklo_pd(ab_high, cd_high));
    d = _mm256_castpd_ps(_mm256_unpackhi_pd(ab_high, cd_high));
}

CHROMATID_VEC Vec where_at_least(const std::uint32_t* p, std::uint32_t least, Vec v) {
    const __m256i x = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)), l = _mm256_set1_epi32(static_cast<int>(least));
    return _mm256_and_ps(_mm256_castsi256_ps(_mm256_cmpeq_epi32(_mm256_max_epu32(x, l), x)), v);
}

inline constexpr Index wide_lanes = 4;
using Wide = __m256i;

CHROMATID_VEC Wide wide_set(std::uint64_t x) { return _mm256_set1_epi64x(static_cast<long long>(x)); }
CHROMATID_VEC Wide wide_count(std::uint64_t x) { return _mm256_add_epi64(wide_set(x), _mm256_setr_epi64x(0, 1, 2, 3)); }
CHROMATID_VEC Wide wide_product(Wide a, Wide b) { return _mm256_mul_epu32(a, b); }
CHROMATID_VEC Wide wide_mix(Wide a, Wide b, Wide c) { return _mm256_xor_si256(_mm256_xor_si256(_mm256_srli_epi64(a, 32), b), c); }
CHROMATID_VEC void store_low(std::uint32_t* p, Wide w) {
    const __m256i low = _mm256_permutevar8x32_epi32(w, _mm256_setr_epi32(0, 2, 4, 6, 0, 2, 4, 6));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(p), _mm256_castsi256_si128(low));
}
CHROMATID_VEC void store_shifted(std::uint32_t* p, Wide w) { store_low(p, _mm256_slli_epi64(w, 16)); }

}  // namespace chromatid::cpu::avx2
#undef CHROMATID_VEC

#define CHROMATID_VEC [[gnu::target(CHROMATID_AVX512), gnu::always_inline]] inline
namespace chromatid::cpu::avx512 {

inline constexpr Index lanes = 16;
using Vec = __m512;

CHROMATID_VEC Vec set(float x) { return _mm512_set1_ps(x); }
CHROMATID_VEC Vec zero() { return _mm512_setzero_ps(); }
CHROMATID_VEC Vec load(const float* p) { return _mm512_loadu_ps(p); }
CHROMATID_VEC void store(float* p, Vec v) { _mm512_storeu_ps(p, v); }
CHROMATID_VEC __mmask16 first_lanes(Index n) { return static_cast<__mmask16>((1U << n) - 1U); }
CHROMATID_VEC Vec load_first(const float* p, Index n) { return _mm512_maskz_loadu_ps(first_lanes(n), p); }
CHROMATID_VEC void store_first(float* p, Vec v, Index n) { _mm512_mask_storeu_ps(p, first_lanes(n), v); }
CHROMATID_VEC Vec add(Vec a, Vec b) { return _mm512_add_ps(a, b); }
CHROMATID_VEC Vec sub(Vec a, Vec b) { return _mm512_sub_ps(a, b); }
CHROMATID_VEC Vec mul(Vec a, Vec b) { return _mm512_mul_ps(a, b); }
CHROMATID_VEC Vec div(Vec a, Vec b) { return _mm512_div_ps(a, b); }
CHROMATID_VEC Vec sqrt(Vec a) { return _mm512_maskz_sqrt_ps(0xFFFF, a); }
CHROMATID_VEC Vec fma(Vec a, Vec b, Vec c) { return _mm512_fmadd_ps(a, b, c); }
CHROMATID_VEC Vec fnma(Vec a, Vec b, Vec c) { return _mm512_fnmadd_ps(a, b, c); }
CHROMATID_VEC Vec max(Vec a, Vec b) { return _mm512_maskz_max_ps(0xFFFF, a, b); }
CHROMATID_VEC Vec min(Vec a, Vec b) { return _mm512_maskz_min_ps(0xFFFF, a, b); }
CHROMATID_VEC Vec where_positive(Vec a, Vec b) { return _mm512_maskz_mov_ps(_mm512_cmp_ps_mask(a, _mm512_setzero_ps(), _CMP_GT_OQ), b); }
CHROMATID_VEC Vec where_greater(Vec a, Vec b, Vec c, Vec d) { return _mm512_mask_blend_ps(_mm512_cmp_ps_mask(a, b, _CMP_GT_OQ), d, c); }
CHROMATID_VEC Vec power_of_two(Vec k) { return _mm512_castsi512_ps(_mm512_maskz_slli_epi32(0xFFFF, _mm512_castps_si512(k), 23)); }
CHROMATID_VEC Vec load_quads(const float* p, Index step) {
    const Vec first = _mm512_maskz_broadcast_f32x4(0xFFFF, _mm_loadu_ps(p));
    const Vec second = _mm512_mask_broadcast_f32x4(first, 0x00F0, _mm_loadu_ps(p + step));
    const Vec third = _mm512_mask_broadcast_f32x4(second, 0x0F00, _mm_loadu_ps(p + 2 * step));
    return _mm512_mask_broadcast_f32x4(third, 0xF000, _mm_loadu_ps(p + 3 * step));
}
CHROMATID_VEC void transpose_quads(Vec& a, Vec& b, Vec& c, Vec& d) {
    // the forms with a mask of ones: g++ 12 warns of the others
    const __m512d ab = _mm512_castps_pd(_mm512_maskz_unpacklo_ps(0xFFFF, a, b));
    const __m512d cd = _mm512_castps_pd(_mm512_maskz_unpacklo_ps(0xFFFF, c, d));
    const __m512d ab_high = _mm512_castps_pd(_mm512_maskz_unpackhi_ps(0xFFFF, a, b));
    const __m512d cd_high = _mm512_castps_pd(_mm512_maskz_unpackhi_ps(0xFFFF, c, d));
    a = _mm512_castpd_ps(_mm512_maskz_unpacklo_pd(0xFF, ab, cd));
    b = _mm512_castpd_ps(_mm512_maskz_unpackhi_pd(0xFF, ab, cd));
    c = _mm512_castpd_ps(_mm512_maskz_unpacklo_pd(0xFF, ab_high, cd_high));
    d = _mm512_castpd_ps(_mm512_maskz_unpackhi_pd(0xFF, ab_high, cd_high));
}

CHROMATID_VEC Vec where_at_least(const std::uint32_t* p, std::uint32_t least, Vec v) {
    return _mm512_maskz_mov_ps(_mm512_cmpge_epu32_mask(_mm512_loadu_si512(p), _mm512_set1_epi32(static_cast<int>(least))), v);
}

inline constexpr Index wide_lanes = 8;
using Wide = __m512i;

CHROMATID_VEC Wide wide_set(std::uint64_t x) { return _mm512_set1_epi64(static_cast<long long>(x)); }
CHROMATID_VEC Wide wide_count(std::uint64_t x) { return _mm512_add_epi64(wide_set(x), _mm512_setr_epi64(0, 1, 2, 3, 4, 5, 6, 7)); }
CHROMATID_VEC Wide wide_product(Wide a, Wide b) { return _mm512_maskz_mul_epu32(0xFF, a, b); }
CHROMATID_VEC Wide wide_mix(Wide a, Wide b, Wide c) {
    return _mm512_ternarylogic_epi64(_mm512_maskz_srli_epi64(0xFF, a, 32), b, c, 0x96);
}
CHROMATID_VEC void store_low(std::uint32_t* p, Wide w) {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), _mm512_maskz_cvtepi64_epi32(0xFF, w));
}
CHROMATID_VEC void store_shifted(std::uint32_t* p, Wide w) { store_low(p, _mm512_maskz_slli_epi64(0xFF, w, 16)); }

}  // namespace chromatid::cpu::avx512
#undef CHROMATID_VEC

#endif
