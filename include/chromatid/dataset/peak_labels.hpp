// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/index.hpp>
#include <chromatid/dataset/label_rule.hpp>
#include <chromatid/dataset/peak_set.hpp>

#include <algorithm>
#include <cstdint>
#include <string>

namespace chromatid {

/// The label of any single bin, on a grid or not, by a label rule. `label_bins` finds the bound bins of a whole grid; this asks about one.
///
///     const PeakLabels<ChallengeLabels> label{PeakSet(conservative), PeakSet(relaxed)};
///     label("chr1", 600, 800);   // 1 bound, 0 unbound, -1 ambiguous
template <LabelRule Rule>
struct PeakLabels {
    PeakSet conservative;
    PeakSet relaxed;
    Rule rule{};

    int operator()(const std::string& chrom, std::int64_t start, std::int64_t end) const {
        Index binding = 0, touching = 0;
        conservative.for_each_overlap(chrom, start, end, [&](std::int64_t from, std::int64_t to) {
            const std::int64_t shared = std::min(end, to) - std::max(start, from);
            if (shared >= rule.least_overlap(end - start, to - from)) ++binding;
        });
        relaxed.for_each_overlap(chrom, start, end, [&](std::int64_t, std::int64_t) { ++touching; });
        return rule.of(binding, touching);
    }
};

}  // namespace chromatid
