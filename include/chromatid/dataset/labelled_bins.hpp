// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/index.hpp>
#include <chromatid/dataset/bin.hpp>
#include <chromatid/dataset/label_rule.hpp>
#include <chromatid/genome/chrom_sizes.hpp>
#include <chromatid/genome/interval.hpp>
#include <chromatid/genome/interval_set.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace chromatid {

/// Peaks of one factor in one cell.
struct FactorPeaks {
    std::string factor;
    std::vector<Interval> conservative;
    std::vector<Interval> relaxed;  ///< empty where there are none
};

/// Bins of a grid with a label for each factor.
struct LabelledBins {
    std::vector<Bin> bins;            ///< sorted
    std::vector<std::int8_t> labels;  ///< (bins, factors): 1, 0 or -1 (`ambiguous`)
    Index factors = 0;

    /// The labels of a bin, one for each factor.
    std::span<const std::int8_t> of(Index bin) const {
        return std::span(labels).subspan(static_cast<std::size_t>(bin * factors), static_cast<std::size_t>(factors));
    }
};

/// The bases in conservative peaks of any of the factors, on the listed chromosomes.
inline IntervalSet peak_union(std::span<const FactorPeaks> factors, const ChromSizes& sizes) {
    std::vector<Interval> all;
    for (const FactorPeaks& f : factors)
        std::copy_if(f.conservative.begin(), f.conservative.end(), std::back_inserter(all),
                     [&](const Interval& i) { return sizes.contains(i.chrom); });
    return IntervalSet(all);
}

namespace detail {

/// Numbers of the whole bins of a grid that share at least `least` bases with [start, end): first, and one past the last.
inline std::pair<std::int64_t, std::int64_t> bins_sharing(const BinGrid& grid, std::int64_t size, std::int64_t start, std::int64_t end,
                                                          std::int64_t least) {
    const std::int64_t from = std::max<std::int64_t>(0, start - (grid.width - least));
    const std::int64_t to = std::min(end - least, size - grid.width);
    if (least > grid.width || least > end - start || to < from) return {0, 0};
    const std::int64_t first = (from + grid.step - 1) / grid.step;
    return {first, std::max(first, to / grid.step + 1)};
}

/// Bins that a factor's peaks may label 1 (or the merged peaks of all, by the rule), sorted, those that touch the mask left out.
template <LabelRule Rule>
std::vector<Bin> bins_to_label(const Rule& rule, const BinGrid& grid, const ChromSizes& sizes, std::span<const FactorPeaks> factors,
                               const IntervalSet& masked) {
    std::vector<Interval> runs;  // of bin numbers
    const auto add = [&](const Interval& peak) {
        const auto chromosome = sizes.find(peak.chrom);
        if (!chromosome) return;
        const auto [first, last] =
            bins_sharing(grid, sizes[*chromosome].size, peak.start, peak.end, rule.least_overlap(grid.width, peak.length()));
        if (first < last) runs.push_back({peak.chrom, first, last});
    };
    if (Rule::merged) {
        for (const Interval& peak : peak_union(factors, sizes).intervals()) add(peak);
    } else {
        for (const FactorPeaks& f : factors) std::for_each(f.conservative.begin(), f.conservative.end(), add);
    }
    const IntervalSet numbers(runs);
    std::vector<Bin> bins;
    for (Index c = 0; c < sizes.size(); ++c) {
        const std::span<const IntervalSet::Span> mask = masked.spans(sizes[c].name);
        auto next = mask.begin();
        for (const IntervalSet::Span& run : numbers.spans(sizes[c].name))
            for (std::int64_t number = run.start; number < run.end; ++number) {
                const std::int64_t start = number * grid.step;
                while (next != mask.end() && next->end <= start) ++next;
                if (next == mask.end() || next->start >= start + grid.width) bins.push_back({c, start});
            }
    }
    return bins;
}

/// Adds 1 to the counter of each bin that shares at least `least(peak)` bases with a peak, for each peak; counters stop at 255.
template <class Least>
void count_peaks(const BinGrid& grid, const ChromSizes& sizes, std::span<const Bin> bins, std::span<const Interval> peaks,
                 const Least& least, std::vector<std::uint8_t>& counts) {
    counts.assign(bins.size(), 0);
    for (const Interval& peak : peaks) {
        const auto chromosome = sizes.find(peak.chrom);
        if (!chromosome) continue;
        const auto [first, last] = bins_sharing(grid, sizes[*chromosome].size, peak.start, peak.end, least(peak));
        if (first >= last) continue;
        auto at = static_cast<std::size_t>(std::lower_bound(bins.begin(), bins.end(), Bin{*chromosome, first * grid.step}) - bins.begin());
        for (; at < bins.size() && bins[at] < Bin{*chromosome, last * grid.step}; ++at)
            if (counts[at] < 255) ++counts[at];
    }
}

}  // namespace detail

/// The bins of a grid that at least one factor binds by a label rule, with the labels of all factors. Bins that share a base with `masked`
/// are left out, so are those that the end of a chromosome cuts short. Peaks on chromosomes that `sizes` does not list are ignored.
///
/// By FactorNet's rule a bin may be there without any label 1: peaks of two factors side by side can bind it together and neither alone.
/// Time and memory go with the number of peaks and of bins found, not with the length of the genome.
template <LabelRule Rule>
LabelledBins label_bins(const Rule& rule, const BinGrid& grid, const ChromSizes& sizes, std::span<const FactorPeaks> factors,
                        const IntervalSet& masked) {
    LabelledBins all{detail::bins_to_label(rule, grid, sizes, factors, masked), {}, static_cast<Index>(factors.size())};
    const std::size_t tasks = factors.size();
    all.labels.resize(all.bins.size() * tasks);
    std::vector<std::uint8_t> conservative, relaxed;
    for (std::size_t t = 0; t < tasks; ++t) {
        detail::count_peaks(
            grid, sizes, all.bins, factors[t].conservative, [&](const Interval& p) { return rule.least_overlap(grid.width, p.length()); },
            conservative);
        detail::count_peaks(
            grid, sizes, all.bins, factors[t].relaxed, [](const Interval&) { return std::int64_t{1}; }, relaxed);
        for (std::size_t i = 0; i < all.bins.size(); ++i)
            all.labels[i * tasks + t] = static_cast<std::int8_t>(rule.of(conservative[i], relaxed[i]));
    }
    if (Rule::merged) return all;

    std::size_t kept = 0;
    for (std::size_t i = 0; i < all.bins.size(); ++i) {
        const auto row = all.labels.begin() + static_cast<std::ptrdiff_t>(i * tasks);
        if (std::find(row, row + static_cast<std::ptrdiff_t>(tasks), std::int8_t{1}) == row + static_cast<std::ptrdiff_t>(tasks)) continue;
        all.bins[kept] = all.bins[i];
        std::copy_n(row, tasks, all.labels.begin() + static_cast<std::ptrdiff_t>(kept * tasks));
        ++kept;
    }
    all.bins.resize(kept);
    all.labels.resize(kept * tasks);
    return all;
}

}  // namespace chromatid
