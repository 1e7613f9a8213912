// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/backend/cuda/kernel/for_each.hpp>
#include <chromatid/backend/cuda/kernel/pool1d.hpp>

namespace chromatid::cuda {

/// The largest value of each channel over windows, see `Pool1DGeometry`.
template <class E>
void max_pool1d(typename E::Context& on, const Pool1DGeometry& g, const float* x, float* y) {
    for_each<E>(on, g.batch * g.out_length * g.channels, MaxPool{g, x, y});
}

/// dx = dy at the first maximum of each window, else 0; overlapping windows add up.
template <class E>
void max_pool1d_backward(typename E::Context& on, const Pool1DGeometry& g, const float* x, const float* y, const float* dy, float* dx) {
    for_each<E>(on, g.batch * g.length * g.channels, MaxPoolBackward{g, x, y, dy, dx});
}

}  // namespace chromatid::cuda
