// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/dataset/bin_label.hpp>
#include <chromatid/dataset/peak_set.hpp>

#include <algorithm>
#include <cstdint>
#include <string>

namespace chromatid {

/// The label rule of the ENCODE-DREAM challenge. Counted are the conservative peaks that share at least half of the bin or half of themselves with
/// the bin, and the relaxed peaks that share any base. Unequal counts make the bin ambiguous; of equal ones, zero makes it unbound, else bound.
struct ChallengeLabel {
    PeakSet conservative;
    PeakSet relaxed;

    BinLabel operator()(const std::string& chrom, std::int64_t start, std::int64_t end) const {
        int certain = 0, any = 0;
        conservative.for_each_overlap(chrom, start, end, [&](std::int64_t from, std::int64_t to) {
            const std::int64_t shared = std::min(end, to) - std::max(start, from);
            certain += 2 * shared >= end - start || 2 * shared >= to - from ? 1 : 0;
        });
        relaxed.for_each_overlap(chrom, start, end, [&](std::int64_t, std::int64_t) { ++any; });
        if (certain != any) return BinLabel::ambiguous;
        return certain > 0 ? BinLabel::bound : BinLabel::unbound;
    }
};

}  // namespace chromatid
