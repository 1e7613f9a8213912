// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/backend/cuda/kernel/split.hpp>
#include <chromatid/backend/geometry.hpp>
#include <chromatid/core/host_device.hpp>

// The left factor of a convolution as a matrix product: row (b, t) holds the width * channels numbers that output t of sample b reads,
// tap by tap, with zeros outside the sequence. One thread an element, no tile: neighbouring threads write neighbours, and read neighbours
// within a tap (within a row where dilation is 1); a number is read again by up to `width` rows, which the caches serve. Reads x, writes
// each element of the rows once. Copies only.

namespace chromatid::cuda {

/// Element by element, rows [first, first + n) of the factor; element i of those rows.
struct Im2Col {
    Conv1DGeometry g;
    Index first;
    const float* x;
    float* columns;

    CHROMATID_HOST_DEVICE void operator()(Index i) const {
        const auto [row, column] = split(i, g.width * g.channels);
        const auto [sample, t] = split(first + row, g.out_length);
        const auto [tap, c] = split(column, g.channels);
        const Index position = t * g.stride + tap * g.dilation - g.padding;
        columns[i] = position < 0 || position >= g.length ? 0.0F : x[(sample * g.length + position) * g.channels + c];
    }
};

}  // namespace chromatid::cuda
