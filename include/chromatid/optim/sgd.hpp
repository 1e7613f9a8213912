// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/backend/optimizer_step.hpp>
#include <chromatid/optim/optimizer.hpp>

#include <cstdio>
#include <span>
#include <string>

namespace chromatid {

/// Stochastic gradient descent, with momentum where `momentum` is not 0.
///
///     v = momentum v - rate g;   p += v,   or with Nesterov's look ahead  p += momentum v - rate g
///
/// With `weight_decay`, p -= rate * weight_decay * p beforehand.
struct Sgd {
    double rate = 1e-2;
    double momentum = 0;
    bool nesterov = false;
    double weight_decay = 0;

    /// The velocity, 0, for so many parameters; nothing without momentum.
    template <class B>
    OptimizerState<B> state(Index size) const {
        OptimizerState<B> state;
        if (momentum != 0) state.arrays.push_back({"velocity", typename OptimizerState<B>::Values(size)});
        return state;
    }

    /// \throws ShapeError where lengths differ
    template <class B>
    void update(typename B::Context& on, OptimizerState<B>& state, std::span<typename B::Scalar> parameters,
                std::span<const typename B::Scalar> gradients, double gradient_scale = 1) const {
        using T = typename B::Scalar;
        state.check(parameters, gradients);
        ++state.steps;
        const SgdStep<T> step{.rate = T(rate),
                              .momentum = T(momentum),
                              .decay = T(rate * weight_decay),
                              .gradient_scale = T(gradient_scale),
                              .nesterov = nesterov};
        T* const v = state.arrays.empty() ? nullptr : state.arrays[0].values.on(on);
        detail::for_each_chunk<B>(on, static_cast<Index>(parameters.size()), [&](Index first, Index count) {
            B::sgd(on, count, step, gradients.data() + first, parameters.data() + first, v == nullptr ? nullptr : v + first);
        });
    }

    std::string to_text() const {
        char text[160];
        std::snprintf(text, sizeof text, "SGD, rate %.17g, momentum %.17g%s, weight decay %.17g", rate, momentum,
                      nesterov ? " (Nesterov)" : "", weight_decay);
        return text;
    }
};

}  // namespace chromatid
