// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/optim/optimizer_state.hpp>

#include <concepts>
#include <span>
#include <string>

namespace chromatid {

/// What turns gradients into steps: a value with the learning rate `rate` and options of its own; what it remembers lies in an
/// `OptimizerState`.
///
/// - `state<B>(size)`: the state before the first step, for `size` parameters
/// - `update<B>(on, state, parameters, gradients, gradient_scale)`: one step; gradients are multiplied by `gradient_scale` first. Both
///   arrays lie in the backend's memory
/// - `to_text()`: its name and options, equal for equal optimizers
template <class O, class B>
concept Optimizer = requires(O& optimizer, const O& constant, typename B::Context& on, OptimizerState<B>& state,
                             std::span<typename B::Scalar> parameters, std::span<const typename B::Scalar> gradients,
                             double gradient_scale) {
    { optimizer.rate } -> std::convertible_to<double>;
    { constant.template state<B>(Index{}) } -> std::same_as<OptimizerState<B>>;
    constant.template update<B>(on, state, parameters, gradients, gradient_scale);
    { constant.to_text() } -> std::convertible_to<std::string>;
};

}  // namespace chromatid
