// SPDX-License-Identifier: MIT
#pragma once

#include "random_arrays.hpp"

#include <chromatid/network/model.hpp>

namespace chromatid::test {

/// A layer or network as a model whose parameters are the first ones of `parameters`.
template <class S, class L, AnyShape In>
Model<L, In, Cpu<S>> model_of(const L& layer, const In& in, const Tensor<double>& parameters) {
    Model<L, In, Cpu<S>> model(layer, in);
    for (std::size_t i = 0; i < model.parameters().size(); ++i) model.parameters()[i] = static_cast<S>(parameters.span()[i]);
    return model;
}

/// Outputs of a layer or network on `Cpu<S>`; the input is converted to S.
template <class S, class L, AnyShape In>
Tensor<S> run_layer(const L& layer, const In& in, const Tensor<double>& x, const Tensor<double>& parameters = {}) {
    return model_of<S>(layer, in, parameters).predict(converted<S>(x));
}

/// How far `Cpu<S>` may be from the same equations in double, for numbers of about 1.
template <class S>
inline constexpr double rounding = std::is_same_v<S, float> ? 4e-6 : 1e-13;

}  // namespace chromatid::test
