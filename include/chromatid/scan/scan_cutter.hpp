// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/index.hpp>
#include <chromatid/dataset/window.hpp>
#include <chromatid/genome/interval.hpp>
#include <chromatid/scan/scan_regions.hpp>
#include <chromatid/scan/scan_stretch.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace chromatid::detail {

/// Cuts runs of bins into tiles, jobs and stretches. The borders of tiles and jobs depend on the runs, on the sizes of bins and windows, and
/// on how many windows keep the networks busy.
class ScanCutter {
  public:
    static constexpr Index short_tile = 16;              ///< tiles with fewer bins share a job and run as one batch
    static constexpr std::int64_t largest_gap = 16'384;  ///< bases that are rather decoded than jumped over

    /// \param tracks   of each piece
    /// \param jobs     most jobs of a stretch
    /// \param windows  that keep the networks busy; a tile has as many, or 256 where that is more, if they are near each other
    ScanCutter(const ScanRegions& regions, std::int64_t window, std::size_t tracks, std::size_t jobs, Index windows)
        : regions_(regions), window_(window), tracks_(tracks), most_jobs_(jobs), most_bins_(std::max<Index>(windows, 256)) {}

    /// Lays out the next stretch, on one or several chromosomes; without a tile after the last one.
    void next(ScanStretch& stretch) {
        stretch.tiles.clear();
        stretch.jobs.clear();
        stretch.rows = 0;
        pieces_.clear();
        const Index bins_per_batch = most_bins_ / 4;  // most bins in a job of short tiles
        Index batched = bins_per_batch;               // bins of a job that can take more
        while (run_ < regions_.runs().size()) {
            const ScanRegions::Run tile = ahead();
            const bool is_short = tile.count < short_tile, joins = is_short && batched + tile.count <= bins_per_batch;
            if (!joins && (stretch.jobs.size() == most_jobs_ || bases_ >= most_bases())) break;
            if (joins) ++stretch.jobs.back().tiles;
            else stretch.jobs.push_back({stretch.tiles.size(), 1});
            batched = is_short ? (joins ? batched : 0) + tile.count : bins_per_batch;
            stretch.tiles.push_back({tile, place(tile), stretch.rows});
            stretch.rows += tile.count;
            advance(tile.count);
        }
        bases_ = 0;
        stretch.pieces.resize(pieces_.size());
        for (std::size_t i = 0; i < pieces_.size(); ++i) {
            stretch.pieces[i].interval = pieces_[i];
            stretch.pieces[i].tracks.resize(tracks_);
        }
    }

  private:
    std::int64_t bases_per_tile() const { return 64 * most_bins_; }
    /// So many that the bases which a tile shares with its neighbours are few, and a multiple of a batch of `Model`.
    Index bins_per_tile() const { return std::clamp<Index>(bases_per_tile() / regions_.bins().stride, 16, most_bins_) / 16 * 16; }
    std::int64_t most_bases() const {
        return static_cast<std::int64_t>(most_jobs_) * (std::max(bases_per_tile(), 16 * regions_.bins().stride) + window_);
    }

    ScanRegions::Run ahead() const {
        const ScanRegions::Run& run = regions_.runs()[run_];
        const std::int64_t stride = regions_.bins().stride;
        return {run.chromosome, run.first + done_ * stride, std::min(run.count - done_, bins_per_tile())};
    }
    void advance(Index count) {
        done_ += count;
        if (done_ < regions_.runs()[run_].count) return;
        done_ = 0;
        ++run_;
    }

    /// The piece with the windows of a tile.
    std::size_t place(const ScanRegions::Run& tile) {
        const Interval first = centered_window(regions_.bin(tile, 0), window_);
        const std::int64_t end = first.end + (tile.count - 1) * regions_.bins().stride;
        const bool near =
            !pieces_.empty() && pieces_.back().chrom == first.chrom && first.start - pieces_.back().end <= largest_gap;
        if (!near) pieces_.push_back({first.chrom, first.start, first.start});
        bases_ += end - pieces_.back().end;
        pieces_.back().end = end;
        return pieces_.size() - 1;
    }

    const ScanRegions& regions_;
    std::int64_t window_;
    std::size_t tracks_, most_jobs_;
    Index most_bins_;
    std::size_t run_ = 0;
    Index done_ = 0;  // bins of the run
    std::int64_t bases_ = 0;
    std::vector<Interval> pieces_;
};

}  // namespace chromatid::detail
