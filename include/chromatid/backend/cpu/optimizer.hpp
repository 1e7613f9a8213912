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
// Adam goes in blocks of 16 from a chunk's first element, the last one padded: which instructions an element meets depends on its place and not on
// where the buffer lies in memory (compilers fuse products and sums in one and not in the other).
//
// The sum of squares has 8 partial sums in double, element i in partial sum i % 8, added in their order: the same on every machine.

namespace chromatid::cpu {

namespace detail {

inline constexpr Index adam_width = 16;

template <class T>
void adam_block(const AdamStep<T>& s, const T* gradient, T* parameters, T* first, T* second) {
    using Block = Eigen::Array<T, adam_width, 1>;
    Eigen::Map<Block> p(parameters), m(first), v(second);
    const Block g = s.gradient_scale * Eigen::Map<const Block>(gradient);
    m = s.beta1 * m + (T{1} - s.beta1) * g;
    v = s.beta2 * v + (T{1} - s.beta2) * g.square();
    p = (p - s.decay * p) - s.rate * m / (s.root_scale * v.sqrt() + s.epsilon);
}

}  // namespace detail

/// m = beta1 m + (1 - beta1) g;  v = beta2 v + (1 - beta2) g^2;  p -= decay p + rate m / (root_scale sqrt(v) + epsilon), with g scaled first.
template <class T>
void adam(Index n, const AdamStep<T>& s, const T* gradient, T* parameters, T* first, T* second) {
    constexpr Index width = detail::adam_width;
    Index i = 0;
    for (; i + width <= n; i += width) detail::adam_block(s, gradient + i, parameters + i, first + i, second + i);
    if (i == n) return;
    std::array<T, width> g{}, p{}, m{}, v{};
    const auto in = [&](const T* from, std::array<T, width>& to) { std::copy(from + i, from + n, to.begin()); };
    const auto out = [&](const std::array<T, width>& from, T* to) { std::copy_n(from.begin(), n - i, to + i); };
    in(gradient, g);
    in(parameters, p);
    in(first, m);
    in(second, v);
    detail::adam_block(s, g.data(), p.data(), m.data(), v.data());
    out(p, parameters);
    out(m, first);
    out(v, second);
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
