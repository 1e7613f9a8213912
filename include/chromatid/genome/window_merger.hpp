// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/error.hpp>
#include <chromatid/genome/interval.hpp>

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace chromatid {

/// What a base gets where several windows lie over it.
enum class Overlap { mean, max };

/// Turns scored windows, which may overlap, into disjoint runs as bedGraph and bigWig need them: each base gets the mean (or the largest)
/// score of the windows over it; bases under no window get no run. Windows come sorted by start within a chromosome, and each chromosome in
/// one stretch. Memory is that of the windows over one base.
///
/// \tparam Sink  callable as `sink(chrom, start, end, value)`; runs come in order
template <class Sink>
class WindowMerger {
  public:
    WindowMerger(Overlap overlap, Sink sink) : overlap_(overlap), sink_(std::move(sink)) {}

    /// Adds a window. Empty ones have no effect.
    /// \throws UsageError for a window before its predecessor on the chromosome
    void add(const Interval& window, float score) {
        if (window.chrom != chrom_) {
            finish();
            chrom_ = window.chrom;
        } else if (window.start < last_start_) {
            throw UsageError("windows are not sorted: " + to_string(window) + " comes after a window that starts at " +
                             std::to_string(last_start_));
        }
        last_start_ = window.start;
        if (window.length() <= 0) return;
        emit_until(window.start);
        position_ = window.start;
        open_.push_back({window.end, score});
    }

    /// Gives out what is left. Must be called once after the last window.
    void finish() {
        emit_until(INT64_MAX);
        last_start_ = INT64_MIN;
    }

  private:
    struct Open {
        std::int64_t end;
        float score;
    };

    void emit_until(std::int64_t limit) {
        while (!open_.empty() && position_ < limit) {
            std::int64_t end = limit;
            for (const Open& w : open_) end = std::min(end, w.end);
            sink_(chrom_, position_, end, merged());
            position_ = end;
            std::erase_if(open_, [&](const Open& w) { return w.end <= position_; });
        }
    }

    float merged() const {
        if (overlap_ == Overlap::max)
            return std::max_element(open_.begin(), open_.end(), [](const Open& a, const Open& b) { return a.score < b.score; })->score;
        double sum = 0;
        for (const Open& w : open_) sum += w.score;
        return static_cast<float>(sum / static_cast<double>(open_.size()));
    }

    Overlap overlap_;
    Sink sink_;
    std::string chrom_;
    std::int64_t position_ = 0;
    std::int64_t last_start_ = INT64_MIN;
    std::vector<Open> open_;
};

}  // namespace chromatid
