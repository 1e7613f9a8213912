// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/eval/sorted_scores.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace chromatid {

/// Rank of each score, 1 for the lowest; equal scores share the mean of their ranks.
/// \throws UsageError for a score that is NaN
inline std::vector<double> average_ranks(std::span<const float> scores) {
    detail::check_as_many(scores.size(), scores.size(), "scores");
    std::vector<std::uint64_t> keys(scores.size());
    for (std::size_t i = 0; i < scores.size(); ++i) {
        if (std::isnan(scores[i])) detail::refuse_nan(i);
        keys[i] = std::uint64_t{~detail::falling_order(scores[i])} << 32 | static_cast<std::uint32_t>(i);
    }
    std::sort(keys.begin(), keys.end());
    std::vector<double> ranks(scores.size());
    for (std::size_t first = 0, end = 0; first < keys.size(); first = end) {
        while (end < keys.size() && keys[end] >> 32 == keys[first] >> 32) ++end;
        const double rank = 0.5 * static_cast<double>(first + 1 + end);
        for (std::size_t i = first; i < end; ++i) ranks[static_cast<std::uint32_t>(keys[i])] = rank;
    }
    return ranks;
}

}  // namespace chromatid
