// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/backend/optimizer_step.hpp>
#include <chromatid/optim/optimizer.hpp>

#include <cmath>
#include <cstdio>
#include <span>
#include <string>

namespace chromatid {

/// Adam; Kingma and Ba 2015. Step t = 1, 2, ... with gradient g:
///
///     m = beta1 m + (1 - beta1) g,   v = beta2 v + (1 - beta2) g^2
///     keras1:    p -= rate sqrt(1 - beta2^t) / (1 - beta1^t) * m / (sqrt(v) + epsilon)
///     standard:  p -= rate * m' / (sqrt(v') + epsilon),   m' = m / (1 - beta1^t),  v' = v / (1 - beta2^t)
///
/// The two differ only in what epsilon is added to. With `weight_decay`, p -= rate * weight_decay * p beforehand (decoupled: Loshchilov and
/// Hutter 2019). One pass over the flat buffers.
struct Adam {
    enum class Form { keras1, standard };

    double rate = 1e-3;
    double beta1 = 0.9;
    double beta2 = 0.999;
    double epsilon = 1e-8;
    double weight_decay = 0;
    Form form = Form::keras1;

    /// First and second moments, 0, for so many parameters.
    template <class B>
    OptimizerState<B> state(Index size) const {
        using Values = typename OptimizerState<B>::Values;
        OptimizerState<B> state;
        state.arrays.push_back({"first_moment", Values(size)});
        state.arrays.push_back({"second_moment", Values(size)});
        return state;
    }

    /// \throws ShapeError where lengths differ
    template <class B>
    void update(typename B::Context& on, OptimizerState<B>& state, std::span<typename B::Scalar> parameters,
                std::span<const typename B::Scalar> gradients, double gradient_scale = 1) const {
        using T = typename B::Scalar;
        state.check(parameters, gradients);
        const auto t = static_cast<double>(++state.steps);
        const double first_bias = 1 - std::pow(beta1, t), second_bias = std::sqrt(1 - std::pow(beta2, t));
        const bool keras = form == Form::keras1;
        const AdamStep<T> step{.rate = T(keras ? rate * second_bias / first_bias : rate / first_bias),
                               .beta1 = T(beta1),
                               .beta2 = T(beta2),
                               .root_scale = T(keras ? 1 : 1 / second_bias),
                               .epsilon = T(epsilon),
                               .decay = T(rate * weight_decay),
                               .gradient_scale = T(gradient_scale)};
        T *const m = state.arrays[0].values.on(on), *const v = state.arrays[1].values.on(on);
        detail::for_each_chunk<B>(on, static_cast<Index>(parameters.size()), [&](Index first, Index count) {
            B::adam(on, count, step, gradients.data() + first, parameters.data() + first, m + first, v + first);
        });
    }

    std::string to_text() const {
        char text[192];
        std::snprintf(text, sizeof text, "Adam (%s), rate %.17g, beta1 %.17g, beta2 %.17g, epsilon %.17g, weight decay %.17g",
                      form == Form::keras1 ? "Keras 1" : "standard", rate, beta1, beta2, epsilon, weight_decay);
        return text;
    }
};

}  // namespace chromatid
