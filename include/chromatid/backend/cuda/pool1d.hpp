// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/backend/cuda/grid.hpp>
#include <chromatid/backend/cuda/kernel/combine.hpp>
#include <chromatid/backend/cuda/kernel/for_each.hpp>
#include <chromatid/backend/cuda/kernel/long_pool1d.hpp>
#include <chromatid/backend/cuda/kernel/pool1d.hpp>
#include <chromatid/backend/geometry.hpp>

namespace chromatid::cuda {

namespace detail {

/// Rows of a window from which on a block shares them.
inline constexpr Index long_window = 64;

/// A block for each window and tile of channels.
inline Grid grid_of_windows(const Pool1DGeometry& g) {
    return {g.batch * g.out_length, blocks_of(g.channels, columns_of_block(g.channels))};
}

}  // namespace detail

/// The largest value of each channel over windows, see `Pool1DGeometry`.
template <class E>
void max_pool1d(typename E::Context& on, const Pool1DGeometry& g, const float* x, float* y) {
    if (g.window < detail::long_window) return for_each<E>(on, g.batch * g.out_length * g.channels, MaxPool{g, x, y});
    E::launch(on, detail::grid_of_windows(g), LongMaxPool{g, columns_of_block(g.channels), x, y});
}

/// dx = dy at the first maximum of each window, else 0; overlapping windows add up.
template <class E>
void max_pool1d_backward(typename E::Context& on, const Pool1DGeometry& g, const float* x, const float* y, const float* dy, float* dx) {
    if (g.window < detail::long_window || g.stride < g.window)
        return for_each<E>(on, g.batch * g.length * g.channels, MaxPoolBackward{g, x, y, dy, dx});
    E::launch(on, detail::grid_of_windows(g), LongMaxPoolBackward{g, columns_of_block(g.channels), x, y, dy, dx});
}

}  // namespace chromatid::cuda
