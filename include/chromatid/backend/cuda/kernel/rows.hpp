// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/backend/cuda/kernel/split.hpp>
#include <chromatid/core/host_device.hpp>
#include <chromatid/core/index.hpp>

// Rows moved about, for `for_each`: one thread for each element that is written, in the order of writing.

namespace chromatid::cuda {

/// y[r, c] = x[r % x_rows, c]
struct CopyRows {
    const float* x;
    float* y;
    Index columns, x_rows, ldx, ldy;
    CHROMATID_HOST_DEVICE void operator()(Index i) const {
        const Place p = split(i, columns);
        y[p.row * ldy + p.column] = x[split(p.row, x_rows).column * ldx + p.column];
    }
};

/// y[w, r, c] = x[w * window_step + r * row_step + c]
struct CopyWindows {
    const float* x;
    float* y;
    Index rows, columns, window_step, row_step;
    CHROMATID_HOST_DEVICE void operator()(Index i) const {
        const Place element = split(i, columns), row = split(element.row, rows);
        y[i] = x[row.row * window_step + row.column * row_step + element.column];
    }
};

/// y[b, length - 1 - t, partner[c]] = x[b, t, c]; being its own inverse, `partner` says as well where an element comes from.
struct ReverseComplement {
    const float* x;
    float* y;
    const Index* partner;
    Index length, channels;
    CHROMATID_HOST_DEVICE void operator()(Index i) const {
        const Place element = split(i, channels), position = split(element.row, length);
        y[i] = x[(position.row * length + length - 1 - position.column) * channels + partner[element.column]];
    }
};

}  // namespace chromatid::cuda
