// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/backend/cuda/kernel/map.hpp>
#include <chromatid/backend/cuda/kernel/optimizer.hpp>
#include <chromatid/backend/optimizer_step.hpp>
#include <chromatid/core/index.hpp>

namespace chromatid::cuda {

/// One step of Adam over flat buffers, see `AdamStep`.
template <class E>
void adam(typename E::Context& on, Index n, const AdamStep<float>& step, const float* gradient, float* parameters, float* first,
          float* second) {
    map<E>(on, n, AdamUpdate{on.late(step)}, {gradient, parameters, first, second}, {parameters, first, second});
}

/// One step of gradient descent over flat buffers, see `SgdStep`; a null velocity means no momentum.
template <class E>
void sgd(typename E::Context& on, Index n, const SgdStep<float>& step, const float* gradient, float* parameters, float* velocity) {
    const auto late = on.late(step);
    if (velocity == nullptr) map<E>(on, n, DescentUpdate{late}, {gradient, parameters}, {parameters});
    else map<E>(on, n, MomentumUpdate{late}, {gradient, parameters, velocity}, {parameters, velocity});
}

}  // namespace chromatid::cuda
