// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/backend/cuda/kernel/for_each.hpp>
#include <chromatid/backend/cuda/kernel/optimizer.hpp>

namespace chromatid::cuda {

/// One step of Adam over flat buffers, see `AdamStep`.
template <class E>
void adam(typename E::Context& on, Index n, const AdamStep<float>& step, const float* gradient, float* parameters, float* first, float* second) {
    for_each<E>(on, n, AdamUpdate{on.late(step), gradient, parameters, first, second});
}

/// One step of gradient descent over flat buffers, see `SgdStep`; a null velocity means no momentum.
template <class E>
void sgd(typename E::Context& on, Index n, const SgdStep<float>& step, const float* gradient, float* parameters, float* velocity) {
    for_each<E>(on, n, SgdUpdate{on.late(step), gradient, parameters, velocity});
}

}  // namespace chromatid::cuda
