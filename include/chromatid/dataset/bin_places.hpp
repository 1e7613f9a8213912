// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/error.hpp>
#include <chromatid/core/index.hpp>
#include <chromatid/dataset/bin.hpp>
#include <chromatid/genome/chrom_sizes.hpp>
#include <chromatid/genome/interval_set.hpp>

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace chromatid {

/// All places where a bin fits on some chromosomes without sharing a base with an excluded set, numbered along the genome. To draw a number
/// is to draw a place, each with the same probability: what bedtools shuffle does by trying until it fits, without the tries.
class BinPlaces {
  public:
    /// \param chromosomes  places in `sizes`
    /// \param grid  its width, and its step: bins begin at any base with 1, at multiples of it otherwise
    /// \throws UsageError where no bin fits
    BinPlaces(const ChromSizes& sizes, std::span<const Index> chromosomes, const IntervalSet& excluded, const BinGrid& grid)
        : step_(grid.step) {
        for (const Index c : chromosomes) {
            std::int64_t free = 0;  // first base after the excluded stretch before
            const auto add = [&](std::int64_t end) {
                const std::int64_t first = (free + grid.step - 1) / grid.step;
                const std::int64_t last = end - grid.width < 0 ? -1 : (end - grid.width) / grid.step;
                if (last < first) return;
                runs_.push_back({size_, c, first});
                size_ += last - first + 1;
            };
            for (const IntervalSet::Span& span : excluded.spans(sizes[c].name)) {
                add(std::min(span.start, sizes[c].size));
                free = std::max(free, span.end);
            }
            add(sizes[c].size);
        }
        if (size_ == 0)
            throw UsageError("there is no place for a negative bin of " + std::to_string(grid.width) + " bases on " +
                             std::to_string(chromosomes.size()) + (chromosomes.size() == 1 ? " chromosome" : " chromosomes") +
                             ": peaks, their margins and the blacklist cover all\n       use a smaller margin, or a shorter window, by "
                             "which the blacklist grows");
    }

    /// Number of places.
    std::int64_t size() const { return size_; }

    /// The bin at a place; `place` must be in [0, size).
    Bin operator[](std::int64_t place) const {
        const auto after =
            std::upper_bound(runs_.begin(), runs_.end(), place, [](std::int64_t p, const Run& run) { return p < run.first_place; });
        const Run& run = *(after - 1);
        return {run.chromosome, (run.first_number + place - run.first_place) * step_};
    }

  private:
    struct Run {
        std::int64_t first_place;
        Index chromosome;
        std::int64_t first_number;  // of its bins, each a step further
    };

    std::int64_t step_;
    std::int64_t size_ = 0;
    std::vector<Run> runs_;
};

}  // namespace chromatid
