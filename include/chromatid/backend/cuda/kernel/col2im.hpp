// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/backend/cuda/kernel/split.hpp>
#include <chromatid/backend/geometry.hpp>
#include <chromatid/core/host_device.hpp>

// The other way round from `Im2Col`: gradients of the rows of the left factor become those of x. Each element of dx belongs to one
// thread, which visits the outputs that read it, tap by tap in order, and adds in float32; so no two threads write one place and the
// order of the sum is fixed. The rows come in pieces, in order: the piece that holds the first row of a sample writes its dx, later ones
// add to it. Neighbouring threads read neighbouring channels of a tap.

namespace chromatid::cuda {

/// Element by element, dx of the samples from `first_sample` on, from rows [first, first + rows).
struct Col2Im {
    Conv1DGeometry g;
    Index first, rows, first_sample;
    const float* columns;
    float* dx;

    CHROMATID_HOST_DEVICE void operator()(Index i) const {
        const auto [place, c] = split(first_sample * g.length * g.channels + i, g.channels);
        const auto [sample, position] = split(place, g.length);
        const Index first_of_sample = sample * g.out_length;
        float sum = 0.0F;
        for (Index tap = 0; tap < g.width; ++tap) {
            const Index from = position + g.padding - tap * g.dilation;
            if (from < 0) break;
            const auto [t, between] = split(from, g.stride);
            const Index row = first_of_sample + t - first;
            if (between == 0 && t < g.out_length && row >= 0 && row < rows) sum += columns[(row * g.width + tap) * g.channels + c];
        }
        float* const to = dx + place * g.channels + c;
        *to = first <= first_of_sample ? sum : *to + sum;
    }
};

}  // namespace chromatid::cuda
