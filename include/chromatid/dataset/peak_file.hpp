// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/error.hpp>
#include <chromatid/genome/chrom_sizes.hpp>
#include <chromatid/genome/interval.hpp>
#include <chromatid/io/bed.hpp>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

namespace chromatid::detail {

/// \throws UsageError where there are intervals and none lies on a chromosome of the list
inline void expect_same_names(const std::string& file, const std::vector<Interval>& intervals, const ChromSizes& sizes) {
    if (intervals.empty() || std::any_of(intervals.begin(), intervals.end(), [&](const Interval& i) { return sizes.contains(i.chrom); }))
        return;
    throw UsageError("chromosome names do not match: " + file + " says \"" + intervals.front().chrom + "\", the chromosome sizes say \"" +
                     (sizes.empty() ? "" : sizes[0].name) + "\"\n       rename one side");
}

/// Peaks of a BED or narrowPeak file.
/// \throws UsageError for a file without peaks, or whose chromosomes have other names; IoError, FormatError as `BedReader`
inline std::vector<Interval> read_peaks(const std::filesystem::path& path, const ChromSizes& sizes) {
    std::vector<Interval> peaks = read_bed(path);
    if (peaks.empty()) throw UsageError(path.string() + ": there is no peak in this file");
    expect_same_names(path.string(), peaks, sizes);
    return peaks;
}

}  // namespace chromatid::detail
