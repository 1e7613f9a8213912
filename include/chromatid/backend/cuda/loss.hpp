// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/backend/cuda/kernel/split.hpp>
#include <chromatid/backend/cuda/late.hpp>
#include <chromatid/backend/cuda/sums.hpp>

#include <cstddef>
#include <span>

namespace chromatid::cuda {

/// The loss of entry i, as a term of a sum, and its slope on the way. In double, as on the processor.
template <class Entry>
struct LossTerm {
    Entry loss;
    const float *y, *targets;
    float* dy;  ///< null where nobody needs it
    Late<double> scale;
    Index columns;

    CHROMATID_HOST_DEVICE double operator()(Index i) const {
        const bool taken = loss.takes_part(targets[i]);
        const auto output = static_cast<double>(y[i]), target = static_cast<double>(targets[i]);
        const Index column = split(i, columns).column;
        if (dy != nullptr) dy[i] = taken ? static_cast<float>(scale.get() * loss.slope(output, target, column)) : 0.0F;
        return taken ? loss.value(output, target, column) : 0.0;
    }
};

/// *sum = the sum of the values of entries that take part; dy = scale * slope, 0 for entries that do not.
/// \param loss  a trivially copyable value with `takes_part(t)`, `value(y, t, column)` and `slope(y, t, column)`; one with class weights
///              has them in the host's memory
template <class E, class Entry>
void sum_losses(typename E::Context& on, Index rows, Index columns, const Entry& loss, const float* y, const float* targets, double scale,
                float* dy, double* sum) {
    Entry entry = loss;
    if constexpr (requires { loss.with_weights(loss.weights); }) {
        const auto table = [&](const double* weights) {
            return on.constants().device(on, std::span(weights, weights == nullptr ? 0 : static_cast<std::size_t>(columns)));
        };
        entry = loss.with_weights({table(loss.weights.positive), table(loss.weights.negative)});
    }
    sum_terms<E>(on, rows * columns, LossTerm<Entry>{entry, y, targets, dy, on.late(scale), columns}, sum);
}

}  // namespace chromatid::cuda
