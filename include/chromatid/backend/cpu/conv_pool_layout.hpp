// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/backend/conv_pool_geometry.hpp>
#include <chromatid/tensor/windows.hpp>

#include <algorithm>
#include <cstdint>

namespace chromatid::cpu {

/// How the fused run of a `ConvPoolGeometry` is cut up, and where its packed parameters and buffers lie in scratch memory.
///
/// Columns (filters, units) go in blocks of two registers, padded with zeros; positions of the convolution in tiles of `tile` rows, and a
/// `segment` of tiles shares one load of the input. Offsets count floats from a multiple of 64 bytes.
struct ConvPoolLayout {
    static constexpr Index letters = Windows<float>::letters + 1;  ///< with the unknown one
    static constexpr Index alignment = 16;

    Index columns;                    ///< of a block
    Index tile;                       ///< positions
    Index segment;                    ///< positions, a multiple of `tile`
    Index conv_blocks, dense_blocks;  ///< of columns
    Index pairs;                      ///< of taps, the last one of an odd width by itself
    Index phases, span;               ///< an input channel is split into `phases` planes of `span` positions, see `ConvPoolInput`
    Index history;                    ///< rows before a segment that the maxima in it still need, 0 where bins do not overlap much

    Index kernel = 0;             ///< [conv block][tap][channel][column]
    Index bias = 0;               ///< [conv block][column]
    Index pair_sums = 0;          ///< [conv block][pair of taps][first letter][second letter][column]: sums of two rows of the kernel
    Index dense_kernel = 0;       ///< [dense block][filter][column]
    Index dense_bias = 0;         ///< [dense block][column]
    Index planes = 0;             ///< [channel][phase][position]
    Index pair_codes = 0;         ///< [phase][position], 16 bits each: offset of a pair of letters in its table
    Index strand_letters = 0;     ///< [position] of a segment, 8 bits each
    Index window_letters = 0;     ///< [position] of a window, 8 bits each
    Index activations = 0;        ///< [conv block][position of a segment][column]
    Index rows = 0;               ///< [tile or, per block, history and segment][column], before the pool
    Index suffix = 0;             ///< [window][column]
    Index size = 0;

    constexpr bool overlaps() const { return history > 0; }
    /// Letters that the pairs of all planes are made of.
    constexpr Index letter_count(const ConvPoolGeometry& g) const { return span * g.step + phases + g.dilation; }
};

namespace detail {

constexpr Index blocks(Index n, Index size) { return (n + size - 1) / size; }

}  // namespace detail

/// Positions of the convolution that bins reach; what is behind them is not computed.
constexpr Index pooled_rows(const ConvPoolGeometry& g) {
    return std::min(g.conv_length(), (g.out_length - 1) * g.stride + (g.window - 1) * g.spacing + 1);
}

/// \param lanes  floats in a register
/// \param tile   positions of a tile
constexpr ConvPoolLayout conv_pool_layout(const ConvPoolGeometry& g, Index lanes, Index tile) {
    using detail::blocks;
    // What a segment keeps should stay in the second-level cache, with the kernel of one block beside it.
    constexpr Index activations_wanted = 16384, inputs_wanted = 32768;
    ConvPoolLayout l{};
    l.columns = 2 * lanes;
    l.tile = tile;
    l.conv_blocks = blocks(g.filters, l.columns);
    l.dense_blocks = blocks(g.units, l.columns);
    const Index per_position = g.units > 0 ? l.conv_blocks * l.columns : l.columns;
    const Index tiles = blocks(pooled_rows(g), tile);
    const Index most =
        std::clamp(std::min(activations_wanted / (tile * per_position), inputs_wanted / (tile * g.channels * g.step)), Index{1}, tiles);
    l.segment = tile * blocks(tiles, blocks(tiles, most));  // segments of even length
    l.pairs = (g.width + 1) / 2;

    const Index reach = (g.width - 1) * g.dilation;
    l.phases = std::min(g.step, reach + 1);
    l.span = blocks(l.segment + reach / g.step, 16) * 16;
    if (l.span / 16 % 2 == 0) l.span += 16;  // an odd number of cache lines: planes then spread over all sets of the cache

    // Bins that share most of their rows are computed from running maxima; a few loads more per bin cost less than those.
    if (g.out_length > 1 && g.window > 4 * g.stride) l.history = (g.window - 1) * g.spacing;

    const auto take = [&l](Index floats) {
        const Index at = l.size;
        l.size += blocks(floats, ConvPoolLayout::alignment) * ConvPoolLayout::alignment;
        return at;
    };
    l.kernel = take(l.conv_blocks * g.width * g.channels * l.columns);
    l.bias = take(l.conv_blocks * l.columns);
    const bool has_letters = g.channels >= Windows<float>::letters;
    l.pair_sums = take(has_letters ? l.conv_blocks * l.pairs * ConvPoolLayout::letters * ConvPoolLayout::letters * l.columns : 0);
    l.dense_kernel = take(l.dense_blocks * g.filters * l.columns);
    l.dense_bias = take(l.dense_blocks * l.columns);
    l.planes = take(g.channels * l.phases * l.span);
    l.pair_codes = take(has_letters ? blocks(l.phases * l.span, 2) + 32 : 0);
    l.strand_letters = take(has_letters ? blocks(l.letter_count(g), 4) : 0);
    l.window_letters = take(has_letters ? blocks(g.length, 4) : 0);
    l.activations = take(g.units > 0 ? l.conv_blocks * l.segment * l.columns : 0);
    const Index last_blocks = g.units > 0 ? l.dense_blocks : l.conv_blocks;
    l.rows = take((l.overlaps() ? last_blocks * (l.history + l.segment) : tile) * l.columns);
    l.suffix = take(l.overlaps() ? g.window * l.columns : 0);
    l.size += ConvPoolLayout::alignment;  // to begin on a cache line
    return l;
}

/// The first cache line in scratch memory.
inline float* aligned(float* scratch) {
    const auto line = ConvPoolLayout::alignment * static_cast<Index>(sizeof(float));
    return scratch + (line - static_cast<Index>(reinterpret_cast<std::uintptr_t>(scratch) % static_cast<std::uintptr_t>(line))) % line / 4;
}

}  // namespace chromatid::cpu
