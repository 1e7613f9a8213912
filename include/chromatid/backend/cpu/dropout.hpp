// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/draws.hpp>
#include <chromatid/core/index.hpp>

#include <cstdint>
#include <type_traits>

#define CHROMATID_KERNELS <chromatid/backend/cpu/kernels/dropout.inc>
#include <chromatid/backend/cpu/kernels/for_each_isa.inc>

namespace chromatid::cpu {

/// Elements [first, first + count) of one row: y = x * mask / (1 - rate); x may be y, and a null x gives the mask itself.
template <class T>
void dropout_row(const Draws& draws, std::uint32_t layer, Index row, Index first, Index count, float rate, const T* x, T* y) {
    const std::uint32_t threshold = dropout_threshold(rate);
    const T scale = T{1} / (T{1} - static_cast<T>(rate));
    if constexpr (std::is_same_v<T, float>) {
        CHROMATID_DISPATCH(dropout_row, draws, layer, row, first, count, threshold, scale, x, y);
    } else {
        for (Index i = 0; i < count; ++i) {
            const bool kept = draw_bits(draws, layer, row, first + i) >= threshold;
            y[i] = kept ? (x == nullptr ? scale : x[i] * scale) : T{0};
        }
    }
}

/// y = x * mask / (1 - rate) for rows of `columns` elements; x may be y.
template <class T>
void dropout(const Draws& draws, std::uint32_t layer, Index rows, Index columns, float rate, const T* x, T* y) {
    for (Index row = 0; row < rows; ++row) dropout_row(draws, layer, row, 0, columns, rate, x + row * columns, y + row * columns);
}

/// mask / (1 - rate) of elements [first, first + columns) of each row.
template <class T>
void dropout_mask(const Draws& draws, std::uint32_t layer, Index first, Index rows, Index columns, float rate, T* mask) {
    for (Index row = 0; row < rows; ++row) dropout_row<T>(draws, layer, row, first, columns, rate, nullptr, mask + row * columns);
}

}  // namespace chromatid::cpu
