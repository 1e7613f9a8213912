// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/genome/chrom_sizes.hpp>
#include <chromatid/genome/interval_set.hpp>

#include <algorithm>
#include <cstdint>
#include <vector>

namespace chromatid {

/// The bases that no window may touch, by FactorNet's rule: the raw regions grown by one window length on both sides, and the first and
/// last `window_length` bases of each chromosome. Raw regions on chromosomes that `sizes` does not list are ignored.
inline IntervalSet blacklist(const IntervalSet& raw, const ChromSizes& sizes, std::int64_t window_length) {
    std::vector<Interval> ends;
    for (const Chromosome& c : sizes) {
        const std::int64_t edge = std::min(window_length, c.size);
        ends.push_back({c.name, 0, edge});
        ends.push_back({c.name, c.size - edge, c.size});
    }
    return raw.slop(window_length, sizes).unite(IntervalSet(ends));
}

}  // namespace chromatid
