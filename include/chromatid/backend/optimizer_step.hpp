// SPDX-License-Identifier: MIT
#pragma once

namespace chromatid {

/// One step of Adam over flat buffers, all that depends on the step's number worked out beforehand in double.
///
///     g *= gradient_scale;  m = beta1 m + (1 - beta1) g;  v = beta2 v + (1 - beta2) g^2
///     p -= decay p;  p -= rate m / (root_scale sqrt(v) + epsilon)
template <class T>
struct AdamStep {
    T rate, beta1, beta2, root_scale, epsilon, decay, gradient_scale;
};

/// One step of gradient descent with momentum over flat buffers.
///
///     g *= gradient_scale;  v = momentum v - rate g;  p -= decay p;  p += nesterov ? momentum v - rate g : v
template <class T>
struct SgdStep {
    T rate, momentum, decay, gradient_scale;
    bool nesterov;
};

}  // namespace chromatid
