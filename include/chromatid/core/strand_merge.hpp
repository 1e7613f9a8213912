// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/property.hpp>

#include <algorithm>
#include <cmath>
#include <string_view>

namespace chromatid {

/// y = (forward + reverse) / 2 (default): the mean of two probabilities, as FactorNet has it.
struct MeanOfStrands {
    using property_kind = kind::Merge;
    static constexpr std::string_view name() { return "mean"; }
    template <class T>
    static constexpr T apply(T forward, T reverse) { return (forward + reverse) / T{2}; }
};

/// y = max(forward, reverse)
struct MaxOfStrands {
    using property_kind = kind::Merge;
    static constexpr std::string_view name() { return "max"; }
    template <class T>
    static constexpr T apply(T forward, T reverse) { return std::max(forward, reverse); }
};

/// The probability whose logit is the mean of both strands' logits. Both outputs must lie in [0, 1]; 0 and 1 are pulled in by 2^-23, which is
/// exact on both sides in float.
struct LogitMeanOfStrands {
    using property_kind = kind::Merge;
    static constexpr std::string_view name() { return "logit_mean"; }
    template <class T>
    static T apply(T forward, T reverse) {
        const auto logit = [](T p) {
            constexpr T edge = T(1.1920928955078125e-7);
            p = std::clamp(p, edge, T(1) - edge);
            return std::log(p / (T(1) - p));
        };
        return T{1} / (T{1} + std::exp(-(logit(forward) + logit(reverse)) / T{2}));
    }
};

}  // namespace chromatid
