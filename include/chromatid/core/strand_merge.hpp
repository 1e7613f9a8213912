// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/host_device.hpp>
#include <chromatid/core/property.hpp>

#include <cmath>
#include <string_view>

namespace chromatid {

/// dy/dforward and dy/dreverse of a merge.
template <class T>
struct MergeSlopes {
    T forward, reverse;
};

/// y = (forward + reverse) / 2 (default): the mean of two probabilities, as FactorNet has it.
struct MeanOfStrands {
    using property_kind = kind::Merge;
    static constexpr std::string_view name() { return "mean"; }
    template <class T>
    CHROMATID_HOST_DEVICE static constexpr T apply(T forward, T reverse) { return (forward + reverse) / T{2}; }
    /// dy/dforward and dy/dreverse.
    template <class T>
    CHROMATID_HOST_DEVICE static constexpr MergeSlopes<T> slopes(T, T) { return {T(0.5), T(0.5)}; }
};

/// y = max(forward, reverse)
struct MaxOfStrands {
    using property_kind = kind::Merge;
    static constexpr std::string_view name() { return "max"; }
    template <class T>
    CHROMATID_HOST_DEVICE static constexpr T apply(T forward, T reverse) { return forward < reverse ? reverse : forward; }
    /// All of it to the larger one, to the forward strand where both are equal.
    template <class T>
    CHROMATID_HOST_DEVICE static constexpr MergeSlopes<T> slopes(T forward, T reverse) {
        return forward >= reverse ? MergeSlopes<T>{T{1}, T{0}} : MergeSlopes<T>{T{0}, T{1}};
    }
};

/// The probability whose logit is the mean of both strands' logits. Both outputs must lie in [0, 1]; 0 and 1 are pulled in by 2^-23, which
/// is exact on both sides in float.
struct LogitMeanOfStrands {
    using property_kind = kind::Merge;
    static constexpr std::string_view name() { return "logit_mean"; }
    template <class T>
    CHROMATID_HOST_DEVICE static T apply(T forward, T reverse) {
        return T{1} / (T{1} + std::exp(-(logit(forward) + logit(reverse)) / T{2}));
    }
    /// y (1 - y) / (2 p (1 - p)) for each strand's p; 0 where p was pulled in.
    template <class T>
    CHROMATID_HOST_DEVICE static MergeSlopes<T> slopes(T forward, T reverse) {
        const T y = apply(forward, reverse);
        const auto slope = [&](T p) { return p == pulled_in(p) ? y * (T{1} - y) / (T{2} * p * (T{1} - p)) : T{0}; };
        return {slope(forward), slope(reverse)};
    }

  private:
    template <class T>
    CHROMATID_HOST_DEVICE static T pulled_in(T p) {
        constexpr T edge = T(1.1920928955078125e-7);
        return p < edge ? edge : p > T(1) - edge ? T(1) - edge : p;
    }
    template <class T>
    CHROMATID_HOST_DEVICE static T logit(T p) { return std::log(pulled_in(p) / (T(1) - pulled_in(p))); }
};

}  // namespace chromatid
