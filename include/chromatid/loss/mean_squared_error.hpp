// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/host_device.hpp>
#include <chromatid/loss/entry_loss.hpp>
#include <chromatid/loss/loss.hpp>

#include <string>

namespace chromatid {

/// Mean of (y - t)^2, for targets that are numbers and not classes. An entry whose target is NaN takes no part: here -1 is a number.
struct MeanSquaredError {
    /// One entry, in double.
    struct Entry {
        CHROMATID_HOST_DEVICE static bool takes_part(float t) { return t == t; }
        CHROMATID_HOST_DEVICE static double value(double y, double t, Index) { return (y - t) * (y - t); }
        CHROMATID_HOST_DEVICE static double slope(double y, double t, Index) { return 2 * (y - t); }
    };

    Index count(View<const float> targets) const { return detail::count_entries(Entry{}, targets); }

    /// \throws ShapeError when outputs and targets differ in shape
    template <class B>
    void accumulate(typename B::Context& on, View<const typename B::Scalar> y, View<const float> targets, double scale,
                    View<typename B::Scalar> dy, double* sum) const {
        detail::accumulate_entries<B>(on, Entry{}, y, targets, scale, dy, sum);
    }

    std::string to_text() const { return "mean squared error"; }
};

}  // namespace chromatid
