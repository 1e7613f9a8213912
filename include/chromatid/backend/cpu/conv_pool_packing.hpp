// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/backend/cpu/conv_pool_layout.hpp>

#include <algorithm>

namespace chromatid::cpu {

namespace detail {

/// packed[block][row][column] = matrix[row][block * columns + column], zeros behind the last column; a null matrix is all zeros.
inline void pack_columns(const float* matrix, Index rows, Index n, Index columns, float* packed) {
    for (Index first = 0; first < n; first += columns)
        for (Index r = 0; r < rows; ++r, packed += columns) {
            const Index taken = matrix == nullptr ? 0 : std::min(columns, n - first);
            if (taken > 0) std::copy_n(matrix + r * n + first, taken, packed);
            std::fill_n(packed + taken, columns - taken, 0.0F);
        }
}

/// What a letter at one tap adds: the products with its row of 1 and zeros, so that a weight that is no number comes out as in the plain
/// product.
inline void letter_rows(const float* tap, Index columns, float* rows) {
    for (Index letter = 0; letter < ConvPoolLayout::letters; ++letter)
        for (Index k = 0; k < columns; ++k) {
            float sum = 0.0F;
            for (Index c = 0; c < Windows<float>::letters; ++c) sum += (c == letter ? 1.0F : 0.0F) * tap[c * columns + k];
            rows[letter * columns + k] = sum;
        }
}

}  // namespace detail

/// Writes the parameters into `memory` as `ConvPoolLayout` says.
/// \param with_letters  whether windows may come as base codes, which are looked up in sums over pairs of letters
inline void pack_conv_pool(const ConvPoolGeometry& g, const ConvPoolLayout& l, const ConvPoolParameters<const float>& parameters,
                           bool with_letters, float* memory) {
    detail::pack_columns(parameters.kernel, g.width * g.channels, g.filters, l.columns, memory + l.kernel);
    detail::pack_columns(parameters.bias, 1, g.filters, l.columns, memory + l.bias);
    if (g.units > 0) {
        detail::pack_columns(parameters.dense_kernel, g.filters, g.units, l.columns, memory + l.dense_kernel);
        detail::pack_columns(parameters.dense_bias, 1, g.units, l.columns, memory + l.dense_bias);
    }
    if (!with_letters) return;
    constexpr Index letters = ConvPoolLayout::letters, most_columns = 32;
    float first[letters * most_columns], second[letters * most_columns];
    const Index tap_size = g.channels * l.columns;
    float* sums = memory + l.pair_sums;
    for (Index block = 0; block < l.conv_blocks; ++block)
        for (Index pair = 0; pair < l.pairs; ++pair) {
            const float* tap = memory + l.kernel + (block * g.width + 2 * pair) * tap_size;
            detail::letter_rows(tap, l.columns, first);
            if (2 * pair + 1 < g.width) detail::letter_rows(tap + tap_size, l.columns, second);
            else std::fill_n(second, letters * most_columns, 0.0F);
            for (Index a = 0; a < letters; ++a)
                for (Index b = 0; b < letters; ++b, sums += l.columns)
                    for (Index k = 0; k < l.columns; ++k) sums[k] = first[a * l.columns + k] + second[b * l.columns + k];
        }
}

}  // namespace chromatid::cpu
