// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/backend/cuda/kernel/combine.hpp>
#include <chromatid/backend/cuda/kernel/split.hpp>
#include <chromatid/backend/geometry.hpp>
#include <chromatid/core/host_device.hpp>
#include <chromatid/core/index.hpp>

// Maxima over windows of many rows, such as whole sequences, and their gradient: a block shares the rows of one window, for up to 32
// channels, which is a line. Threads side by side have neighbouring channels, the others of the block the rows that follow; with fewer
// channels more rows are read at once. What threads found is combined in pairs through shared memory, one number a thread. x is read once.
// The backward pass looks for the first row that equals the maximum, then writes dx, 0 but for that row, for the window and for the rows
// behind it that no window reads; windows must not overlap. Comparisons only.

namespace chromatid::cuda {

/// Block (b * out_length + t, tile of channels).
struct LongMaxPool {
    static constexpr int threads = 256;
    struct Shared {
        float largest[threads];
    };

    Pool1DGeometry g;
    int width;  ///< channels of a block, see `columns_of_block`
    const float* x;
    float* y;

    template <class Block>
    CHROMATID_HOST_DEVICE void operator()(Block& block, Shared& shared) const {
        const auto [sample, t] = split(block.x(), g.out_length);
        const float* const rows = x + (sample * g.length + t * g.stride) * g.channels;
        const auto larger = [](float a, float b) { return a < b ? b : a; };
        block.each([&](int thread) {
            const Index c = block.y() * width + thread % width;
            float largest = 0.0F;
            if (c < g.channels) {
                largest = rows[c];
                for (Index r = thread / width; r < g.window; r += threads / width) largest = larger(largest, rows[r * g.channels + c]);
            }
            shared.largest[thread] = largest;
        });
        combine(block, shared.largest, width, larger);
        block.each([&](int thread) {
            const Index c = block.y() * width + thread;
            if (thread < width && c < g.channels) y[block.x() * g.channels + c] = shared.largest[thread];
        });
    }
};

/// Block (b * out_length + t, tile of channels).
struct LongMaxPoolBackward {
    static constexpr int threads = 256;
    struct Shared {
        Index first[threads];
    };

    Pool1DGeometry g;
    int width;  ///< channels of a block, see `columns_of_block`
    const float *x, *y, *dy;
    float* dx;

    template <class Block>
    CHROMATID_HOST_DEVICE void operator()(Block& block, Shared& shared) const {
        const auto [sample, t] = split(block.x(), g.out_length);
        const Index start = (sample * g.length + t * g.stride) * g.channels, out = block.x() * g.channels;
        const Index rows = t + 1 < g.out_length ? g.stride : g.length - t * g.stride;
        block.each([&](int thread) {
            const Index c = block.y() * width + thread % width;
            Index first = c < g.channels ? thread / width : g.window;
            while (first < g.window && x[start + first * g.channels + c] != y[out + c]) first += threads / width;
            shared.first[thread] = first;
        });
        combine(block, shared.first, width, [](Index a, Index b) { return a < b ? a : b; });
        block.each([&](int thread) {
            const Index c = block.y() * width + thread % width, first = shared.first[thread % width];
            if (c >= g.channels) return;
            for (Index r = thread / width; r < rows; r += threads / width) dx[start + r * g.channels + c] = r == first ? dy[out + c] : 0.0F;
        });
    }
};

}  // namespace chromatid::cuda
