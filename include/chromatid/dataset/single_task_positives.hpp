// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/index.hpp>
#include <chromatid/dataset/bin.hpp>
#include <chromatid/genome/chrom_sizes.hpp>
#include <chromatid/genome/interval.hpp>
#include <chromatid/genome/interval_set.hpp>

#include <algorithm>
#include <cstdint>
#include <span>
#include <tuple>
#include <vector>

namespace chromatid {

/// The bin that stands for a peak, and how far it may move so that the two still share enough bases.
struct PeakBin {
    Bin bin;
    std::int64_t shift = 0;       ///< the bin moves by a number drawn from [-shift, shift]
    std::int64_t peak_start = 0;  ///< the peak itself
    std::int64_t peak_end = 0;

    friend bool operator==(const PeakBin&, const PeakBin&) = default;
};

/// What `single_task_positives` made of the peaks.
struct PeakBins {
    std::vector<PeakBin> bins;  ///< in the order of chromosomes, starts and ends of the peaks
    Index elsewhere = 0;        ///< peaks on chromosomes that the list does not have
    Index masked = 0;           ///< peaks with a base in the mask
};

/// FactorNet's positives of one factor in one cell: one bin per peak around the peak's middle m = floor((start + end) / 2), whatever its
/// summit, [m - width / 2, that + width). A peak that shares a base with `masked` gives none. The farthest shift is end - bin start -
/// `least_overlap`.
/// \param least_overlap  bases that a shifted bin must share with its peak (on the left of a peak of odd length it may be one less)
inline PeakBins single_task_positives(std::span<const Interval> peaks, const ChromSizes& sizes, const IntervalSet& masked,
                                      std::int64_t width = 200, std::int64_t least_overlap = 76) {
    PeakBins result;
    for (const Interval& peak : peaks) {
        const auto chromosome = sizes.find(peak.chrom);
        if (!chromosome) ++result.elsewhere;
        else if (masked.any_overlap(peak)) ++result.masked;
        else {
            const std::int64_t start = (peak.start + peak.end) / 2 - width / 2;
            result.bins.push_back(
                {{*chromosome, start}, std::max<std::int64_t>(0, peak.end - start - least_overlap), peak.start, peak.end});
        }
    }
    std::stable_sort(result.bins.begin(), result.bins.end(), [](const PeakBin& a, const PeakBin& b) {
        return std::tie(a.bin.chromosome, a.peak_start, a.peak_end) < std::tie(b.bin.chromosome, b.peak_start, b.peak_end);
    });
    return result;
}

}  // namespace chromatid
