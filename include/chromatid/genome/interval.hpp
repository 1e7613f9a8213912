// SPDX-License-Identifier: MIT
#pragma once

#include <compare>
#include <cstdint>
#include <string>

namespace chromatid {

/// A stretch of one chromosome, half-open and counted from 0: `[start, end)`, as in BED. Ordered by chromosome name (byte by byte), then
/// start, then end. Nothing keeps it inside the chromosome: windows may reach past both ends.
struct Interval {
    std::string chrom;
    std::int64_t start = 0;
    std::int64_t end = 0;

    /// Number of bases.
    std::int64_t length() const { return end - start; }

    friend auto operator<=>(const Interval&, const Interval&) = default;
};

/// "chr1:100-200", in the half-open coordinates of the interval itself.
inline std::string to_string(const Interval& interval) {
    return interval.chrom + ':' + std::to_string(interval.start) + '-' + std::to_string(interval.end);
}

}  // namespace chromatid
