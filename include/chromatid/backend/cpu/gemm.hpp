// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/index.hpp>

#if defined(_OPENMP) && !defined(EIGEN_DONT_PARALLELIZE)
#error \
    "chromatid brings its own threads: define EIGEN_DONT_PARALLELIZE where OpenMP is on (the CMake target does), or results depend on the number of threads"
#endif

#include <Eigen/Core>

#include <algorithm>
#include <type_traits>

namespace chromatid::cpu::detail {

/// C = A B, C += A B with `add`, C = A B + bias with a bias, and C = max(C, 0) after it all with `relu`. Element (i, p) of A is
/// a[i * row_stride + p * k_stride], element (p, j) of B is b[p * b_k_stride + j * b_column_stride]; one stride of each is 1.
struct GemmOperands {
    Index m, n, k;
    const float* a;
    Index row_stride, k_stride;
    const float* b;
    Index b_k_stride, b_column_stride;
    bool add;
    float* c;
    Index ldc;
    const float* bias = nullptr;  ///< n numbers; `add` and a transposed B go with neither bias nor `relu`
    bool relu = false;
};

}  // namespace chromatid::cpu::detail

#define CHROMATID_KERNELS <chromatid/backend/cpu/kernels/gemm_tile.inc>
#include <chromatid/backend/cpu/kernels/for_each_isa.inc>
#define CHROMATID_KERNELS <chromatid/backend/cpu/kernels/gemm.inc>
#include <chromatid/backend/cpu/kernels/for_each_isa.inc>

namespace chromatid::cpu {

namespace detail {

inline void gemm_in_tiles(const GemmOperands& g) { CHROMATID_DISPATCH(gemm_in_tiles, g); }

/// The product through Eigen, for scalars that have no kernels.
template <bool TransposedA, bool TransposedB, class T>
void eigen_gemm(Index m, Index n, Index k, const T* a, Index lda, const T* b, Index ldb, T beta, T* c, Index ldc) {
    using Matrix = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
    using In = Eigen::Map<const Matrix, Eigen::Unaligned, Eigen::OuterStride<>>;

    const In left(a, TransposedA ? k : m, TransposedA ? m : k, Eigen::OuterStride<>(lda));
    const In right(b, TransposedB ? n : k, TransposedB ? k : n, Eigen::OuterStride<>(ldb));
    Eigen::Map<Matrix, Eigen::Unaligned, Eigen::OuterStride<>> out(c, m, n, Eigen::OuterStride<>(ldc));
    if (beta == T{0}) out.setZero();
    if constexpr (TransposedA && TransposedB) out.noalias() += left.transpose() * right.transpose();
    else if constexpr (TransposedA) out.noalias() += left.transpose() * right;
    else if constexpr (TransposedB) out.noalias() += left * right.transpose();
    else out.noalias() += left * right;
}

}  // namespace detail

/// C = A B + beta C for row-major arrays; with a transposed flag the factor is stored as its transpose.
///
/// Rows may overlap (`lda` smaller than a row): a convolution over channels-last arrays is a product with such an A.
/// In float each element is one chain of fused multiply-adds in the order of k, begun at beta C: a row of C has the same bits whatever m is
/// and wherever the row lies, and AVX2 and AVX-512 agree.
/// \param m, n, k  C is (m, n), and k is the length of the sums
/// \param beta     0 (C is overwritten, whatever it held) or 1
template <bool TransposedA, bool TransposedB, class T>
void gemm(Index m, Index n, Index k, const T* a, Index lda, const T* b, Index ldb, T beta, T* c, Index ldc) {
    if constexpr (std::is_same_v<T, float>) {
        if (k == 0 && beta == 0.0F)
            for (Index i = 0; i < m; ++i) std::fill_n(c + i * ldc, n, 0.0F);
        detail::gemm_in_tiles({.m = m, .n = n, .k = k, .a = a, .row_stride = TransposedA ? 1 : lda, .k_stride = TransposedA ? lda : 1,
                               .b = b, .b_k_stride = TransposedB ? 1 : ldb, .b_column_stride = TransposedB ? ldb : 1,
                               .add = beta != 0.0F, .c = c, .ldc = ldc});
    } else {
        detail::eigen_gemm<TransposedA, TransposedB>(m, n, k, a, lda, b, ldb, beta, c, ldc);
    }
}

}  // namespace chromatid::cpu
