// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/host_device.hpp>
#include <chromatid/loss/class_weights.hpp>
#include <chromatid/loss/entry_loss.hpp>
#include <chromatid/loss/loss.hpp>

#include <cmath>
#include <string>

namespace chromatid {

/// Binary cross entropy of probabilities p and targets t in [0, 1].
///
///     loss = -(w1 t ln q + w0 (1 - t) ln(1 - q)),   q = clip(p, 1e-7, 1 - 1e-7)
///
/// The gradient is 0 where p is clipped, as in Keras 1. A target below 0 (`ambiguous`) takes no part. Weights multiply the loss and not the
/// number of entries it is divided by, as Keras has it. The output is (windows, tasks).
struct BinaryCrossEntropy {
    ClassWeights weights{};  ///< w1 and w0 of each task; 1 where none are given

    static constexpr double edge = 1e-7;

    /// One entry, in double.
    struct Entry {
        WeightsView weights;

        CHROMATID_HOST_DEVICE Entry with_weights(WeightsView w) const { return {w}; }

        CHROMATID_HOST_DEVICE static bool takes_part(float t) { return !(t < 0); }
        CHROMATID_HOST_DEVICE double value(double p, double t, Index task) const {
            const double q = p < edge ? edge : p > 1 - edge ? 1 - edge : p;
            double sum = 0;  // not 0 * ln q: the target of one side says nothing of the other
            if (t != 0) sum -= weights.positive_of(task) * t * std::log(q);
            if (t != 1) sum -= weights.negative_of(task) * (1 - t) * std::log1p(-q);
            return sum;
        }
        CHROMATID_HOST_DEVICE double slope(double p, double t, Index task) const {
            if (p < edge || p > 1 - edge) return 0;
            return weights.negative_of(task) * (1 - t) / (1 - p) - weights.positive_of(task) * t / p;
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

    /// Entries that take part and whose rounded probability is the target: what binary accuracy counts.
    template <class T>
    Index correct(View<const T> y, View<const float> targets) const { return detail::count_right(entry(), y, targets, T(0.5)); }

    std::string to_text() const { return "binary cross entropy" + weights.to_text(); }

  private:
    Entry entry() const { return {weights.view()}; }
};

}  // namespace chromatid
