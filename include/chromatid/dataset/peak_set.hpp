// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/error.hpp>
#include <chromatid/core/index.hpp>
#include <chromatid/genome/interval.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace chromatid {

/// Peaks as they were called: unlike in an `IntervalSet`, peaks that overlap stay apart, because label rules ask about each one's share of
/// a bin. Reading is safe from many threads.
class PeakSet {
  public:
    PeakSet() = default;

    /// \param peaks  in any order; a peak of length zero is kept out, since it shares no base with anything
    /// \throws UsageError for a peak whose start is after its end
    explicit PeakSet(std::span<const Interval> peaks) {
        for (const Interval& p : peaks) {
            if (p.start > p.end) throw UsageError("peak " + to_string(p) + " starts after its end");
            if (p.start == p.end) continue;
            chromosomes_[p.chrom].push_back({p.start, p.end, p.end});
            ++size_;
        }
        for (auto& [chrom, all] : chromosomes_) {
            std::sort(all.begin(), all.end(),
                      [](const Peak& a, const Peak& b) { return a.start != b.start ? a.start < b.start : a.end < b.end; });
            for (std::size_t i = 1; i < all.size(); ++i) all[i].reach = std::max(all[i].reach, all[i - 1].reach);
        }
    }

    /// Calls `f(start, end)` for each peak that shares at least one base with `[start, end)`, by start. O(log n + peaks looked at).
    template <class F>
    void for_each_overlap(const std::string& chrom, std::int64_t start, std::int64_t end, F f) const {
        const auto found = chromosomes_.find(chrom);
        if (found == chromosomes_.end() || start >= end) return;
        const std::vector<Peak>& all = found->second;
        auto at = std::upper_bound(all.begin(), all.end(), start, [](std::int64_t s, const Peak& p) { return s < p.reach; });
        for (; at != all.end() && at->start < end; ++at)
            if (at->end > start) f(at->start, at->end);
    }

    bool has(const std::string& chrom) const { return chromosomes_.contains(chrom); }
    /// Names of the chromosomes that have a peak, sorted.
    std::vector<std::string> chromosomes() const {
        std::vector<std::string> names;
        for (const auto& [chrom, all] : chromosomes_) names.push_back(chrom);
        return names;
    }
    /// Number of peaks.
    Index size() const { return size_; }
    bool empty() const { return size_ == 0; }

  private:
    struct Peak {
        std::int64_t start, end;
        std::int64_t reach;  ///< furthest end of this peak and those before it
    };

    std::map<std::string, std::vector<Peak>> chromosomes_;
    Index size_ = 0;
};

}  // namespace chromatid
