// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/host_device.hpp>
#include <chromatid/core/property.hpp>

#include <cmath>
#include <concepts>
#include <string_view>

namespace chromatid {

/// The activations: properties of a layer, or the argument of `Activation<...>`. Each says y = f(x) and f'(x) in terms of y, which is what
/// a backward pass still has.
template <class A>
concept ActivationFunction = detail::is_kind<A, kind::Activation>() && requires(float x) {
    { A::name() } -> std::convertible_to<std::string_view>;
    { A::apply(x) } -> std::same_as<float>;
    { A::slope(x) } -> std::same_as<float>;
};

/// y = x
struct Linear {
    using property_kind = kind::Activation;
    static constexpr std::string_view name() { return "linear"; }
    template <class T>
    static CHROMATID_HOST_DEVICE constexpr T apply(T x) { return x; }
    template <class T>
    static CHROMATID_HOST_DEVICE constexpr T slope(T) { return T{1}; }
};

/// y = max(x, 0); the slope at 0 is 0. NaN stays NaN.
struct ReLU {
    using property_kind = kind::Activation;
    static constexpr std::string_view name() { return "relu"; }
    template <class T>
    static CHROMATID_HOST_DEVICE constexpr T apply(T x) { return x < T{0} ? T{0} : x; }
    template <class T>
    static CHROMATID_HOST_DEVICE constexpr T slope(T y) { return y > T{0} ? T{1} : T{0}; }
};

/// The logistic function y = 1 / (1 + exp(-x)).
struct Sigmoid {
    using property_kind = kind::Activation;
    static constexpr std::string_view name() { return "sigmoid"; }
    template <class T>
    static CHROMATID_HOST_DEVICE T apply(T x) { return T{1} / (T{1} + std::exp(-x)); }
    template <class T>
    static CHROMATID_HOST_DEVICE constexpr T slope(T y) { return y * (T{1} - y); }
};

/// Keras 1's and Theano's piecewise line y = clip(0.2 x + 0.5, 0, 1). Newer libraries use x / 6 + 0.5 under the same name: not this one.
struct HardSigmoid {
    using property_kind = kind::Activation;
    static constexpr std::string_view name() { return "hard_sigmoid"; }
    template <class T>
    static CHROMATID_HOST_DEVICE constexpr T apply(T x) {
        const T line = T(0.2) * x + T(0.5);
        return line < T{0} ? T{0} : line > T{1} ? T{1} : line;
    }
    template <class T>
    static CHROMATID_HOST_DEVICE constexpr T slope(T y) { return y > T{0} && y < T{1} ? T(0.2) : T{0}; }
};

/// y = tanh(x)
struct Tanh {
    using property_kind = kind::Activation;
    static constexpr std::string_view name() { return "tanh"; }
    template <class T>
    static CHROMATID_HOST_DEVICE T apply(T x) { return std::tanh(x); }
    template <class T>
    static CHROMATID_HOST_DEVICE constexpr T slope(T y) { return T{1} - y * y; }
};

/// LSTM gates through the logistic function (default).
struct LogisticGates {
    using property_kind = kind::Gates;
    using Function = Sigmoid;
};

/// LSTM gates through `HardSigmoid`, as all models trained with Keras 1 need.
struct HardSigmoidGates {
    using property_kind = kind::Gates;
    using Function = HardSigmoid;
};

}  // namespace chromatid
