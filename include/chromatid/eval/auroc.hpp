// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/index.hpp>
#include <chromatid/eval/ranked_labels.hpp>

#include <span>

namespace chromatid {

/// Area under the receiver operating characteristic: the chance that a positive scores higher than a negative, where equal scores count
/// half.
///
///     sum over blocks of p_b * (negatives below b + n_b / 2), divided by positives * negatives
inline double auroc(const RankedLabels& ranked) {
    double wins = 0;
    Index below = ranked.negatives();
    for (const RankedLabels::Block& block : ranked.blocks()) {
        below -= block.negatives;
        wins += static_cast<double>(block.positives) * (static_cast<double>(below) + 0.5 * static_cast<double>(block.negatives));
    }
    return wins / static_cast<double>(ranked.positives()) / static_cast<double>(ranked.negatives());
}

/// \throws UsageError as `RankedLabels`
template <class Labels>
double auroc(std::span<const float> scores, const Labels& labels) {
    return auroc(RankedLabels(scores, labels));
}

}  // namespace chromatid
