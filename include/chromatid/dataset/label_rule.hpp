// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/index.hpp>

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <string_view>

namespace chromatid {

/// How peaks label the bins of a grid.
///
/// - `least_overlap(width, length)`: bases that a bin of `width` must share with a conservative peak of `length` to count as bound by it
/// - `of(conservative, relaxed)`: the label, 1 (bound), 0 (unbound) or -1 (`ambiguous`), of a bin that so many conservative peaks bind and
///   so many relaxed peaks share a base with
/// - `merged`: whether a bin is also shown where peaks bind it only when those of all factors are merged, although it then has no label
/// - `takes_relaxed`: whether relaxed peaks play a part
template <class R>
concept LabelRule = requires(const R& rule, std::int64_t bases, Index peaks) {
    { rule.least_overlap(bases, bases) } -> std::same_as<std::int64_t>;
    { rule.of(peaks, peaks) } -> std::same_as<int>;
    { R::merged } -> std::convertible_to<bool>;
    { R::takes_relaxed } -> std::convertible_to<bool>;
    { R::name } -> std::convertible_to<std::string_view>;
};

/// The rule of FactorNet's own multi-task training: at least 101 of the 200 bases (bedtools intersect -f 0.505); relaxed peaks play no
/// part. A peak of fewer than 101 bases never labels a bin.
struct FactorNetLabels {
    static constexpr std::string_view name = "factornet";
    static constexpr bool merged = true;
    static constexpr bool takes_relaxed = false;

    std::int64_t least_overlap(std::int64_t width, std::int64_t) const { return (width * 505 + 999) / 1000; }
    int of(Index conservative, Index) const { return conservative > 0 ? 1 : 0; }
};

/// The ENCODE-DREAM challenge's rule: bound where a bin shares at least half of itself, or half of the peak, with a conservative peak;
/// ambiguous where the number of such peaks is not the number of relaxed peaks that share any base with it.
struct ChallengeLabels {
    static constexpr std::string_view name = "challenge";
    static constexpr bool merged = false;
    static constexpr bool takes_relaxed = true;

    std::int64_t least_overlap(std::int64_t width, std::int64_t length) const {
        return std::max<std::int64_t>(1, std::min((width + 1) / 2, (length + 1) / 2));
    }
    int of(Index conservative, Index relaxed) const { return conservative != relaxed ? -1 : conservative > 0 ? 1 : 0; }
};

}  // namespace chromatid
