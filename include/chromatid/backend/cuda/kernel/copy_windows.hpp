// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/host_device.hpp>
#include <chromatid/core/index.hpp>

// Windows out of the map that a genome scan computes once for all of them: rows of the map that lie `row_step` apart, windows `window_step` apart. One thread
// copies one element; neighbours in a row are neighbours in memory on both sides, and what windows have in common comes from the cache.

namespace chromatid::cuda {

/// y[w, r, c] = x[w * window_step + r * row_step + c], for `for_each`.
struct CopyWindows {
    const float* x;
    float* y;
    Index rows, columns, window_step, row_step;

    CHROMATID_HOST_DEVICE void operator()(Index i) const {
        const Index row = i / columns;
        y[i] = x[row / rows * window_step + row % rows * row_step + i % columns];
    }
};

}  // namespace chromatid::cuda
