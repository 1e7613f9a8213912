// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/backend/cuda/half.hpp>
#include <chromatid/core/host_device.hpp>
#include <chromatid/core/index.hpp>

#include <cstdint>
#include <cstring>

namespace chromatid::cuda {

/// A block of threads on the processor: runs the body of a kernel under ordinary tests and sanitizers.
///
/// The body of a kernel is written against a block type and never names threadIdx. What a block offers:
///
/// | member | on the device | here |
/// |---|---|---|
/// | `each(f)` | `f(thread)` for this thread | for every thread of the block, in another order each time |
/// | `Private<T> p; p(thread)` | a register of this thread | an array with a place for each thread |
/// | `sync()`, `sync_warp()` | barriers | nothing: one `each` ends before the next begins |
/// | `shuffle_xor(to, from, mask)` | `to(t) = from(t ^ mask)` within warps | the same |
/// | `load_matrices(to, rows)` | ldmatrix .x4: four 8 x 8 matrices of 16-bit numbers; lane l gives the row address of row l % 8 of matrix l / 8 | the same |
/// | `load_matrices_transposed(to, rows)` | ldmatrix .x4.trans: the same of matrices whose rows are columns of the fragment | the same |
/// | `mma<Format>(c, a, b)` | C += A B on the matrix units, 16 x 8 x 16, 16-bit factors, float sums | the same fragments, sums in float |
/// | `x()`, `y()`, `blocks_x()` | place in the grid | the same |
///
/// Between two collective calls (all but `each`) a thread touches only what is its own: its `Private` values, places of shared and global
/// memory that no other thread writes. The order in which threads run in a phase is shuffled here so that a body that breaks this is found
/// out; a missing `sync` is not, because phases run one after another: racecheck on a device finds those.
///
/// Marked for both sides only because bodies are, so that nvcc takes both blocks.
template <int Threads>
class HostBlock {
  public:
    static constexpr int threads = Threads;

    template <class T>
    struct Private {
        T values[Threads];
        CHROMATID_HOST_DEVICE T& operator()(int thread) { return values[thread]; }
    };
    /// Four registers of packed 16-bit numbers: a fragment of A, or two of B.
    struct Fragment {
        std::uint32_t r[4];
    };

    CHROMATID_HOST_DEVICE HostBlock(Index x, Index y, Index blocks_x) : x_(x), y_(y), blocks_x_(blocks_x) {}

    CHROMATID_HOST_DEVICE Index x() const { return x_; }
    CHROMATID_HOST_DEVICE Index y() const { return y_; }
    CHROMATID_HOST_DEVICE Index blocks_x() const { return blocks_x_; }

    template <class F>
    CHROMATID_HOST_DEVICE void each(const F& f) {
        phase_ = phase_ * 1664525U + 1013904223U;
        for (unsigned t = 0; t < unsigned{Threads}; ++t) f(static_cast<int>((t * 29U + (phase_ >> 8)) % unsigned{Threads}));
    }
    CHROMATID_HOST_DEVICE void sync() {}
    CHROMATID_HOST_DEVICE void sync_warp() {}

    template <class T>
    CHROMATID_HOST_DEVICE void shuffle_xor(Private<T>& to, Private<T>& from, int mask) {
        const Private<T> before = from;
        for (int t = 0; t < Threads; ++t) to(t) = before.values[(t & ~31) | ((t & 31) ^ mask)];
    }

    CHROMATID_HOST_DEVICE void load_matrices(Private<Fragment>& to, Private<const void*>& rows) {
        for (int warp = 0; warp < Threads; warp += 32)
            for (int lane = 0; lane < 32; ++lane)
                for (int matrix = 0; matrix < 4; ++matrix)
                    std::memcpy(&to(warp + lane).r[matrix], static_cast<const char*>(rows(warp + matrix * 8 + lane / 4)) + lane % 4 * 4, 4);
    }

    CHROMATID_HOST_DEVICE void load_matrices_transposed(Private<Fragment>& to, Private<const void*>& rows) {
        for (int warp = 0; warp < Threads; warp += 32)
            for (int lane = 0; lane < 32; ++lane)
                for (int matrix = 0; matrix < 4; ++matrix)
                    for (int half = 0; half < 2; ++half)
                        std::memcpy(reinterpret_cast<char*>(&to(warp + lane).r[matrix]) + 2 * half,
                                    static_cast<const char*>(rows(warp + matrix * 8 + lane % 4 * 2 + half)) + lane / 4 * 2, 2);
    }

    /// \param c, a, b  called with a thread: its four sums, its four registers of A, its two of B
    template <class Format, class C, class A, class B>
    CHROMATID_HOST_DEVICE void mma(const C& c, const A& a, const B& b) {
        for (int warp = 0; warp < Threads; warp += 32) {
            float left[16][16], right[16][8];
            for (int lane = 0; lane < 32; ++lane) {
                const std::uint32_t *ra = a(warp + lane), *rb = b(warp + lane);
                const int row = lane / 4, column = 2 * (lane % 4);
                for (int half = 0; half < 2; ++half) {
                    const auto number = [&](std::uint32_t packed) {
                        return Format::to_float(static_cast<std::uint16_t>(packed >> 16 * half));
                    };
                    left[row][column + half] = number(ra[0]);
                    left[row + 8][column + half] = number(ra[1]);
                    left[row][column + 8 + half] = number(ra[2]);
                    left[row + 8][column + 8 + half] = number(ra[3]);
                    right[column + half][row] = number(rb[0]);
                    right[column + 8 + half][row] = number(rb[1]);
                }
            }
            for (int lane = 0; lane < 32; ++lane) {
                float* sums = c(warp + lane);
                for (int i = 0; i < 4; ++i) {
                    const int row = lane / 4 + i / 2 * 8, column = 2 * (lane % 4) + i % 2;
                    float sum = 0;
                    for (int k = 0; k < 16; ++k) sum += left[row][k] * right[k][column];
                    sums[i] += sum;
                }
            }
        }
    }

  private:
    Index x_, y_, blocks_x_;
    unsigned phase_ = 1;
};

}  // namespace chromatid::cuda
