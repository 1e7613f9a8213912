// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/backend/cpu/conv_pool_layout.hpp>

#include <algorithm>
#include <cstdint>

namespace chromatid::cpu {

/// An output's gradient on its way to the one position before the pool that it comes from.
struct ConvPoolShare {
    std::int32_t position;  ///< in the segment
    float gradient;
};

/// Where the training of a fused run keeps what it needs beyond `ConvPoolLayout`, in the same scratch memory. Offsets count floats.
struct ConvPoolTrainingLayout {
    ConvPoolLayout run;
    Index positions;      ///< of the convolution that bins read
    bool by_products;     ///< the gradient of the convolution's kernel comes from matrix products
    bool whole_rows;      ///< gradients of a whole row are kept, for matrix products; else those of a segment
    Index filters;        ///< padded to whole blocks
    Index tap_tiles;      ///< `tile` taps each
    Index most_shares;    ///< that can fall into a segment

    Index mask = 0;            ///< [position of a segment][filter], as it is drawn
    Index places = 0;          ///< [t][feature]: of maxima within their bins, floats in the forward pass, 32 bits each in the backward pass
    Index output_gradient = 0; ///< [t][feature]: of a row, before the last activation
    Index shares = 0;          ///< `ConvPoolShare`, two floats each, feature by feature
    Index starts = 0;          ///< [feature + 1]: number of its first share, 32 bits each
    Index used = 0;            ///< positions of a segment that have a gradient, 32 bits each, in order
    Index marks = 0;           ///< [position of a segment], 8 bits each: whether it has one
    Index dense_rows = 0;      ///< [conv block][unit][column]: the dense kernel, turned
    Index dense_gradient = 0;  ///< as dense_rows
    Index dense_bias = 0;      ///< [unit]
    Index conv_gradient = 0;   ///< of the convolution: [conv block][position][column], or [position][filter] of whole rows
    Index kernel_gradient = 0; ///< [conv block][channel][tap, padded to tiles][column]
    Index letter_gradient = 0; ///< [conv block][pair of taps][first letter][second letter][column]
    Index bias_gradient = 0;   ///< [filter]
    Index gradients_end = 0;   ///< dense_gradient to here are sums over the call
    Index size = 0;

    constexpr Index kernel_block(const ConvPoolGeometry& g) const { return g.channels * tap_tiles * run.tile * run.columns; }
    constexpr Index letter_block() const { return run.pairs * ConvPoolLayout::letters * ConvPoolLayout::letters * run.columns; }
    constexpr Index kept_rows() const { return whole_rows ? positions : std::min(run.segment, positions); }
    constexpr Index row_stride() const { return whole_rows ? filters : run.columns; }
    constexpr Index block_stride() const { return whole_rows ? run.columns : kept_rows() * run.columns; }
};

/// \param by_products  for inner layers, whose many channels make matrix products worth while
/// \param input_too    whether the gradient of the input is wanted
constexpr ConvPoolTrainingLayout conv_pool_training_layout(const ConvPoolGeometry& g, Index lanes, Index tile, bool by_products,
                                                           bool input_too) {
    using detail::blocks;
    ConvPoolTrainingLayout l{};
    l.run = conv_pool_layout(g, lanes, tile);
    l.positions = (g.out_length - 1) * g.stride + g.window;
    l.by_products = by_products;
    l.whole_rows = by_products || input_too;
    l.filters = l.run.conv_blocks * l.run.columns;
    l.tap_tiles = blocks(g.width, tile);
    l.most_shares = std::min(g.out_length, (l.run.segment + g.window - 2) / g.stride + 1) * g.features();
    l.size = l.run.size;
    const auto take = [&l](Index floats) {
        const Index at = l.size;
        l.size += blocks(floats, ConvPoolLayout::alignment) * ConvPoolLayout::alignment;
        return at;
    };
    l.mask = take(g.dropout > 0.0F ? l.run.segment * g.filters : 0);
    l.places = take(g.out_length * g.features());
    l.output_gradient = take(g.out_length * g.features());
    l.shares = take(2 * l.most_shares + 2);
    l.starts = take(g.features() + 1);
    l.used = take(l.run.segment);
    l.marks = take(blocks(l.run.segment, 4));
    l.dense_rows = take(l.filters * g.units);
    l.conv_gradient = take(l.filters * l.kept_rows());
    l.dense_gradient = take(l.filters * g.units);
    l.dense_bias = take(g.units);
    l.kernel_gradient = take(by_products ? 0 : l.run.conv_blocks * l.kernel_block(g));
    l.letter_gradient = take(by_products || g.channels < Windows<float>::letters ? 0 : l.run.conv_blocks * l.letter_block());
    l.bias_gradient = take(l.filters);
    l.gradients_end = l.size;
    l.size += ConvPoolLayout::alignment;  // to begin on a cache line
    return l;
}

}  // namespace chromatid::cpu
