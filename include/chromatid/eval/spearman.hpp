// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/eval/average_ranks.hpp>
#include <chromatid/eval/pearson.hpp>
#include <chromatid/eval/sorted_scores.hpp>

#include <span>

namespace chromatid {

/// Spearman's correlation: Pearson's of the ranks, where equal scores share the mean of their ranks.
/// \throws UsageError for different numbers of scores, fewer than 2, NaN, or scores that are all equal
inline double spearman(std::span<const float> a, std::span<const float> b) {
    detail::check_as_many(a.size(), b.size(), "scores of the other kind");
    return pearson(average_ranks(a), average_ranks(b));
}

}  // namespace chromatid
