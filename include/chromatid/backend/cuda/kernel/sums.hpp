// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/host_device.hpp>
#include <chromatid/core/index.hpp>

// Sums in a fixed order, in two launches: each block adds its share of the terms and writes one partial sum, then one block adds the partial sums. Inside a block each
// thread adds its terms in turn, and the threads' sums are added in pairs. So a sum depends on the number of its terms and on nothing else.

namespace chromatid::cuda {

/// The sum of `term(i)` for i in [0, n), in double; block b writes partial[b].
template <class Term>
struct SumTerms {
    static constexpr int threads = 256;
    static constexpr Index most_blocks = 256;
    struct Shared {
        double sums[threads];
    };

    Term term;
    Index n;
    double* partial;

    template <class Block>
    CHROMATID_HOST_DEVICE void operator()(Block& block, Shared& shared) const {
        block.each([&](int thread) {
            double sum = 0;
            for (Index i = block.x() * threads + thread; i < n; i += block.blocks_x() * threads) sum += term(i);
            shared.sums[thread] = sum;
        });
        for (int half = threads / 2; half > 0; half /= 2) {
            block.sync();
            block.each([&](int thread) {
                if (thread < half) shared.sums[thread] += shared.sums[thread + half];
            });
        }
        block.each([&](int thread) {
            if (thread == 0) partial[block.x()] = shared.sums[0];
        });
    }
};

/// x[i], as a term.
struct Number {
    const double* x;
    CHROMATID_HOST_DEVICE double operator()(Index i) const { return x[i]; }
};

/// x[i]^2, as a term.
struct Square {
    const float* x;
    CHROMATID_HOST_DEVICE double operator()(Index i) const { return static_cast<double>(x[i]) * static_cast<double>(x[i]); }
};

/// Sums of the columns of slabs of rows: block (s, c) writes partial[s, column] for 32 columns. Eight threads share a column's rows, every eighth each.
struct SumColumnsOfSlab {
    static constexpr int width = 32, height = 8, threads = width * height;
    struct Shared {
        float sums[height][width];
    };

    const float* x;
    float* partial;
    Index rows, columns, slab_rows;

    template <class Block>
    CHROMATID_HOST_DEVICE void operator()(Block& block, Shared& shared) const {
        const Index first = block.x() * slab_rows, end = first + slab_rows < rows ? first + slab_rows : rows;
        block.each([&](int thread) {
            const Index column = block.y() * width + thread % width;
            float sum = 0.0F;
            if (column < columns)
                for (Index r = first + thread / width; r < end; r += height) sum += x[r * columns + column];
            shared.sums[thread / width][thread % width] = sum;
        });
        block.sync();
        block.each([&](int thread) {
            const Index column = block.y() * width + thread;
            if (thread >= width || column >= columns) return;
            float sum = 0.0F;
            for (int i = 0; i < height; ++i) sum += shared.sums[i][thread];
            partial[block.x() * columns + column] = sum;
        });
    }
};

/// out[c] += the partial sums of column c in the order of the slabs, for `for_each`.
struct AddSlabs {
    const float* partial;
    float* out;
    Index slabs, columns;
    CHROMATID_HOST_DEVICE void operator()(Index column) const {
        float sum = 0.0F;
        for (Index s = 0; s < slabs; ++s) sum += partial[s * columns + column];
        out[column] += sum;
    }
};

}  // namespace chromatid::cuda
