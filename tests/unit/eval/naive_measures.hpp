// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/philox.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <set>
#include <vector>

namespace chromatid::test {

/// Scores and labels of a small data set.
struct Scored {
    std::vector<float> scores;
    std::vector<std::uint8_t> labels;
};

/// Random scores, rounded to `levels` steps so that they tie, positives scoring higher on average.
inline Scored random_scores(std::uint64_t seed, std::size_t n, double positives, int levels) {
    Scored all;
    for (std::size_t i = 0; i < n; ++i) {
        const Philox::Block words = Philox::block(Philox::key(seed), {static_cast<std::uint32_t>(i), 0, 0, 0});
        const bool positive = i == 0 || (i != 1 && static_cast<double>(Philox::uniform(words[0])) < positives);
        const double raw =
            0.7 * static_cast<double>(Philox::uniform(words[1])) + (positive ? 0.3 * static_cast<double>(Philox::uniform(words[2])) : 0);
        all.scores.push_back(static_cast<float>(std::floor(raw * levels) / levels));
        all.labels.push_back(positive ? 1 : 0);
    }
    return all;
}

/// auROC by its meaning: over all pairs of a positive and a negative.
inline double auroc_of_pairs(const Scored& all) {
    double wins = 0, pairs = 0;
    for (std::size_t i = 0; i < all.scores.size(); ++i)
        for (std::size_t j = 0; j < all.scores.size(); ++j)
            if (all.labels[i] == 1 && all.labels[j] == 0) {
                wins += all.scores[i] > all.scores[j] ? 1 : all.scores[i] == all.scores[j] ? 0.5 : 0;
                pairs += 1;
            }
    return wins / pairs;
}

/// True and false positives at each threshold, from the highest.
struct Counts {
    double t = 0, f = 0;
};
inline std::vector<Counts> thresholds(const Scored& all) {
    std::vector<Counts> counts;
    for (const float threshold : std::set<float, std::greater<>>(all.scores.begin(), all.scores.end())) {
        Counts c;
        for (std::size_t i = 0; i < all.scores.size(); ++i)
            if (all.scores[i] >= threshold) (all.labels[i] == 1 ? c.t : c.f) += 1;
        counts.push_back(c);
    }
    return counts;
}

/// Area between thresholds, each span cut into `steps` per true positive, with straight lines between: Davis-Goadrich for 1 step, its
/// integral for many.
inline double davis_goadrich_in_steps(const Scored& all, int steps) {
    double area = 0;
    Counts before;
    const std::vector<Counts> counts = thresholds(all);
    for (const Counts& c : counts) {
        const double p = c.t - before.t;
        const auto precision = [&](double share) {
            const double t = before.t + share * p, f = before.f + share * (c.f - before.f);
            return t + f > 0 ? t / (t + f) : c.t / (c.t + c.f);
        };
        const int pieces = static_cast<int>(p) * steps;
        for (int i = 0; i < pieces; ++i)
            area += 0.5 * (precision(i / static_cast<double>(pieces)) + precision((i + 1) / static_cast<double>(pieces))) / steps;
        before = c;
    }
    return area / counts.back().t;
}

}  // namespace chromatid::test
