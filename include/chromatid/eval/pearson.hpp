// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/error.hpp>
#include <chromatid/eval/sorted_scores.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>

namespace chromatid {

/// Pearson's correlation of two lists of numbers, in [-1, 1].
/// \throws UsageError for different numbers of them, fewer than 2, a number that is not finite, or a list of equal numbers
template <class A, class B>
double pearson(const A& first, const B& second) {
    const std::span a(std::data(first), std::size(first));
    const std::span b(std::data(second), std::size(second));
    detail::check_as_many(a.size(), b.size(), "scores of the other kind");
    if (a.size() < 2) throw UsageError("a correlation needs at least 2 pairs of scores");
    const double n = static_cast<double>(a.size());
    double mean_a = 0, mean_b = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        mean_a += static_cast<double>(a[i]);
        mean_b += static_cast<double>(b[i]);
    }
    mean_a /= n;
    mean_b /= n;
    double ab = 0, aa = 0, bb = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        const double da = static_cast<double>(a[i]) - mean_a, db = static_cast<double>(b[i]) - mean_b;
        ab += da * db;
        aa += da * da;
        bb += db * db;
    }
    if (!std::isfinite(aa) || !std::isfinite(bb)) throw UsageError("a correlation needs finite scores: there is an infinite one or NaN");
    const auto equal = [](const auto& all) { return std::all_of(all.begin(), all.end(), [&](auto v) { return v == all.front(); }); };
    if (equal(a) || equal(b)) throw UsageError("all scores of one kind are equal: there is nothing to correlate");
    return std::clamp(ab / std::sqrt(aa) / std::sqrt(bb), -1.0, 1.0);
}

}  // namespace chromatid
