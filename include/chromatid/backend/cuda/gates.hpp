// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/activation.hpp>
#include <chromatid/core/host_device.hpp>
#include <chromatid/core/math_policy.hpp>

#include <cmath>
#include <type_traits>

namespace chromatid::cuda {

namespace detail {

/// 1 / (1 + exp(x)); on a device within 2e-7 absolutely, by the units for special functions.
inline CHROMATID_HOST_DEVICE float fast_logistic_of_minus(float x) {
#if defined(__CUDA_ARCH__)
    return __fdividef(1.0F, 1.0F + __expf(x));
#else
    return 1.0F / (1.0F + std::exp(x));
#endif
}

}  // namespace detail

/// The tanh of an LSTM's candidate and state. `FastMath`: 1 - 2 / (1 + exp(2 x)), whose error is absolute, not relative, near 0.
template <class Math>
CHROMATID_HOST_DEVICE float cell_tanh(float x) {
    if constexpr (std::is_same_v<Math, FastMath>) return 1.0F - 2.0F * detail::fast_logistic_of_minus(2.0F * x);
    else return Tanh::apply(x);
}

/// An LSTM's gate function, `Sigmoid` or `HardSigmoid` or another activation, as a policy of exactness has it.
template <class Gate, class Math>
CHROMATID_HOST_DEVICE float gate(float x) {
    if constexpr (std::is_same_v<Gate, Sigmoid> && std::is_same_v<Math, FastMath>) return detail::fast_logistic_of_minus(-x);
    else if constexpr (std::is_same_v<Gate, Tanh>) return cell_tanh<Math>(x);
    else return Gate::apply(x);
}

}  // namespace chromatid::cuda
