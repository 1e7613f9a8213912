// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/backend/backend.hpp>
#include <chromatid/core/index.hpp>
#include <chromatid/tensor/view.hpp>

#include <concepts>

namespace chromatid {

/// A loss over the outputs of a network: a sum over entries (one window, one task), divided by the number of entries that take part.
///
/// - `count(targets)`: entries that take part
/// - `accumulate<B>(on, y, targets, scale, dy, sum)`: writes the sum of their losses, in double; where the data of `dy` is not null, dy =
///   scale * dsum/dy. All arrays lie in the backend's memory, `sum` too
template <class L, class B>
concept Loss = requires(const L& loss, typename B::Context& on, View<const typename B::Scalar> y, View<const float> targets, double scale,
                        View<typename B::Scalar> dy, double* sum) {
    { loss.count(targets) } -> std::convertible_to<Index>;
    loss.template accumulate<B>(on, y, targets, scale, dy, sum);
};

}  // namespace chromatid
