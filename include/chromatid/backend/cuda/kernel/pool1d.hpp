// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/backend/cuda/kernel/split.hpp>
#include <chromatid/backend/geometry.hpp>
#include <chromatid/core/host_device.hpp>
#include <chromatid/core/index.hpp>

// Maxima over windows of a few rows and their gradient, for `for_each`, element by element. Neighbouring threads have neighbouring
// channels, so each read of a warp is whole lines; a window's rows are read one after another, and windows that overlap find them in the
// cache. No tile. The gradient is gathered: the thread that owns an element of dx looks at the windows it lies in, from first to last, and
// only where it equals a window's maximum at the rows before it, up to the first such. Comparisons only, and sums in float where windows
// overlap.

namespace chromatid::cuda {

/// y[b, t, c] = max_{j < window} x[b, t * stride + j, c]: element i of y.
struct MaxPool {
    Pool1DGeometry g;
    const float* x;
    float* y;

    CHROMATID_HOST_DEVICE void operator()(Index i) const {
        const auto [row, c] = split(i, g.channels);
        const auto [sample, t] = split(row, g.out_length);
        const float* from = x + (sample * g.length + t * g.stride) * g.channels + c;
        float largest = from[0];
        for (Index j = 1; j < g.window; ++j) {
            const float value = from[j * g.channels];
            largest = largest < value ? value : largest;
        }
        y[i] = largest;
    }
};

/// dx = the sum of dy of the windows whose first maximum is here: element i of dx.
struct MaxPoolBackward {
    Pool1DGeometry g;
    const float *x, *y, *dy;
    float* dx;

    CHROMATID_HOST_DEVICE void operator()(Index i) const {
        const auto [row, c] = split(i, g.channels);
        const auto [sample, position] = split(row, g.length);
        const Index first = position < g.window ? 0 : split(position - g.window, g.stride).row + 1, last = split(position, g.stride).row;
        const float value = x[i];
        float sum = 0.0F;
        for (Index t = first; t <= last && t < g.out_length; ++t) {
            const Index out = (sample * g.out_length + t) * g.channels + c;
            if (value == y[out] && !stands_before(sample, t, position, c, value)) sum += dy[out];
        }
        dx[i] = sum;
    }

  private:
    /// Whether window t has `value` before `position`.
    CHROMATID_HOST_DEVICE bool stands_before(Index sample, Index t, Index position, Index c, float value) const {
        for (Index p = t * g.stride; p < position; ++p)
            if (x[(sample * g.length + p) * g.channels + c] == value) return true;
        return false;
    }
};

}  // namespace chromatid::cuda
