// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/error.hpp>
#include <chromatid/core/index.hpp>
#include <chromatid/dataset/data_draws.hpp>
#include <chromatid/dataset/epoch_rule.hpp>
#include <chromatid/dataset/keyed_permutation.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace chromatid {

/// In which order an epoch shows its items, numbered from 0: shuffled by seed and epoch, or as they are.
class EpochOrder {
  public:
    /// An item of an epoch. With `EpochRule::stream` the epoch may be another one than was asked for.
    struct Item {
        Index epoch = 0;
        Index number = 0;
    };

    /// The items of a stretch of an epoch, with what they have in common computed once.
    class Stretch {
      public:
        Item operator[](Index place) const {
            const auto it = std::upper_bound(ends_.begin(), ends_.end(), first_ + place, [](Index p, const End& e) { return p < e.end; });
            const Index number = first_ + place - it->begin;
            return {it->epoch, it->shuffled ? it->order(number) : number};
        }

      private:
        friend EpochOrder;
        struct End {
            Index begin, end, epoch;
            bool shuffled;
            KeyedPermutation order;
        };
        Index first_ = 0;
        std::vector<End> ends_;
    };

    /// \param count  items of an epoch; called from many threads
    /// \param epochs  of the run, for `EpochRule::stream`
    /// \throws UsageError where a stream's epoch does not fill one batch
    EpochOrder(std::function<Index(Index epoch)> count, EpochRule rule, Index epochs, Index batch, bool shuffled, std::uint64_t seed)
        : count_(std::move(count)), batch_(batch), shuffled_(shuffled), seed_(seed) {
        if (batch < 1) throw UsageError("batches of " + std::to_string(batch) + " windows: give at least 1");
        if (rule == EpochRule::whole) return;
        if (epochs < 1) throw UsageError("a run of " + std::to_string(epochs) + " epochs: give at least 1");
        for (Index e = 0; e < epochs; ++e) stream_.push_back((e > 0 ? stream_.back() : 0) + count_(e));
        per_epoch_ = stream_.back() / epochs / batch * batch;
        if (per_epoch_ == 0)
            throw UsageError("an epoch has " + std::to_string(stream_.back() / epochs) + " windows, fewer than a batch of " +
                             std::to_string(batch) +
                             ", and FactorNet's rule shows whole batches only\n       use the default rule, or smaller batches");
    }

    /// Items that an epoch shows; with `EpochRule::stream` none after the last epoch.
    Index items(Index epoch) const {
        if (stream_.empty()) return count_(epoch);
        return epoch < static_cast<Index>(stream_.size()) ? per_epoch_ : 0;
    }
    Index batches(Index epoch) const { return (items(epoch) + batch_ - 1) / batch_; }

    /// The items [first, first + count) that an epoch shows.
    Stretch stretch(Index epoch, Index first, Index count) const {
        Stretch found;
        if (stream_.empty()) {
            found.first_ = first;
            found.ends_.push_back(part(epoch, 0, count_(epoch)));
            return found;
        }
        found.first_ = epoch * per_epoch_ + first;
        auto at = static_cast<std::size_t>(std::upper_bound(stream_.begin(), stream_.end(), found.first_) - stream_.begin());
        for (; at < stream_.size() && (at == 0 ? 0 : stream_[at - 1]) < found.first_ + count; ++at)
            found.ends_.push_back(part(static_cast<Index>(at), at == 0 ? 0 : stream_[at - 1], stream_[at]));
        return found;
    }

  private:
    Stretch::End part(Index epoch, Index begin, Index end) const {
        const auto key = static_cast<std::uint64_t>(DataDraws::Purpose::order) << 32 | static_cast<std::uint32_t>(epoch);
        return {begin, end, epoch, shuffled_, KeyedPermutation(end - begin, seed_, key)};
    }

    std::function<Index(Index)> count_;
    Index batch_;
    bool shuffled_;
    std::uint64_t seed_;
    std::vector<Index> stream_;  // items of the stream up to the end of each epoch
    Index per_epoch_ = 0;
};

}  // namespace chromatid
