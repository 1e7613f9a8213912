// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/backend/optimizer_step.hpp>
#include <chromatid/core/index.hpp>

#include <Eigen/Core>

#include <algorithm>
#include <array>
#include <cstddef>

// Optimizer steps: one pass over the flat buffers, reading gradient, parameter and state once and writing parameter and state once. The pass is
// bound by memory, so what counts is vector code for the square root: Eigen's arrays give it without compiler flags. The caller cuts the
// buffers into chunks for the threads, whose borders depend on the size alone.
//
// The sum of squares has 8 partial sums in double, element i in partial sum i % 8, added in their order: the same on every machine.

namespace chromatid::cpu {

namespace detail {
template <class T>
using Flat = Eigen::Map<Eigen::Array<T, Eigen::Dynamic, 1>>;
template <class T>
using ConstFlat = Eigen::Map<const Eigen::Array<T, Eigen::Dynamic, 1>>;
}  // namespace detail

/// m = beta1 m + (1 - beta1) g;  v = beta2 v + (1 - beta2) g^2;  p -= decay p + rate m / (sqrt(v) root_scale + epsilon), with g scaled first.
template <class T>
void adam(Index n, const AdamStep<T>& s, const T* gradient, T* parameters, T* first, T* second) {
    const detail::ConstFlat<T> g(gradient, n);
    detail::Flat<T> p(parameters, n), m(first, n), v(second, n);
    constexpr Index block = 1024;  // stays in the first-level cache between the three statements
    for (Index i = 0; i < n; i += block) {
        const Index k = std::min(block, n - i);
        m.segment(i, k) = s.beta1 * m.segment(i, k) + (T{1} - s.beta1) * (s.gradient_scale * g.segment(i, k));
        v.segment(i, k) = s.beta2 * v.segment(i, k) + (T{1} - s.beta2) * (s.gradient_scale * g.segment(i, k)).square();
        if (s.decay != T{0}) p.segment(i, k) -= s.decay * p.segment(i, k);
        p.segment(i, k) -= s.rate * m.segment(i, k) / (v.segment(i, k).sqrt() * s.root_scale + s.epsilon);
    }
}

/// v = momentum v - rate g;  p += v, or with Nesterov p += momentum v - rate g; before that p -= decay p. `velocity` is null without momentum.
template <class T>
void sgd(Index n, const SgdStep<T>& s, const T* gradient, T* parameters, T* velocity) {
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
