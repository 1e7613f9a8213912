// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/error.hpp>
#include <chromatid/core/index.hpp>
#include <chromatid/eval/ranked_labels.hpp>

#include <span>
#include <string>

namespace chromatid {

/// Recall at the lowest threshold at which at most the share `fdr` of the called bins is wrong (precision at least 1 - fdr); 0 where no
/// threshold gets there. Equal scores are called together, as in the ENCODE-DREAM challenge. A share of exactly `fdr` counts, whatever the
/// rounding.
/// \param fdr  false discovery rate in [0, 1]: 0.1 for 10 %
/// \throws UsageError for another `fdr`
inline double recall_at_fdr(const RankedLabels& ranked, double fdr) {
    if (!(fdr >= 0 && fdr <= 1))
        throw UsageError("a false discovery rate of " + std::to_string(fdr) + ": it lies between 0 and 1 (0.1 is 10 %)");
    constexpr double rounding = 1 + 1e-12;
    Index t = 0, f = 0, best = 0;
    for (const auto& [score, p, n] : ranked.blocks()) {
        t += p;
        f += n;
        if (static_cast<double>(f) <= fdr * static_cast<double>(t + f) * rounding) best = t;
    }
    return static_cast<double>(best) / static_cast<double>(ranked.positives());
}

/// \throws UsageError as `RankedLabels`, and for an `fdr` outside [0, 1]
template <class Labels>
double recall_at_fdr(std::span<const float> scores, const Labels& labels, double fdr) {
    return recall_at_fdr(RankedLabels(scores, labels), fdr);
}

}  // namespace chromatid
