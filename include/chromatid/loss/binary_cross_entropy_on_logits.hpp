// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/host_device.hpp>
#include <chromatid/loss/class_weights.hpp>
#include <chromatid/loss/entry_loss.hpp>
#include <chromatid/loss/loss.hpp>

#include <cmath>
#include <string>

namespace chromatid {

/// Binary cross entropy of logits z, for a network that ends before the sigmoid: nothing is clipped and no gradient vanishes.
///
///     loss = w1 t ln(1 + exp(-z)) + w0 (1 - t) ln(1 + exp(z))
///
/// A target below 0 (`ambiguous`) takes no part; weights as in `BinaryCrossEntropy`.
struct BinaryCrossEntropyOnLogits {
    ClassWeights weights{};  ///< w1 and w0 of each task; 1 where none are given

    /// One entry, in double.
    struct Entry {
        WeightsView weights;

        CHROMATID_HOST_DEVICE Entry with_weights(WeightsView w) const { return {w}; }

        CHROMATID_HOST_DEVICE static bool takes_part(float t) { return !(t < 0); }
        /// ln(1 + exp(z)), without overflow; NaN stays NaN.
        CHROMATID_HOST_DEVICE static double softplus(double z) { return (z < 0 ? 0.0 : z) + std::log1p(std::exp(-std::abs(z))); }
        CHROMATID_HOST_DEVICE double value(double z, double t, Index task) const {
            return weights.positive_of(task) * t * softplus(-z) + weights.negative_of(task) * (1 - t) * softplus(z);
        }
        CHROMATID_HOST_DEVICE double slope(double z, double t, Index task) const {
            return weights.negative_of(task) * (1 - t) / (1 + std::exp(-z)) - weights.positive_of(task) * t / (1 + std::exp(z));
        }
    };

    Index count(View<const float> targets) const { return detail::count_entries(entry(), targets); }

    /// \throws ShapeError when outputs and targets differ in shape, or there are weights for another number of tasks
    template <class B>
    void accumulate(typename B::Context& on, View<const typename B::Scalar> y, View<const float> targets, double scale,
                    View<typename B::Scalar> dy, double* sum) const {
        weights.check(detail::tasks_of(y));
        detail::accumulate_entries<B>(on, entry(), y, targets, scale, dy, sum);
    }

    /// Entries that take part and whose logit is on the target's side of 0.
    template <class T>
    Index correct(View<const T> y, View<const float> targets) const { return detail::count_right(entry(), y, targets, T{0}); }

    std::string to_text() const { return "binary cross entropy on logits" + weights.to_text(); }

  private:
    Entry entry() const { return {weights.view()}; }
};

}  // namespace chromatid
