// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/error.hpp>
#include <chromatid/core/index.hpp>
#include <chromatid/eval/sorted_scores.hpp>

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace chromatid {

/// Labels in the order of falling scores: all that auROC, auPR and recall need of scores and labels, made by one sort.
///
/// Elements of equal score are one block, so they enter every measure together. Neighbouring blocks without a positive are merged, which
/// changes no measure: 9 million bins with 40,000 bound ones become at most 80,001 blocks.
class RankedLabels {
  public:
    /// Elements whose scores no threshold with another result tells apart.
    struct Block {
        float score = 0;  ///< lowest of the block
        Index positives = 0;
        Index negatives = 0;
        friend bool operator==(const Block&, const Block&) = default;
    };

    /// \param labels  1 positive, 0 negative, -1 (255 where the type is unsigned) left out; as many as scores, in contiguous memory
    /// \throws UsageError for different numbers, a score that is NaN, another label, no positive or no negative
    template <class Labels>
    RankedLabels(std::span<const float> scores, const Labels& labels) {
        for (const std::uint64_t key : detail::sorted_scores(scores, std::span(std::data(labels), std::size(labels)))) {
            const float score = detail::score_of(key);
            const bool positive = (key & 1) != 0;
            if (blocks_.empty() || blocks_.back().score != score) blocks_.push_back({score, 0, 0});
            ++(positive ? blocks_.back().positives : blocks_.back().negatives);
        }
        finish(std::exchange(blocks_, {}));
    }

    /// \param blocks  by falling score
    /// \throws UsageError where they hold no positive or no negative
    explicit RankedLabels(const std::vector<Block>& blocks) { finish(blocks); }

    /// By falling score; no two neighbours are without a positive.
    std::span<const Block> blocks() const { return blocks_; }
    Index positives() const { return positives_; }
    Index negatives() const { return negatives_; }

  private:
    void finish(const std::vector<Block>& all) {
        for (const Block& block : all) {
            if (block.positives + block.negatives == 0) continue;
            positives_ += block.positives;
            negatives_ += block.negatives;
            if (block.positives == 0 && !blocks_.empty() && blocks_.back().positives == 0) {
                blocks_.back().score = block.score;
                blocks_.back().negatives += block.negatives;
            } else {
                blocks_.push_back(block);
            }
        }
        if (positives_ > 0 && negatives_ > 0) return;
        const std::string missing = positives_ > 0 ? "negative" : "positive";
        throw UsageError(
            "none of the " + std::to_string(positives_ + negatives_) + " labels is " + missing +
            ": nothing can be told apart\n       take more chromosomes in, or check that labels and scores are of the same genome");
    }

    std::vector<Block> blocks_;
    Index positives_ = 0;
    Index negatives_ = 0;
};

}  // namespace chromatid
