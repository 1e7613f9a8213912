// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/error.hpp>
#include <chromatid/core/index.hpp>
#include <chromatid/core/parallel.hpp>
#include <chromatid/core/philox.hpp>
#include <chromatid/eval/confidence_interval.hpp>
#include <chromatid/eval/grouped_ranking.hpp>
#include <chromatid/eval/ranked_labels.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace chromatid {

/// Percentile intervals of measures by a block bootstrap: groups of elements are drawn with replacement, as many as there are.
///
/// Bins of 200 bases every 50 share bases, and peaks span several bins, so neighbouring bins are far from independent and drawing single
/// bins would give intervals that are too narrow. Groups should be stretches of genome much longer than a peak (`factornet evaluate` takes
/// up to 1 Mb). A draw without a positive or without a negative has no measures and is drawn again. Künsch, "The jackknife and the
/// bootstrap for general stationary observations", Ann. Statist. 1989.
///
///     const Bootstrap bootstrap{.replicates = 1000, .seed = 420};
///     const auto [roc, pr] = bootstrap.intervals(GroupedRanking(scores, labels, groups), [](const RankedLabels& r) { return std::array{auroc(r), auprc(r)}; });
///
/// A replicate is a pure function of the seed and its number, so intervals do not depend on the number of threads.
struct Bootstrap {
    Index replicates = 1000;
    std::uint64_t seed = 420;
    double level = 0.95;  ///< share of the replicates inside an interval

    /// How often each group is drawn in a replicate.
    /// \throws UsageError where 1,000 draws in a row had no positive or no negative
    std::vector<std::uint32_t> draw(const GroupedRanking& ranking, Index replicate) const {
        const auto groups = static_cast<std::uint32_t>(ranking.groups());
        std::vector<std::uint32_t> weights(groups);
        for (std::uint32_t attempt = 0; attempt < 1000; ++attempt) {
            std::fill(weights.begin(), weights.end(), 0U);
            Philox::Block words{};
            for (std::uint32_t i = 0; i < groups; ++i) {
                if (i % 4 == 0) words = Philox::block(Philox::key(seed), {i / 4, static_cast<std::uint32_t>(replicate), attempt, 0});
                ++weights[static_cast<std::size_t>(std::uint64_t{words[i % 4]} * groups >> 32)];
            }
            if (ranking.both_labels(weights)) return weights;
        }
        throw UsageError("bootstrap: no draw of the " + std::to_string(groups) +
                         " groups has a positive and a negative\n       make more and smaller groups");
    }

    /// \param measures  takes `const RankedLabels&`, gives a `std::array` of numbers; called from several threads
    /// \param pool      threads to share the replicates among
    /// \param advance   called with 1 after each replicate, from several threads; may throw to stop the work
    /// \return one `ConfidenceInterval` for each number
    /// \throws UsageError for fewer than 2 groups or replicates, a level outside (0, 1), and as `draw`
    template <class Measures, class Advance>
    auto intervals(const GroupedRanking& ranking, const Measures& measures, ThreadPool& pool, const Advance& advance) const {
        check(ranking);
        std::vector<decltype(measures(ranking.whole()))> values(static_cast<std::size_t>(replicates));
        pool.run(replicates, [&](Index r) {
            values[static_cast<std::size_t>(r)] = measures(ranking.weighted(draw(ranking, r)));
            advance(1);
        });
        constexpr std::size_t count = std::tuple_size_v<typename decltype(values)::value_type>;
        std::array<ConfidenceInterval, count> result;
        std::vector<double> one(values.size());
        for (std::size_t m = 0; m < count; ++m) {
            std::transform(values.begin(), values.end(), one.begin(), [&](const auto& v) { return v[m]; });
            result[m] = interval(one);
        }
        return result;
    }
    template <class Measures>
    auto intervals(const GroupedRanking& ranking, const Measures& measures) const {
        ThreadPool alone;
        return intervals(ranking, measures, alone, [](Index) {});
    }

  private:
    void check(const GroupedRanking& ranking) const {
        if (replicates < 2)
            throw UsageError("bootstrap: " + std::to_string(replicates) + " replicates; an interval needs at least 2 (1,000 are usual)");
        if (!(level > 0 && level < 1)) throw UsageError("bootstrap: the level " + std::to_string(level) + " does not lie between 0 and 1");
        if (ranking.groups() < 2)
            throw UsageError("bootstrap: there is one group of elements; at least 2 are needed\n       make smaller groups");
    }

    /// Percentiles between sorted values by straight lines.
    ConfidenceInterval interval(std::vector<double>& values) const {
        std::sort(values.begin(), values.end());
        const auto percentile = [&](double share) {
            const double place = share * static_cast<double>(values.size() - 1);
            const auto below = std::min(static_cast<std::size_t>(place), values.size() - 2);
            return values[below] + (place - static_cast<double>(below)) * (values[below + 1] - values[below]);
        };
        double mean = 0, squares = 0;
        for (const double v : values) mean += v / static_cast<double>(values.size());
        for (const double v : values) squares += (v - mean) * (v - mean);
        return {percentile((1 - level) / 2), percentile((1 + level) / 2), std::sqrt(squares / static_cast<double>(values.size() - 1))};
    }
};

}  // namespace chromatid
