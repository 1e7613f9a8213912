// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/error.hpp>
#include <chromatid/core/index.hpp>
#include <chromatid/genome/chrom_sizes.hpp>
#include <chromatid/genome/interval.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace chromatid {

/// A set of bases, kept per chromosome as sorted spans that neither overlap nor touch. Built from intervals in any order: those that
/// overlap or touch end to end merge. An interval of length zero holds no base, so it adds nothing and overlaps nothing. Reading is safe
/// from many threads.
class IntervalSet {
  public:
    /// `[start, end)` on a chromosome that the context names.
    struct Span {
        std::int64_t start = 0;
        std::int64_t end = 0;
        friend bool operator==(const Span&, const Span&) = default;
    };

    IntervalSet() = default;

    /// \throws UsageError for an interval whose start is after its end
    explicit IntervalSet(std::span<const Interval> intervals) {
        for (const Interval& i : intervals) {
            if (i.start > i.end) throw UsageError("interval " + to_string(i) + " starts after its end");
            if (i.start < i.end) chromosomes_[i.chrom].push_back({i.start, i.end});
        }
        for (auto& [chrom, spans] : chromosomes_) merge(spans);
    }
    IntervalSet(std::initializer_list<Interval> intervals) : IntervalSet(std::span(intervals.begin(), intervals.size())) {}

    /// Bases in this set, the other, or both.
    IntervalSet unite(const IntervalSet& other) const {
        IntervalSet result = *this;
        for (const auto& [chrom, spans] : other.chromosomes_) {
            std::vector<Span>& all = result.chromosomes_[chrom];
            all.insert(all.end(), spans.begin(), spans.end());
            merge(all);
        }
        return result;
    }

    /// Bases in both sets.
    IntervalSet intersect(const IntervalSet& other) const {
        IntervalSet result;
        for (const auto& [chrom, mine] : chromosomes_) {
            const std::span<const Span> theirs = other.spans(chrom);
            std::vector<Span> kept;
            for (std::size_t i = 0, j = 0; i < mine.size() && j < theirs.size();) {
                const Span common{std::max(mine[i].start, theirs[j].start), std::min(mine[i].end, theirs[j].end)};
                if (common.start < common.end) kept.push_back(common);
                if (mine[i].end < theirs[j].end) ++i;
                else ++j;
            }
            result.put(chrom, std::move(kept));
        }
        return result;
    }

    /// Bases in this set that are not in the other.
    IntervalSet subtract(const IntervalSet& other) const {
        IntervalSet result;
        for (const auto& [chrom, mine] : chromosomes_) {
            const std::span<const Span> theirs = other.spans(chrom);
            std::vector<Span> kept;
            std::size_t j = 0;
            for (const Span& span : mine) {
                std::int64_t start = span.start;
                while (j < theirs.size() && theirs[j].end <= start) ++j;
                for (std::size_t k = j; k < theirs.size() && theirs[k].start < span.end; ++k) {
                    if (start < theirs[k].start) kept.push_back({start, theirs[k].start});
                    start = theirs[k].end;
                }
                if (start < span.end) kept.push_back({start, span.end});
            }
            result.put(chrom, std::move(kept));
        }
        return result;
    }

    /// Each span grown by `by` bases on both sides and cut at the ends of its chromosome. Spans on chromosomes that `sizes` does not list
    /// are dropped, and so is what lies past an end.
    /// \throws UsageError for a negative `by`
    IntervalSet slop(std::int64_t by, const ChromSizes& sizes) const {
        if (by < 0) throw UsageError("slop by " + std::to_string(by) + " bases: the number must not be negative");
        IntervalSet result;
        for (const auto& [chrom, mine] : chromosomes_) {
            const auto place = sizes.find(chrom);
            if (!place) continue;
            const std::int64_t size = sizes[*place].size;
            std::vector<Span> grown;
            for (const Span& span : mine) {
                if (span.start >= size || span.end <= 0) continue;
                const std::int64_t left = std::min(by, std::max<std::int64_t>(span.start, 0));
                const std::int64_t right = std::min(by, std::max<std::int64_t>(size - span.end, 0));
                grown.push_back({std::max<std::int64_t>(span.start, 0) - left, std::min(span.end, size) + right});
            }
            merge(grown);
            result.put(chrom, std::move(grown));
        }
        return result;
    }

    /// Bases of the listed chromosomes that are not in this set.
    IntervalSet complement(const ChromSizes& sizes) const {
        IntervalSet all;
        for (const Chromosome& c : sizes) {
            if (c.size > 0) all.chromosomes_[c.name] = {{0, c.size}};
        }
        return all.subtract(*this);
    }

    /// Whether at least one base of `[start, end)` is in the set. O(log n).
    bool any_overlap(const std::string& chrom, std::int64_t start, std::int64_t end) const {
        const std::span<const Span> all = spans(chrom);
        const auto at = first_ending_after(all, start);
        return start < end && at != all.end() && at->start < end;
    }
    bool any_overlap(const Interval& i) const { return any_overlap(i.chrom, i.start, i.end); }

    /// Number of bases of the interval that are in the set. O(log n + spans met).
    std::int64_t covered_length(const Interval& i) const {
        const std::span<const Span> all = spans(i.chrom);
        std::int64_t sum = 0;
        for (auto at = first_ending_after(all, i.start); at != all.end() && at->start < i.end; ++at) {
            sum += std::min(at->end, i.end) - std::max(at->start, i.start);
        }
        return sum;
    }

    /// The spans on one chromosome, sorted; empty where there is none. Valid while the set lives.
    std::span<const Span> spans(const std::string& chrom) const {
        const auto at = chromosomes_.find(chrom);
        return at == chromosomes_.end() ? std::span<const Span>() : std::span<const Span>(at->second);
    }

    /// Number of spans.
    Index size() const {
        Index n = 0;
        for (const auto& [chrom, spans] : chromosomes_) n += static_cast<Index>(spans.size());
        return n;
    }
    bool empty() const { return chromosomes_.empty(); }

    /// Number of bases.
    std::int64_t total_length() const {
        std::int64_t sum = 0;
        for (const auto& [chrom, spans] : chromosomes_) {
            for (const Span& s : spans) sum += s.end - s.start;
        }
        return sum;
    }

    /// All spans as intervals, by chromosome name and start.
    std::vector<Interval> intervals() const {
        std::vector<Interval> all;
        all.reserve(static_cast<std::size_t>(size()));
        for (const auto& [chrom, spans] : chromosomes_) {
            for (const Span& s : spans) all.push_back({chrom, s.start, s.end});
        }
        return all;
    }

    friend bool operator==(const IntervalSet&, const IntervalSet&) = default;

  private:
    static void merge(std::vector<Span>& spans) {
        std::sort(spans.begin(), spans.end(), [](const Span& a, const Span& b) { return a.start < b.start; });
        std::size_t kept = 0;
        for (std::size_t i = 1; i < spans.size(); ++i) {
            if (spans[i].start <= spans[kept].end) spans[kept].end = std::max(spans[kept].end, spans[i].end);
            else spans[++kept] = spans[i];
        }
        if (!spans.empty()) spans.resize(kept + 1);
    }

    static std::span<const Span>::iterator first_ending_after(std::span<const Span> all, std::int64_t start) {
        return std::upper_bound(all.begin(), all.end(), start, [](std::int64_t at, const Span& s) { return at < s.end; });
    }

    void put(const std::string& chrom, std::vector<Span> spans) {
        if (!spans.empty()) chromosomes_[chrom] = std::move(spans);
    }

    std::map<std::string, std::vector<Span>> chromosomes_;  // no chromosome without a span
};

}  // namespace chromatid
