// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/error.hpp>
#include <chromatid/core/index.hpp>
#include <chromatid/dataset/bin.hpp>
#include <chromatid/dataset/data_draws.hpp>
#include <chromatid/dataset/keyed_permutation.hpp>
#include <chromatid/dataset/negative_sampler.hpp>
#include <chromatid/genome/chrom_sizes.hpp>
#include <chromatid/genome/interval_set.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace chromatid {

/// FactorNet's own negatives for a single task, as bedtools shuffle -incl -excl -noOverlapping makes them: the negatives of all epochs are
/// placed before training, none of a cell's shares a base with an excluded one or with another one of the same cell, and one for which a
/// thousand tries find no place is left out; after a hundred such in a row the cell is taken to be full, and the rest is left out untried.
/// Those of all cells are mixed and dealt out to the epochs in order; where some were left out the last epochs get fewer.
class NonOverlappingNegatives {
  public:
    static constexpr std::uint32_t tries = 1000;
    static constexpr Index failures_when_full = 100;

    /// One cell's part.
    struct Cell {
        IntervalSet excluded;
        Index count = 0;  ///< negatives in an epoch
    };

    /// \param chromosomes  places in `sizes` where negatives may lie
    /// \param width  bases of a bin, at most 65,535
    /// \param epochs  how many the run may have; later ones have no negatives
    NonOverlappingNegatives(const ChromSizes& sizes, std::span<const Index> chromosomes, std::span<const Cell> cells, std::int64_t width,
                            Index epochs, DataDraws draws) {
        auto placed = std::make_shared<Placed>();
        placed->epochs = epochs;
        std::int64_t total = 0;
        for (const Index c : chromosomes) {
            placed->chromosomes.push_back({c, total});
            total += sizes[c].size;
        }
        for (Index c = 0; c < static_cast<Index>(cells.size()); ++c) {
            const Cell& cell = cells[static_cast<std::size_t>(c)];
            placed->per_epoch += cell.count;
            Shuffle shuffle(sizes, chromosomes, cell.excluded, width, {draws.seed_of(c), draws.purpose});
            const Index wanted = cell.count * epochs;
            Index found = 0;
            for (Index i = 0, failures = 0; i < wanted && failures < failures_when_full; ++i) {
                const std::optional<std::int64_t> position = shuffle.place(i);
                failures = position ? 0 : failures + 1;
                if (!position) continue;
                placed->negatives.push_back(static_cast<std::uint64_t>(c) << position_bits | static_cast<std::uint64_t>(*position));
                ++found;
            }
            placed->dropped += wanted - found;
        }
        order_.emplace(static_cast<Index>(placed->negatives.size()), draws.seed,
                       static_cast<std::uint64_t>(DataDraws::Purpose::negative_order) << 32);
        placed_ = std::move(placed);
    }

    Index count(Index epoch) const {
        if (epoch >= placed_->epochs) return 0;
        const Index left = static_cast<Index>(placed_->negatives.size()) - epoch * placed_->per_epoch;
        return std::clamp<Index>(left, 0, placed_->per_epoch);
    }

    Negative operator()(Index epoch, Index index) const {
        const std::uint64_t packed = placed_->negatives[static_cast<std::size_t>((*order_)(epoch * placed_->per_epoch + index))];
        const auto position = static_cast<std::int64_t>(packed & ((std::uint64_t{1} << position_bits) - 1));
        const auto chromosome = std::upper_bound(placed_->chromosomes.begin(), placed_->chromosomes.end(), position,
                                                 [](std::int64_t p, const Offset& c) { return p < c.offset; }) -
                                1;
        return {{chromosome->place, position - chromosome->offset}, static_cast<Index>(packed >> position_bits)};
    }

    /// Negatives that found no place.
    Index dropped() const { return placed_->dropped; }

  private:
    static constexpr int position_bits = 40;

    /// A chromosome, and its first base when those where negatives may lie are laid end to end.
    struct Offset {
        Index place;
        std::int64_t offset;
    };

    struct Placed {
        std::vector<Offset> chromosomes;
        std::vector<std::uint64_t> negatives;  // cell, and first base with the chromosomes end to end
        Index per_epoch = 0, epochs = 0, dropped = 0;
    };

    /// Places the bins of one cell. Bins of one width that do not overlap begin in different stretches of that width, so one number per
    /// stretch says where.
    class Shuffle {
      public:
        Shuffle(const ChromSizes& sizes, std::span<const Index> chromosomes, const IntervalSet& excluded, std::int64_t width,
                DataDraws draws)
            : width_(width), draws_(draws) {
            if (width < 1 || width > 65'535)
                throw UsageError("negative bins of " + std::to_string(width) + " bases: 1 to 65,535 can be placed without overlap");
            for (const Index c : chromosomes) {
                chromosomes_.push_back({total_, sizes[c].size, excluded.spans(sizes[c].name),
                                        std::vector<std::uint16_t>(static_cast<std::size_t>(sizes[c].size / width + 3))});
                total_ += sizes[c].size;
            }
        }

        /// Where the bin number `index` begins with the chromosomes end to end, or nothing where no try found a place.
        std::optional<std::int64_t> place(Index index) {
            for (std::uint32_t attempt = 0; attempt < tries && total_ > 0; ++attempt) {
                const std::int64_t at = draws_.below(total_, 0, index, attempt);
                auto chromosome = std::upper_bound(chromosomes_.begin(), chromosomes_.end(), at,
                                                   [](std::int64_t a, const auto& c) { return a < c.offset; }) -
                                  1;
                const std::int64_t start = at - chromosome->offset;
                if (start + width_ > chromosome->size || is_excluded(chromosome->excluded, start) || !take(chromosome->taken, start))
                    continue;
                return at;
            }
            return std::nullopt;
        }

      private:
        struct OneChromosome {
            std::int64_t offset, size;
            std::span<const IntervalSet::Span> excluded;
            std::vector<std::uint16_t> taken;  // one more than where in stretch i - 1 a bin begins, or 0
        };

        bool is_excluded(std::span<const IntervalSet::Span> spans, std::int64_t start) const {
            const auto after = std::upper_bound(spans.begin(), spans.end(), start,
                                                [](std::int64_t s, const IntervalSet::Span& span) { return s < span.end; });
            return after != spans.end() && after->start < start + width_;
        }

        bool take(std::vector<std::uint16_t>& taken, std::int64_t start) const {
            const auto stretch = static_cast<std::size_t>(start / width_ + 1);
            const auto offset = static_cast<std::uint16_t>(start % width_ + 1);
            if (taken[stretch] != 0 || taken[stretch - 1] > offset || (taken[stretch + 1] != 0 && taken[stretch + 1] < offset))
                return false;
            taken[stretch] = offset;
            return true;
        }

        std::int64_t width_;
        DataDraws draws_;
        std::int64_t total_ = 0;
        std::vector<OneChromosome> chromosomes_;
    };

    std::shared_ptr<const Placed> placed_;
    std::optional<KeyedPermutation> order_;
};

}  // namespace chromatid
