// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/backend/cuda/kernel/split.hpp>
#include <chromatid/core/host_device.hpp>
#include <chromatid/core/index.hpp>

// Rows between arrays of different widths. Copies only, bound by memory; no tile: neighbouring threads read and write neighbours of a row,
// 16 bytes each where widths and addresses are multiples of four numbers.

namespace chromatid::cuda {

/// y[w, r, c] = x[w * window_step + r * row_step + c], rows of y at distance ldy: element i of (windows, rows, columns).
///
/// \tparam T  `Four`, or float; sizes and distances count them
template <class T>
struct CopyRows {
    Index rows, columns;
    const T* x;
    Index window_step, row_step;
    T* y;
    Index ldy;

    CHROMATID_HOST_DEVICE void operator()(Index i) const {
        const auto [number, column] = split(i, columns);
        const auto [window, row] = split(number, rows);
        y[number * ldy + column] = x[window * window_step + row * row_step + column];
    }
};

}  // namespace chromatid::cuda
