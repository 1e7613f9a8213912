// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/index.hpp>
#include <chromatid/eval/ranked_labels.hpp>

#include <span>
#include <vector>

namespace chromatid {

/// A point of a precision-recall curve: what calling every score of at least `threshold` bound would give.
struct PrecisionRecall {
    float threshold = 0;
    double precision = 0;
    double recall = 0;
};

/// The points of the curve at which recall grows, by falling threshold. Thresholds that add nothing but false positives are left out.
inline std::vector<PrecisionRecall> precision_recall_curve(const RankedLabels& ranked) {
    std::vector<PrecisionRecall> curve;
    Index t = 0, f = 0;
    for (const auto& [score, p, n] : ranked.blocks()) {
        t += p;
        f += n;
        if (p > 0)
            curve.push_back({score, static_cast<double>(t) / static_cast<double>(t + f),
                             static_cast<double>(t) / static_cast<double>(ranked.positives())});
    }
    return curve;
}

/// \throws UsageError as `RankedLabels`
template <class Labels>
std::vector<PrecisionRecall> precision_recall_curve(std::span<const float> scores, const Labels& labels) {
    return precision_recall_curve(RankedLabels(scores, labels));
}

}  // namespace chromatid
