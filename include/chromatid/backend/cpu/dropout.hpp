// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/draws.hpp>
#include <chromatid/core/index.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>

// Dropout with masks that are drawn again wherever they are wanted. The plain definition is `draw_bits`: one Philox block for each element.
// The fast form computes sixteen neighbouring blocks side by side, in loops of sixteen that compilers turn into vector code, and gets the
// bits of 64 neighbouring elements from them; that is how elements were laid into blocks.

namespace chromatid::cpu {

/// Elements whose bits one call of `draw_bits_64` gives.
inline constexpr Index draws_at_once = 64;

/// `draw_bits` of elements 64 * group to 64 * group + 63 of a row. Words stand in lanes of 64 bits, where products need no shuffling.
inline void draw_bits_64(const Draws& draws, std::uint32_t layer, Index row, Index group, std::uint32_t* bits) {
    constexpr int lanes = 16;
    constexpr std::uint64_t low = 0xFFFFFFFFU;
    std::uint64_t c0[lanes], c1[lanes], c2[lanes], c3[lanes];
    const std::uint64_t row_counter = draws.row_counter(row), step = draws.step;
    for (int i = 0; i < lanes; ++i) {
        c0[i] = static_cast<std::uint32_t>(lanes * group + i);
        c1[i] = row_counter;
        c2[i] = layer;
        c3[i] = step;
    }
    Philox::Key key = Philox::key(draws.seed);
    for (int round = 0; round < Philox::rounds; ++round) {
        const std::uint64_t key_0 = key[0], key_1 = key[1];
        for (int i = 0; i < lanes; ++i) {
            const std::uint64_t p0 = Philox::multiplier_0 * (c0[i] & low), p1 = Philox::multiplier_1 * (c2[i] & low);
            c0[i] = p1 >> 32 ^ c1[i] ^ key_0;
            c1[i] = p1 & low;
            c2[i] = p0 >> 32 ^ c3[i] ^ key_1;
            c3[i] = p0 & low;
        }
        key[0] += Philox::increment_0;
        key[1] += Philox::increment_1;
    }
    for (int i = 0; i < lanes; ++i) {
        bits[i] = static_cast<std::uint32_t>(c0[i]);
        bits[lanes + i] = static_cast<std::uint32_t>(c1[i]);
        bits[2 * lanes + i] = static_cast<std::uint32_t>(c2[i]);
        bits[3 * lanes + i] = static_cast<std::uint32_t>(c3[i]);
    }
}

/// An element is kept where the upper 24 of its bits reach this number: so many 2^24ths are dropped.
inline std::uint32_t dropout_threshold(float rate) { return static_cast<std::uint32_t>(std::ceil(static_cast<double>(rate) * 16777216.0)); }

/// y = x * mask / (1 - rate) for rows of `columns` elements; x may be y.
template <class T>
void dropout(const Draws& draws, std::uint32_t layer, Index rows, Index columns, float rate, const T* x, T* y) {
    const std::uint32_t threshold = dropout_threshold(rate);
    const T scale = T{1} / (T{1} - static_cast<T>(rate));
    std::array<std::uint32_t, draws_at_once> bits;
    for (Index row = 0; row < rows; ++row, x += columns, y += columns)
        for (Index first = 0; first < columns; first += draws_at_once) {
            draw_bits_64(draws, layer, row, first / draws_at_once, bits.data());
            const Index n = std::min(draws_at_once, columns - first);
            if (n == draws_at_once)
                for (Index i = 0; i < draws_at_once; ++i) y[first + i] = bits[static_cast<std::size_t>(i)] >> 8 >= threshold ? x[first + i] * scale : T{0};
            else
                for (Index i = 0; i < n; ++i) y[first + i] = bits[static_cast<std::size_t>(i)] >> 8 >= threshold ? x[first + i] * scale : T{0};
        }
}

/// mask / (1 - rate) of elements [first, first + columns) of each row.
template <class T>
void dropout_mask(const Draws& draws, std::uint32_t layer, Index first, Index rows, Index columns, float rate, T* mask) {
    const std::uint32_t threshold = dropout_threshold(rate);
    const T scale = T{1} / (T{1} - static_cast<T>(rate));
    std::array<std::uint32_t, draws_at_once> bits;
    for (Index row = 0; row < rows; ++row, mask += columns)
        for (Index group = first / draws_at_once; group * draws_at_once < first + columns; ++group) {
            draw_bits_64(draws, layer, row, group, bits.data());
            const Index begin = std::max(first, group * draws_at_once), end = std::min(first + columns, (group + 1) * draws_at_once);
            for (Index e = begin; e < end; ++e) mask[e - first] = bits[static_cast<std::size_t>(e % draws_at_once)] >> 8 >= threshold ? scale : T{0};
        }
}

}  // namespace chromatid::cpu
