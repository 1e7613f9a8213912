// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/backend/cuda/kernel/combine.hpp>
#include <chromatid/core/host_device.hpp>
#include <chromatid/core/index.hpp>

// Sums in a fixed order, in two launches: each block adds its share of the terms and writes a partial sum, then the partial sums are added
// in the same way. Inside a block each thread adds its terms in turn, and the threads' sums are added in pairs, through shared memory. So a
// sum depends on sizes and on nothing else. Terms are read once, neighbours by neighbouring threads: a column sum has 32 threads side by
// side on a row, fewer where rows are shorter, and the other threads of its block on the rows that follow. Numbers of rows are summed in
// float, terms in double.

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
        combine(block, shared.sums, 1, [](double a, double b) { return a + b; });
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

/// Sums of the columns of slabs of rows: block (tile, slab) has `width` columns of rows [slab * slab_rows, (slab + 1) * slab_rows).
struct SumColumns {
    static constexpr int threads = 256;
    struct Shared {
        float sums[threads];
    };

    const float* x;  ///< (rows, columns)
    float* sums;     ///< (slabs, columns)
    Index rows, columns, slab_rows;
    int width;  ///< see `columns_of_block`
    bool add;   ///< to what is in `sums`

    template <class Block>
    CHROMATID_HOST_DEVICE void operator()(Block& block, Shared& shared) const {
        const Index first = block.y() * slab_rows, end = first + slab_rows < rows ? first + slab_rows : rows;
        block.each([&](int thread) {
            const Index column = block.x() * width + thread % width;
            float sum = 0.0F;
            if (column < columns)
                for (Index r = first + thread / width; r < end; r += threads / width) sum += x[r * columns + column];
            shared.sums[thread] = sum;
        });
        combine(block, shared.sums, width, [](float a, float b) { return a + b; });
        block.each([&](int thread) {
            const Index column = block.x() * width + thread;
            if (thread >= width || column >= columns) return;
            float& to = sums[block.y() * columns + column];
            to = add ? to + shared.sums[thread] : shared.sums[thread];
        });
    }
};

}  // namespace chromatid::cuda
