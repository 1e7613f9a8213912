// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/error.hpp>
#include <chromatid/core/index.hpp>
#include <chromatid/genome/chrom_sizes.hpp>
#include <chromatid/genome/interval.hpp>
#include <chromatid/genome/interval_set.hpp>
#include <chromatid/scan/scan_bins.hpp>

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace chromatid {

/// Which bins of a genome are scanned, as runs of neighbouring bins, in the order of the chromosomes and along each.
///
/// All bins start at a multiple of the stride, wherever the regions begin: a scan of regions gives a part of what a scan of the chromosome
/// gives. A bin belongs to a region that holds all of it; so none passes a chromosome's end, and a region shorter than a bin has none.
/// Regions that overlap or touch count as one.
class ScanRegions {
  public:
    /// `count` bins, the first at base `first` of a chromosome.
    struct Run {
        Index chromosome = 0;  ///< place in `chromosomes()`
        std::int64_t first = 0;
        Index count = 0;

        friend bool operator==(const Run&, const Run&) = default;
    };

    /// \throws UsageError for a chromosome that `sizes` does not list, or for bins without a base or without a stride
    ScanRegions(ChromSizes sizes, const IntervalSet& regions, ScanBins bins = {}) : sizes_(std::move(sizes)), bins_(bins) {
        if (bins_.length < 1 || bins_.stride < 1)
            throw UsageError("bins of " + std::to_string(bins_.length) + " bases every " + std::to_string(bins_.stride) +
                             ": both must be at least 1");
        for (const Interval& region : regions.intervals()) sizes_.place_of(region.chrom);
        for (Index place = 0; place < sizes_.size(); ++place)
            for (const IntervalSet::Span& span : regions.spans(sizes_[place].name)) add(place, span);
    }

    /// Whole chromosomes.
    /// \throws UsageError as above
    static ScanRegions whole(const ChromSizes& sizes, std::span<const std::string> chromosomes, ScanBins bins = {}) {
        std::vector<Interval> regions;
        for (const std::string& name : chromosomes) regions.push_back({name, 0, sizes.size_of(name)});
        return {sizes, IntervalSet(regions), bins};
    }
    static ScanRegions whole(const ChromSizes& sizes, ScanBins bins = {}) {
        std::vector<std::string> all;
        for (const Chromosome& c : sizes) all.push_back(c.name);
        return whole(sizes, all, bins);
    }

    /// The runs on one chromosome alone.
    ScanRegions on(Index chromosome) const {
        ScanRegions part = *this;
        std::erase_if(part.runs_, [&](const Run& run) { return run.chromosome != chromosome; });
        return part;
    }

    const ChromSizes& chromosomes() const { return sizes_; }
    const ScanBins& bins() const { return bins_; }
    const std::vector<Run>& runs() const { return runs_; }
    /// Number of bins.
    std::int64_t size() const {
        std::int64_t n = 0;
        for (const Run& run : runs_) n += run.count;
        return n;
    }
    /// Bin i of a run.
    Interval bin(const Run& run, Index i) const {
        const std::int64_t start = run.first + i * bins_.stride;
        return {sizes_[run.chromosome].name, start, start + bins_.length};
    }

  private:
    void add(Index chromosome, const IntervalSet::Span& span) {
        const std::int64_t start = std::max<std::int64_t>(span.start, 0), end = std::min(span.end, sizes_[chromosome].size);
        const std::int64_t first = (start + bins_.stride - 1) / bins_.stride * bins_.stride;
        if (first + bins_.length <= end) runs_.push_back({chromosome, first, (end - first - bins_.length) / bins_.stride + 1});
    }

    ChromSizes sizes_;
    ScanBins bins_;
    std::vector<Run> runs_;
};

}  // namespace chromatid
