// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/backend/cuda/kernel/split.hpp>
#include <chromatid/backend/geometry.hpp>
#include <chromatid/core/host_device.hpp>
#include <chromatid/core/index.hpp>

// Maxima over windows and their gradient, for `for_each`. Neighbouring threads have neighbouring channels, so each read of a warp is a whole line; a window's rows
// are read one after another. The gradient is gathered: each element of dx has one thread, which looks at the windows it lies in, so nothing is added by two.

namespace chromatid::cuda {

/// y[b, t, c] = max_{j < window} x[b, t * stride + j, c]
struct MaxPool {
    Pool1DGeometry g;
    const float* x;
    float* y;

    CHROMATID_HOST_DEVICE void operator()(Index i) const {
        const Place element = split(i, g.channels), step = split(element.row, g.out_length);
        const float* from = x + (step.row * g.length + step.column * g.stride) * g.channels + element.column;
        float largest = from[0];
        for (Index j = 1; j < g.window; ++j) {
            const float value = from[j * g.channels];
            largest = largest < value ? value : largest;
        }
        y[i] = largest;
    }
};

/// dx = the sum of dy of the windows whose first maximum is here
struct MaxPoolBackward {
    Pool1DGeometry g;
    const float *x, *y, *dy;
    float* dx;

    CHROMATID_HOST_DEVICE void operator()(Index i) const {
        const Place element = split(i, g.channels), place = split(element.row, g.length);
        const Index position = place.column, last = position / g.stride;
        const Index first = position < g.window ? 0 : (position - g.window) / g.stride + 1;
        const float* column = x + place.row * g.length * g.channels + element.column;
        const float value = x[i];
        float sum = 0.0F;
        for (Index t = first; t <= last && t < g.out_length; ++t) {
            const Index out = (place.row * g.out_length + t) * g.channels + element.column;
            bool takes = value == y[out];
            for (Index p = t * g.stride; takes && p < position; ++p) takes = column[p * g.channels] != y[out];
            if (takes) sum += dy[out];
        }
        dx[i] = sum;
    }
};

}  // namespace chromatid::cuda
