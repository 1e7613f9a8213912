// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/backend/optimizer_step.hpp>
#include <chromatid/core/index.hpp>

#include <array>
#include <cmath>
#include <cstddef>
#include <type_traits>

#define CHROMATID_KERNELS <chromatid/backend/cpu/kernels/optimizer.inc>
#include <chromatid/backend/cpu/kernels/for_each_isa.inc>

// Optimizer steps: one pass over the flat buffers, bound by memory. The caller cuts the buffers into chunks for the threads, whose borders
// depend on the size alone.
//
// The sum of squares has 8 partial sums in double, element i in partial sum i % 8, added in their order: the same on every machine.

namespace chromatid::cpu {

/// m = beta1 m + (1 - beta1) g;  v = beta2 v + (1 - beta2) g^2;  p -= decay p + rate m / (root_scale sqrt(v) + epsilon), with g scaled
/// first.
template <class T>
void adam(Index n, const AdamStep<T>& s, const T* gradient, T* parameters, T* first, T* second) {
    if constexpr (std::is_same_v<T, float>) {
        CHROMATID_DISPATCH(adam, n, s, gradient, parameters, first, second);
    } else {
        for (Index i = 0; i < n; ++i) {
            const T g = s.gradient_scale * gradient[i];
            first[i] = s.beta1 * first[i] + (T{1} - s.beta1) * g;
            second[i] = s.beta2 * second[i] + (T{1} - s.beta2) * g * g;
            parameters[i] =
                (parameters[i] - s.decay * parameters[i]) - s.rate * first[i] / (s.root_scale * std::sqrt(second[i]) + s.epsilon);
        }
    }
}

/// v = momentum v - rate g;  p += v, or with Nesterov p += momentum v - rate g; before that p -= decay p. `velocity` is null without
/// momentum.
template <class T>
void sgd(Index n, const SgdStep<T>& s, const T* gradient, T* parameters, T* velocity) {
    if constexpr (std::is_same_v<T, float>) {
        if (velocity == nullptr) CHROMATID_DISPATCH(sgd_at_rest, n, s, gradient, parameters);
        else CHROMATID_DISPATCH(sgd, n, s, gradient, parameters, velocity);
    } else {
        const T rate = s.rate * s.gradient_scale;
        for (Index i = 0; i < n; ++i) {
            const T step = -rate * gradient[i];
            const T p = parameters[i] - s.decay * parameters[i];
            if (velocity == nullptr) {
                parameters[i] = p + step;
            } else {
                velocity[i] = s.momentum * velocity[i] + step;
                parameters[i] = p + (s.nesterov ? s.momentum * velocity[i] + step : velocity[i]);
            }
        }
    }
}

/// Sum of x^2 in double.
template <class T>
double sum_squares(Index n, const T* x) {
    std::array<double, 8> sums{};
    Index i = 0;
    for (; i + 8 <= n; i += 8)
        for (std::size_t j = 0; j < 8; ++j) {
            const auto v = static_cast<double>(x[i + static_cast<Index>(j)]);
            sums[j] += v * v;
        }
    for (std::size_t j = 0; i < n; ++i, ++j) {
        const auto v = static_cast<double>(x[i]);
        sums[j] += v * v;
    }
    double sum = 0;
    for (const double s : sums) sum += s;
    return sum;
}

}  // namespace chromatid::cpu
