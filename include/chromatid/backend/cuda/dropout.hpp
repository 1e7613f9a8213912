// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/backend/cuda/kernel/dropout.hpp>
#include <chromatid/backend/cuda/kernel/for_each.hpp>
#include <chromatid/core/draws.hpp>
#include <chromatid/core/index.hpp>

#include <cstdint>

namespace chromatid::cuda {

namespace detail {

template <class E>
void drop(typename E::Context& on, const Draws& draws, std::uint32_t layer, Index first, Index rows, Index columns, float rate,
          const float* x, float* y) {
    const DropBlocks kernel{on.late(draws), layer, dropout_threshold(rate), 1.0F / (1.0F - rate), first, columns, x, y};
    for_each<E>(on, rows * DropBlocks::blocks_of_row(first, columns), kernel);
}

}  // namespace detail

/// y = x * mask / (1 - rate) for rows of `columns` elements, with the masks of every other backend; x may be y.
template <class E>
void dropout(typename E::Context& on, const Draws& draws, std::uint32_t layer, Index rows, Index columns, float rate, const float* x,
             float* y) {
    detail::drop<E>(on, draws, layer, 0, rows, columns, rate, x, y);
}

/// mask / (1 - rate) of elements [first, first + columns) of each row.
template <class E>
void dropout_mask(typename E::Context& on, const Draws& draws, std::uint32_t layer, Index first, Index rows, Index columns, float rate,
                  float* mask) {
    detail::drop<E>(on, draws, layer, first, rows, columns, rate, nullptr, mask);
}

}  // namespace chromatid::cuda
