// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/backend/cuda/kernel/split.hpp>
#include <chromatid/core/host_device.hpp>
#include <chromatid/core/index.hpp>

namespace chromatid::cuda {

/// out = x times one gate's mask, for rows (batch, length, width) under a mask that is the same at all positions of a sequence.
struct MaskRows {
    Index length, width;
    const float *x, *masks;  ///< masks (batch, 4, width), from the gate's own on
    float* out;

    CHROMATID_HOST_DEVICE void operator()(Index i) const {
        const Place at = split(i, width);
        out[i] = x[i] * masks[split(at.row, length).row * 4 * width + at.column];
    }
};

/// dx = part times one gate's mask, as `MaskRows`, or dx += that.
struct AddMaskedRows {
    Index length, width;
    const float *part, *masks;
    bool add;
    float* dx;

    CHROMATID_HOST_DEVICE void operator()(Index i) const {
        const Place at = split(i, width);
        const float of_gate = part[i] * masks[split(at.row, length).row * 4 * width + at.column];
        dx[i] = add ? dx[i] + of_gate : of_gate;
    }
};

}  // namespace chromatid::cuda
