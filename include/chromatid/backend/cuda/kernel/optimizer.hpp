// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/backend/cuda/late.hpp>
#include <chromatid/backend/optimizer_step.hpp>
#include <chromatid/core/host_device.hpp>
#include <chromatid/core/index.hpp>

#include <cmath>

// Optimizer steps, for `for_each`: one pass over the flat buffers, bound by memory. Products and sums are fused as the processor's kernels fuse them.

namespace chromatid::cuda {

/// m = beta1 m + (1 - beta1) g;  v = beta2 v + (1 - beta2) g^2;  p -= decay p + rate m / (root_scale sqrt(v) + epsilon), with g scaled first.
struct AdamUpdate {
    Late<AdamStep<float>> step;
    const float* gradient;
    float *parameters, *first, *second;

    CHROMATID_HOST_DEVICE void operator()(Index i) const {
        const AdamStep<float> s = step.get();
        const float g = s.gradient_scale * gradient[i], p = parameters[i];
        const float m = std::fma(s.beta1, first[i], (1.0F - s.beta1) * g), v = std::fma(s.beta2, second[i], (1.0F - s.beta2) * (g * g));
        first[i] = m;
        second[i] = v;
        parameters[i] = std::fma(-s.decay, p, p) - s.rate * m / std::fma(s.root_scale, std::sqrt(v), s.epsilon);
    }
};

/// v = momentum v - rate g;  p += v, or with Nesterov p += momentum v - rate g; before that p -= decay p. `velocity` is null without momentum.
struct SgdUpdate {
    Late<SgdStep<float>> step;
    const float* gradient;
    float *parameters, *velocity;

    CHROMATID_HOST_DEVICE void operator()(Index i) const {
        const SgdStep<float> s = step.get();
        const float down = -(s.rate * s.gradient_scale) * gradient[i], p = parameters[i] - s.decay * parameters[i];
        if (velocity == nullptr) {
            parameters[i] = p + down;
        } else {
            velocity[i] = s.momentum * velocity[i] + down;
            parameters[i] = p + (s.nesterov ? s.momentum * velocity[i] + down : velocity[i]);
        }
    }
};

}  // namespace chromatid::cuda
