// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/genome/chrom_sizes.hpp>
#include <chromatid/genome/interval_set.hpp>

#include <cstdint>

namespace chromatid {

/// The bases that no negative bin may touch: the peaks grown by `margin` on both sides (within their chromosomes), and the mask. FactorNet
/// takes the relaxed peaks of the factor for a single task (so that what is only perhaps bound is neither positive nor negative), and the
/// conservative peaks of all factors for several.
inline IntervalSet negative_exclusion(const IntervalSet& peaks, const ChromSizes& sizes, const IntervalSet& masked,
                                      std::int64_t margin = 200) {
    return peaks.slop(margin, sizes).unite(masked);
}

}  // namespace chromatid
