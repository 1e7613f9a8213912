// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/backend/geometry.hpp>

#include <algorithm>

namespace chromatid::cpu {

/// y[c] = max over `rows` neighbouring rows of x; the inner loop runs along channels, which the compiler turns into vector maxima.
template <class T>
void max_of_rows(Index rows, Index channels, const T* x, T* y) {
    std::copy_n(x, channels, y);
    for (Index r = 1; r < rows; ++r)
        for (Index c = 0; c < channels; ++c) y[c] = std::max(y[c], x[r * channels + c]);
}

/// See `Pool1DGeometry`.
template <class T>
void max_pool1d(const Pool1DGeometry& g, const T* x, T* y) {
    for (Index b = 0; b < g.batch; ++b)
        for (Index t = 0; t < g.out_length; ++t)
            max_of_rows(g.window, g.channels, x + (b * g.length + t * g.stride) * g.channels, y + (b * g.out_length + t) * g.channels);
}

}  // namespace chromatid::cpu
