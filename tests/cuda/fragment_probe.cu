// SPDX-License-Identifier: MIT
// The collective calls of a block mean the same on a device as in emulation: places of fragments, products, shuffles.

#include <chromatid/backend/cuda/half.hpp>
#include <chromatid/core/host_device.hpp>

#include "tests/cuda/on_both.hpp"
#include "tests/support/random_arrays.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <cstdint>
#include <vector>

using namespace chromatid;
using namespace chromatid::cuda;
using namespace chromatid::test;

/// Two warps. Each loads A (16 x 16) and the transposed B (16 columns of 16) from shared memory and multiplies: warp w has its own A.
/// Fragments and sums go out as they lie in registers.
template <class Format>
struct FragmentProbe {
    static constexpr int threads = 64;
    struct Shared {
        alignas(16) std::uint16_t a[2][16][24], b[16][24], b_rows[16][24];  // rows of 48 bytes; b by columns, b_rows by rows
    };

    const float *a, *b;  ///< (2, 16, 16) and (16 k, 16 n)
    std::uint32_t* fragments;  ///< (64, 12): of A, of B, and of B from its rows
    float* sums;               ///< (64, 8): columns 0 to 7, then 8 to 15

    template <class Block>
    CHROMATID_HOST_DEVICE void operator()(Block& block, Shared& shared) const {
        block.each([&](int thread) {
            for (int i = thread; i < 512; i += threads) shared.a[i / 256][i / 16 % 16][i % 16] = Format::from_float(a[i]);
            for (int i = thread; i < 256; i += threads) shared.b[i % 16][i / 16] = shared.b_rows[i / 16][i % 16] = Format::from_float(b[i]);
        });
        block.sync();
        typename Block::template Private<const void*> rows_a, rows_b, rows_t;
        typename Block::template Private<typename Block::Fragment> fa, fb, ft;
        struct Sums {
            float value[8];
        };
        typename Block::template Private<Sums> c;
        block.each([&](int thread) {
            const int lane = thread % 32, matrix = lane / 8;
            rows_a(thread) = &shared.a[thread / 32][lane % 8 + matrix % 2 * 8][matrix / 2 * 8];
            rows_b(thread) = &shared.b[lane % 8 + matrix / 2 * 8][matrix % 2 * 8];
            rows_t(thread) = &shared.b_rows[lane % 8 + matrix % 2 * 8][matrix / 2 * 8];
            for (float& v : c(thread).value) v = 0;
        });
        block.load_matrices(fa, rows_a);
        block.load_matrices(fb, rows_b);
        block.load_matrices_transposed(ft, rows_t);
        block.template mma<Format>([&](int t) { return c(t).value; }, [&](int t) { return fa(t).r; }, [&](int t) { return fb(t).r; });
        block.template mma<Format>([&](int t) { return c(t).value + 4; }, [&](int t) { return fa(t).r; },
                                   [&](int t) { return fb(t).r + 2; });
        block.each([&](int thread) {
            for (int i = 0; i < 4; ++i) {
                fragments[12 * thread + i] = fa(thread).r[i];
                fragments[12 * thread + 4 + i] = fb(thread).r[i];
                fragments[12 * thread + 8 + i] = ft(thread).r[i];
            }
            for (int i = 0; i < 8; ++i) sums[8 * thread + i] = c(thread).value[i];
        });
    }
};

struct ShuffleProbe {
    static constexpr int threads = 96;
    struct Shared {};
    int mask;
    int* out;

    template <class Block>
    CHROMATID_HOST_DEVICE void operator()(Block& block, Shared&) const {
        typename Block::template Private<int> to, from;
        block.each([&](int thread) { from(thread) = 1000 + thread; });
        block.shuffle_xor(to, from, mask);
        block.each([&](int thread) { out[block.x() * threads + thread] = to(thread); });
    }
};

namespace {

template <class Format>
struct Probed {
    std::vector<std::uint32_t> fragments = std::vector<std::uint32_t>(768);
    std::vector<float> sums = std::vector<float>(512);
};

struct Factors {
    std::vector<float> a = std::vector<float>(512), b = std::vector<float>(256);
    Factors() {
        Draw draw(5);
        for (float& v : a) v = static_cast<float>(draw.number());
        for (float& v : b) v = static_cast<float>(draw.number());
    }
};

template <class E, class Format>
Probed<Format> probe(const Factors& x) {
    typename E::Context on(0);
    typename E::template Buffer<float> a(512), b(256), sums(512);
    typename E::template Buffer<std::uint32_t> fragments(768);
    E::copy_to_device(on, 512 * sizeof(float), x.a.data(), a.data());
    E::copy_to_device(on, 256 * sizeof(float), x.b.data(), b.data());
    E::launch(on, Grid{}, FragmentProbe<Format>{a.data(), b.data(), fragments.data(), sums.data()});
    Probed<Format> out;
    E::copy_to_host(on, 512 * sizeof(float), sums.data(), out.sums.data());
    E::copy_to_host(on, 768 * sizeof(std::uint32_t), fragments.data(), out.fragments.data());
    E::synchronize(on);
    return out;
}

/// Sums of thread t, as the instruction's description lays them out: row t / 4 (and 8 below), columns 2 (t % 4) and the next.
template <class E, class Format>
void products_lie_where_they_should() {
    const Factors x;
    const Probed<Format> out = probe<E, Format>(x);
    const auto rounded = [](float v) { return static_cast<double>(Format::to_float(Format::from_float(v))); };
    for (int thread = 0; thread < 64; ++thread)
        for (int i = 0; i < 8; ++i) {
            const int lane = thread % 32, row = lane / 4 + i % 4 / 2 * 8, column = 2 * (lane % 4) + i % 2 + i / 4 * 8;
            double sum = 0;
            for (int k = 0; k < 16; ++k)
                sum += rounded(x.a[static_cast<std::size_t>(thread / 32 * 256 + row * 16 + k)]) *
                       rounded(x.b[static_cast<std::size_t>(k * 16 + column)]);
            BOOST_TEST_INFO("thread " << thread << ", sum " << i);
            BOOST_TEST(std::abs(static_cast<double>(out.sums[static_cast<std::size_t>(8 * thread + i)]) - sum) < 1e-5);
        }
    BOOST_TEST((out.fragments == probe<Emulator, Format>(x).fragments));
    for (std::size_t i = 0; i < 64 * 12; i += 12)
        for (std::size_t r = 4; r < 8; ++r) BOOST_TEST(out.fragments[i + r] == out.fragments[i + r + 4], "B by columns and by rows differ");
}

}  // namespace

BOOST_AUTO_TEST_SUITE(fragment_probe)

CHROMATID_CASE_ON_BOTH(half_products_lie_where_they_should) { products_lie_where_they_should<E, Half>(); }
CHROMATID_CASE_ON_BOTH(bfloat_products_lie_where_they_should) { products_lie_where_they_should<E, Bfloat>(); }

CHROMATID_CASE_ON_BOTH(a_shuffle_exchanges_lanes_of_a_warp) {
    typename E::Context on(0);
    typename E::template Buffer<int> out(2 * 96);
    std::vector<int> there(2 * 96);
    for (const int mask : {1, 2, 16, 31}) {
        E::launch(on, Grid{2}, ShuffleProbe{mask, out.data()});
        E::copy_to_host(on, there.size() * sizeof(int), out.data(), there.data());
        E::synchronize(on);
        for (int i = 0; i < 192; ++i) BOOST_TEST(there[static_cast<std::size_t>(i)] == 1000 + ((i % 96) ^ mask));
    }
}

BOOST_AUTO_TEST_SUITE_END()
