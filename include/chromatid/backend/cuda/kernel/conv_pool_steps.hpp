// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/backend/conv_pool_geometry.hpp>
#include <chromatid/backend/cuda/kernel/dropout.hpp>
#include <chromatid/backend/cuda/kernel/split.hpp>
#include <chromatid/backend/cuda/late.hpp>
#include <chromatid/core/draws.hpp>
#include <chromatid/core/host_device.hpp>

#include <cstdint>

// What a fused run of any size does between its matrix products, neighbouring threads on neighbouring channels: bias, ReLU and dropout of
// the convolution; the maxima of the bins and where they stand; and the way back of both. No tile: each array is read and written once,
// but for overlapping bins. Where dropout draws, a thread serves the eight elements that one block of Philox has bits for, elsewhere one.
// Maxima keep the first of equal ones. The gradient of a position before the pool is gathered by the thread that owns it, from the bins
// that hold the position, in order. Draws are made again in the backward pass rather than kept. Float32 throughout.

namespace chromatid::cuda {

/// Rows at work: those of `windows` neighbouring windows, one strand after the other.
struct RowsAtWork {
    Index first, windows;  ///< windows
    Index count;           ///< windows of the call

    /// Row of the call that row `row` of those at work is.
    CHROMATID_HOST_DEVICE Index of_call(Index row) const {
        const auto [strand, window] = split(row, windows);
        return strand * count + first + window;
    }
};

/// Dropout of the convolution's activations: which elements of a row are kept, and their scale.
struct ConvPoolDropout {
    Late<Draws> draws;
    std::uint32_t layer;
    std::uint32_t threshold;  ///< 0: nothing is dropped
    float scale;

    /// Calls `f(element, mask)` for the elements of a row of `size` that block `number` of Philox draws for, see `DropBlocks`.
    template <class F>
    CHROMATID_HOST_DEVICE void for_each_of_block(Index row, Index number, Index size, const F& f) const {
        constexpr Index group = DropBlocks::group, blocks = DropBlocks::blocks;
        Philox::Block words{};
        if (threshold > 0) words = draw_block(draws.get(), layer, row, static_cast<std::uint32_t>(number));
        const Index begin = number / blocks * group + number % blocks;
        CHROMATID_DEVICE_UNROLL
        for (unsigned k = 0; k < 8; ++k) {
            const Index element = begin + blocks * static_cast<Index>(k);
            if (element >= size) return;
            const bool kept = (words[k % 4] >> 16 * (k / 4) & 0xFFFFU) >= threshold;
            f(element, threshold == 0 ? 1.0F : kept ? scale : 0.0F);
        }
    }
};

/// a = dropped(act(a + bias)) of (rows, positions, filters): block i of those that rows have elements of.
struct FinishConvolution {
    RowsAtWork rows;
    Index row_size, filters;
    bool relu;
    const float* bias;  ///< or null
    ConvPoolDropout dropout;
    float* a;

    CHROMATID_HOST_DEVICE void operator()(Index i) const {
        const auto [row, number] = split(i, DropBlocks::blocks_of_row(0, row_size));
        float* const of_row = a + row * row_size;
        dropout.for_each_of_block(rows.of_call(row), number, row_size, [&](Index element, float mask) {
            float value = of_row[element] + (bias == nullptr ? 0.0F : bias[split(element, filters).column]);
            if (relu && value < 0.0F) value = 0.0F;
            of_row[element] = value * mask;
        });
    }
};

/// d = the gradient of the convolution's sums, from that of dropped(a), in place, of (rows, positions, filters): block i as above.
struct ConvolutionBackward {
    RowsAtWork rows;
    Index row_size;
    const float* a;  ///< dropped(a), or null where there is no ReLU to pass
    ConvPoolDropout dropout;
    float* d;

    CHROMATID_HOST_DEVICE void operator()(Index i) const {
        const auto [row, number] = split(i, DropBlocks::blocks_of_row(0, row_size));
        const Index first = row * row_size;
        dropout.for_each_of_block(rows.of_call(row), number, row_size, [&](Index element, float mask) {
            const Index at = first + element;
            d[at] = a != nullptr && !(a[at] > 0.0F) ? 0.0F : d[at] * mask;
        });
    }
};

/// y = act(max over bins of z + bias): element i of (rows, out_length, features).
struct PoolMaxima {
    RowsAtWork rows;
    ConvPoolGeometry g;
    Index positions, features;
    bool relu;
    const float *z, *bias;  ///< (rows, positions, features), (features) or null
    float* y;               ///< of all rows of the call
    std::int32_t* places;   ///< of each maximum within its bin, as y; or null

    CHROMATID_HOST_DEVICE void operator()(Index i) const {
        const auto [row_and_bin, u] = split(i, features);
        const auto [row, bin] = split(row_and_bin, g.out_length);
        const float* from = z + (row * positions + bin * g.stride) * features + u;
        const float add = bias == nullptr ? 0.0F : bias[u];
        float best = *from + add;
        Index place = 0;
        for (Index j = 1; j < g.window; ++j) {
            from += g.spacing * features;
            const float value = *from + add;
            if (value > best) best = value, place = j;
        }
        const Index to = (rows.of_call(row) * g.out_length + bin) * features + u;
        y[to] = relu && best < 0.0F ? 0.0F : best;
        if (places != nullptr) places[to] = static_cast<std::int32_t>(place);
    }
};

/// The gradient of what the bins read, through the last activation: element i of (rows, positions, features).
struct PoolBackward {
    RowsAtWork rows;
    ConvPoolGeometry g;
    Index positions, features;
    bool relu;
    const float *y, *dy;         ///< of all rows of the call
    const std::int32_t* places;  ///< as y
    float* dz;

    CHROMATID_HOST_DEVICE void operator()(Index i) const {
        const auto [row_and_position, u] = split(i, features);
        const auto [row, position] = split(row_and_position, positions);
        const Index at = rows.of_call(row) * g.out_length, reach = (g.window - 1) * g.spacing;
        const Index end = split(position, g.stride).row + 1;
        float sum = 0.0F;
        for (Index bin = position <= reach ? 0 : split(position - reach + g.stride - 1, g.stride).row; bin < end && bin < g.out_length;
             ++bin) {
            const Index from = (at + bin) * features + u;
            if (bin * g.stride + places[from] * g.spacing == position && (!relu || y[from] > 0.0F)) sum += dy[from];
        }
        dz[i] = sum;
    }
};

}  // namespace chromatid::cuda
