// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/genome/signal_source.hpp>
#include <chromatid/io/big_wig.hpp>

#include <algorithm>
#include <filesystem>
#include <span>

namespace factornet {

/// A bigWig track in which a chromosome that the file does not name reads as 0, like a gap: files often leave out contigs without signal.
/// Which chromosomes are absent is reported before any work starts.
class TrackSource {
  public:
    explicit TrackSource(const std::filesystem::path& path) : file_(path) {}

    const chromatid::ChromSizes& chromosomes() const { return file_.chromosomes(); }
    void fetch(const chromatid::Interval& interval, std::span<float> values) {
        if (chromosomes().contains(interval.chrom)) file_.fetch(interval, values);
        else std::fill(values.begin(), values.end(), 0.0F);
    }
    TrackSource clone() const { return *this; }

  private:
    chromatid::BigWig file_;
};

static_assert(chromatid::SignalSource<TrackSource>);

}  // namespace factornet
