// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/index.hpp>
#include <chromatid/eval/auprc.hpp>
#include <chromatid/eval/auroc.hpp>
#include <chromatid/eval/grouped_ranking.hpp>
#include <chromatid/eval/ranked_labels.hpp>
#include <chromatid/eval/recall_at_fdr.hpp>
#include <chromatid/eval/sorted_scores.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace chromatid {

/// The four measures by which the ENCODE-DREAM challenge ranked.
struct DreamMeasures {
    static constexpr std::size_t folds = 10;

    double auroc = 0;
    double auprc = 0;  ///< Davis-Goadrich
    double recall_at_10_fdr = 0;
    double recall_at_50_fdr = 0;

    static DreamMeasures of(const RankedLabels& ranked) {
        return {chromatid::auroc(ranked), chromatid::auprc(ranked), recall_at_fdr(ranked, 0.1), recall_at_fdr(ranked, 0.5)};
    }

    /// The measures of the challenge's ten overlapping subsets. The elements of each label are cut, in their order, into ten parts as even
    /// as can be (the first ones longer); fold k is all but the k-th part of each, about 90 % of the elements.
    /// \throws UsageError as `RankedLabels`; also for a single positive or negative, which one of the folds lacks
    template <class Labels>
    static std::array<DreamMeasures, folds> of_folds(std::span<const float> scores, const Labels& labels) {
        const std::span all(std::data(labels), std::size(labels));
        std::array<std::size_t, 2> count{}, seen{};
        for (std::size_t i = 0; i < all.size(); ++i)
            if (const int label = detail::label_value(all[i], i); label >= 0) ++count[static_cast<std::size_t>(label)];
        std::vector<std::uint32_t> part(all.size());
        for (std::size_t i = 0; i < all.size(); ++i) {
            const int value = detail::label_value(all[i], i);
            if (value < 0) continue;
            const auto label = static_cast<std::size_t>(value);
            part[i] = part_of(seen[label]++, count[label]);
        }
        const GroupedRanking ranking(scores, labels, part);
        std::array<DreamMeasures, folds> result;
        for (std::size_t k = 0; k < folds; ++k) {
            std::vector<std::uint32_t> weights(static_cast<std::size_t>(ranking.groups()), 1);
            if (k < weights.size()) weights[k] = 0;
            result[k] = of(ranking.weighted(weights));
        }
        return result;
    }

  private:
    /// Part of the i-th of n elements: the first n % folds parts hold one more than the others.
    static std::uint32_t part_of(std::size_t i, std::size_t n) {
        const std::size_t size = n / folds, longer = n % folds;
        return static_cast<std::uint32_t>(i < longer * (size + 1) ? i / (size + 1) : longer + (i - longer * (size + 1)) / size);
    }
};

}  // namespace chromatid
