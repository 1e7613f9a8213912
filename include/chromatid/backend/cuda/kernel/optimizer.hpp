// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/backend/cuda/late.hpp>
#include <chromatid/backend/optimizer_step.hpp>
#include <chromatid/core/host_device.hpp>

#include <cmath>

// Optimizer steps, as functions for `map`: one pass over the flat buffers, bound by memory. Products and sums are fused as the processor's
// kernels fuse them.

namespace chromatid::cuda {

/// m = beta1 m + (1 - beta1) g;  v = beta2 v + (1 - beta2) g^2;  p -= decay p + rate m / (root_scale sqrt(v) + epsilon), with g scaled
/// first.
struct AdamUpdate {
    static constexpr int inputs = 4, outputs = 3;

    Late<AdamStep<float>> step;

    CHROMATID_HOST_DEVICE AdamUpdate now() const { return {{step.get(), nullptr}}; }

    /// \param x  gradient, parameter, first and second moment
    /// \param y  parameter and moments
    CHROMATID_HOST_DEVICE void operator()(const float (&x)[inputs], float (&y)[outputs]) const {
        const AdamStep<float>& s = step.value;
        const float g = s.gradient_scale * x[0];
        y[1] = std::fma(s.beta1, x[2], (1.0F - s.beta1) * g);
        y[2] = std::fma(s.beta2, x[3], (1.0F - s.beta2) * (g * g));
        y[0] = std::fma(-s.decay, x[1], x[1]) - s.rate * y[1] / std::fma(s.root_scale, std::sqrt(y[2]), s.epsilon);
    }
};

/// v = momentum v - rate g;  p += v, or with Nesterov p += momentum v - rate g; before that p -= decay p.
struct MomentumUpdate {
    static constexpr int inputs = 3, outputs = 2;

    Late<SgdStep<float>> step;

    CHROMATID_HOST_DEVICE MomentumUpdate now() const { return {{step.get(), nullptr}}; }

    /// \param x  gradient, parameter and velocity
    /// \param y  parameter and velocity
    CHROMATID_HOST_DEVICE void operator()(const float (&x)[inputs], float (&y)[outputs]) const {
        const SgdStep<float>& s = step.value;
        const float down = -(s.rate * s.gradient_scale) * x[0];
        y[1] = std::fma(s.momentum, x[2], down);
        y[0] = std::fma(-s.decay, x[1], x[1]) + (s.nesterov ? std::fma(s.momentum, y[1], down) : y[1]);
    }
};

/// p -= decay p + rate g
struct DescentUpdate {
    static constexpr int inputs = 2, outputs = 1;

    Late<SgdStep<float>> step;

    CHROMATID_HOST_DEVICE DescentUpdate now() const { return {{step.get(), nullptr}}; }

    /// \param x  gradient and parameter
    CHROMATID_HOST_DEVICE void operator()(const float (&x)[inputs], float (&p)[outputs]) const {
        const SgdStep<float>& s = step.value;
        p[0] = std::fma(-(s.rate * s.gradient_scale), x[0], std::fma(-s.decay, x[1], x[1]));
    }
};

}  // namespace chromatid::cuda
