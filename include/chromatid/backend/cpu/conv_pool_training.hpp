// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/backend/cpu/conv_pool.hpp>
#include <chromatid/backend/cpu/conv_pool_training_layout.hpp>
#include <chromatid/backend/cpu/conv_pool_winners.hpp>
#include <chromatid/backend/cpu/dropout.hpp>
#include <chromatid/backend/cpu/gemm.hpp>
#include <chromatid/core/draws.hpp>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <utility>

namespace chromatid::cpu::detail {

/// Whether the kernel's gradient comes from matrix products over whole rows: of inner layers, dense and with many channels.
inline bool trains_by_products(const Windows<float>& x) { return !x.encoded() && x.partner == nullptr && x.channels > 16; }

inline void turn_dense_kernel(const ConvPoolGeometry& g, const ConvPoolTrainingLayout& l, const float* dense_kernel, float* memory) {
    const Index columns = l.run.columns;
    for (Index f = 0; f < l.filters; ++f) {
        float* const to = memory + l.dense_rows + f / columns * g.units * columns + f % columns;
        for (Index u = 0; u < g.units; ++u) to[u * columns] = f < g.filters ? dense_kernel[f * g.units + u] : 0.0F;
    }
}

/// Adds the sums of a call, as `ConvPoolTrainingLayout` keeps them, to the gradients.
inline void add_conv_pool_gradients(const ConvPoolGeometry& g, const ConvPoolTrainingLayout& l, const float* memory,
                                    const ConvPoolParameters<float>& gradients) {
    constexpr Index letters = Windows<float>::letters, codes = ConvPoolLayout::letters;
    const Index columns = l.run.columns;
    for (Index f = 0; f < g.filters; ++f) {
        const Index block = f / columns, column = f % columns;
        if (gradients.bias != nullptr) gradients.bias[f] += memory[l.bias_gradient + f];
        const float* const dense = memory + l.dense_gradient + block * g.units * columns + column;
        for (Index u = 0; u < g.units; ++u) gradients.dense_kernel[f * g.units + u] += dense[u * columns];
        if (l.by_products) continue;
        const float* const kernel = memory + l.kernel_gradient + block * l.kernel_block(g) + column;
        for (Index tap = 0; tap < g.width; ++tap)
            for (Index c = 0; c < g.channels; ++c)
                gradients.kernel[(tap * g.channels + c) * g.filters + f] += kernel[(c * l.tap_tiles * l.run.tile + tap) * columns];
        if (g.channels < letters) continue;
        const float* const sums = memory + l.letter_gradient + block * l.letter_block() + column;
        for (Index tap = 0; tap < g.width; ++tap) {
            const float* const pair = sums + tap / 2 * codes * codes * columns;
            for (Index letter = 0; letter < letters; ++letter) {
                float sum = 0.0F;
                for (Index other = 0; other < codes; ++other)
                    sum += pair[(tap % 2 == 0 ? letter * codes + other : other * codes + letter) * columns];
                gradients.kernel[(tap * g.channels + letter) * g.filters + f] += sum;
            }
        }
    }
    if (gradients.dense_bias != nullptr)
        for (Index u = 0; u < g.units; ++u) gradients.dense_bias[u] += memory[l.dense_bias + u];
}

}  // namespace chromatid::cpu::detail

#define CHROMATID_KERNELS <chromatid/backend/cpu/kernels/conv_pool_training.inc>
#include <chromatid/backend/cpu/kernels/for_each_isa.inc>

namespace chromatid::cpu {

/// Floats that `conv_pool_forward` keeps for `conv_pool_backward`.
inline Index conv_pool_tape(const ConvPoolGeometry& g, Index rows) { return ConvPoolWinners::size(g, rows); }

/// Floats of scratch memory that either pass takes, however many windows.
inline Index conv_pool_training_scratch(const ConvPoolGeometry& g) {
    Index size = 0;
    for (const auto& [lanes, tile] : {std::pair{plain::lanes, plain::conv_tile_rows}, std::pair{Index{16}, Index{13}}})
        size = std::max(size, conv_pool_training_layout(g, lanes, tile, false, true).size);
    return size;
}

/// The fused run of `ConvPoolGeometry` in training, with a pool (window above 1) and step, dilation and spacing 1.
///
/// Element t * filters + f of `dropped(a)` of row r draws as element of layer `layer` and that row, see `Draws`.
/// \param y     (rows, out_length, features)
/// \param tape  `conv_pool_tape` floats
inline void conv_pool_forward(const ConvPoolGeometry& g, const Windows<float>& x, const Draws& draws, Index layer,
                              const ConvPoolParameters<const float>& parameters, float* y, float* tape, float* scratch) {
    CHROMATID_DISPATCH(conv_pool_forward, g, x, draws, layer, parameters, y, tape, scratch);
}

/// Adds to the gradients of all parameters, and writes dx (rows, length, channels) where it is not null: of each row as the row is
/// read, so that the other strand's is not turned back. The gradient of a maximum goes to the first one of its bin.
/// \param y, tape  what `conv_pool_forward` wrote for the same windows, draws and parameters
/// \param dy       (rows, out_length, features)
inline void conv_pool_backward(const ConvPoolGeometry& g, const Windows<float>& x, const Draws& draws, Index layer,
                               const ConvPoolParameters<const float>& parameters, const float* y, const float* dy, float* dx,
                               const ConvPoolParameters<float>& gradients, const float* tape, float* scratch) {
    CHROMATID_DISPATCH(conv_pool_backward, g, x, draws, layer, parameters, y, dy, dx, gradients, tape, scratch);
}

}  // namespace chromatid::cpu
