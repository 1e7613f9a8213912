// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/genome/interval.hpp>

#include <cstdint>

namespace chromatid {

/// The window of `length` bases around the middle of an interval: with middle m = floor((start + end) / 2) it is [m - floor(length / 2),
/// that + length). It may pass the chromosome's ends.
inline Interval centered_window(const Interval& interval, std::int64_t length) {
    const std::int64_t middle = (interval.start + interval.end) >> 1;  // rounds down below zero too
    const std::int64_t start = middle - length / 2;
    return {interval.chrom, start, start + length};
}

}  // namespace chromatid
