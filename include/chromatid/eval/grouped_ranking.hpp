// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/index.hpp>
#include <chromatid/eval/ranked_labels.hpp>
#include <chromatid/eval/sorted_scores.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace chromatid {

/// Labels ranked by score with the group (a stretch of genome, a fold) of each element: gives the ranking in which each group counts a
/// number of times, without another sort. That is what a bootstrap and a cross-validated score need. Reading is safe from many threads.
///
/// Memory is 8 bytes per element at most while in use and twice that while it is made; elements of one group, label and block of scores
/// share them.
class GroupedRanking {
  public:
    /// \param labels  as for `RankedLabels`
    /// \param groups  the number of each element's group, from 0; as many as scores
    /// \throws UsageError as `RankedLabels`, and for another number of groups
    template <class Labels>
    GroupedRanking(std::span<const float> scores, const Labels& labels, std::span<const std::uint32_t> groups) {
        detail::check_as_many(scores.size(), groups.size(), "groups");
        const std::span all(std::data(labels), std::size(labels));
        for (const std::uint32_t g : groups) group_count_ = std::max(group_count_, std::size_t{g} + 1);
        detail::check_as_many(scores.size(), std::max(scores.size(), group_count_), "groups");
        build(detail::sorted_scores(scores, all, [&](std::size_t i) { return groups[i]; }));
        whole();
    }

    /// One more than the largest group number.
    Index groups() const { return static_cast<Index>(group_count_); }

    /// Every element once.
    RankedLabels whole() const { return weighted(std::vector<std::uint32_t>(group_count_, 1)); }

    /// Every element of group g `weights[g]` times.
    /// \throws UsageError where that holds no positive or no negative
    RankedLabels weighted(std::span<const std::uint32_t> weights) const {
        std::vector<RankedLabels::Block> blocks;
        std::size_t at = 0;
        const auto sum = [&](std::size_t end) {
            Index n = 0;
            for (; at < end; ++at) n += Index{weights[entries_[at].group]} * Index{entries_[at].count};
            return n;
        };
        for (const Block& block : blocks_) {
            const Index positives = sum(block.positives_end), negatives = sum(block.negatives_end);
            if (positives + negatives > 0) blocks.push_back({block.score, positives, negatives});
        }
        return RankedLabels(blocks);
    }

    /// Whether `weighted` would hold a positive and a negative.
    bool both_labels(std::span<const std::uint32_t> weights) const {
        bool positive = false, negative = false;
        for (std::size_t g = 0; g < group_count_; ++g) {
            positive = positive || (weights[g] > 0 && positives_[g]);
            negative = negative || (weights[g] > 0 && negatives_[g]);
        }
        return positive && negative;
    }

  private:
    struct Entry {
        std::uint32_t group, count;
    };
    struct Block {
        float score;
        std::size_t positives_end, negatives_end;  ///< where its entries end: those of positives, then those of negatives
    };

    /// Adds the entries of sorted groups.
    void append(std::vector<std::uint32_t>& groups, std::vector<bool>& seen) {
        std::sort(groups.begin(), groups.end());
        for (std::size_t i = 0; i < groups.size(); ++i) {
            if (i > 0 && groups[i] == groups[i - 1]) ++entries_.back().count;
            else entries_.push_back({groups[i], 1});
            seen[groups[i]] = true;
        }
        groups.clear();
    }

    void build(const std::vector<std::uint64_t>& keys) {
        positives_.resize(group_count_);
        negatives_.resize(group_count_);
        std::vector<std::uint32_t> positive, negative;
        bool open = false;  // the block at hand has no positive so far, so the next score may join it
        for (std::size_t i = 0; i < keys.size();) {
            const std::uint64_t order = keys[i] >> 32;
            const std::size_t first = i;
            std::size_t found = 0;
            for (; i < keys.size() && keys[i] >> 32 == order; ++i) found += keys[i] & 1;
            if (found > 0 && open) close(keys[first - 1], positive, negative);
            for (std::size_t k = first; k < i; ++k) (keys[k] & 1 ? positive : negative).push_back(static_cast<std::uint32_t>(keys[k]) >> 1);
            open = found == 0;
            if (!open || i == keys.size()) close(keys[first], positive, negative);
        }
        entries_.shrink_to_fit();
    }

    void close(std::uint64_t key, std::vector<std::uint32_t>& positive, std::vector<std::uint32_t>& negative) {
        append(positive, positives_);
        const std::size_t positives_end = entries_.size();
        append(negative, negatives_);
        blocks_.push_back({detail::score_of(key), positives_end, entries_.size()});
    }

    std::vector<Entry> entries_;
    std::vector<Block> blocks_;
    std::vector<bool> positives_, negatives_;  ///< whether a group has any
    std::size_t group_count_ = 0;
};

}  // namespace chromatid
