// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/index.hpp>
#include <chromatid/genome/any_sequence.hpp>
#include <chromatid/genome/any_signal.hpp>
#include <chromatid/genome/interval_set.hpp>
#include <chromatid/scan/scan_cutter.hpp>
#include <chromatid/scan/scan_model.hpp>
#include <chromatid/scan/scan_regions.hpp>
#include <chromatid/scan/scan_scores.hpp>
#include <chromatid/scan/scan_stretch.hpp>
#include <chromatid/scan/stretch_scorer.hpp>

#include <cstddef>
#include <utility>
#include <vector>

namespace chromatid {

/// What a genome scan reads besides its networks.
struct ScanInputs {
    AnySequence genome;
    std::vector<AnySignal> tracks{};  ///< in the order of the networks' channels; NaN counts as 0
    IntervalSet masked{};             ///< bins that share a base with it score 0
};

/// Scores the bins of a genome with one or several networks: each bin by the window of the networks' length around its middle
/// (`centered_window`), with the input that `WindowEncoder` makes of it and the output that `infer` gives.
///
///     ScanInputs inputs{open_sequence("hg19.fa")};
///     inputs.tracks.push_back(BigWig("DGF.bw"));
///     GenomeScan scan(std::move(inputs), {{&model}}, {{{0, 0}}});   // one network, its output 0
///     scan.run(threads, ScanRegions::whole(sizes), [](const ScanScores& some) { ... });
///
/// Neighbouring windows are scanned together, so that layers whose outputs they have in common run once (`Model::scan`). The networks take
/// turns on the same input. Memory is that of the stretch in work and of the next one, which is decoded meanwhile: for each thread about
/// 150,000 bases of 1 + 4 x tracks bytes in both; four times as many for networks on a device (`OnDevice`), which want more windows at
/// once. Results do not depend on the number of threads.
class GenomeScan {
  public:
    using Context = Cpu<>::Context;

    /// \param models   at least one; all of one input shape (length, 4 + tracks)
    /// \param columns  what each score is made of, at least one
    /// \throws ShapeError where a network takes another shape, has a side input that nobody writes, or lacks an output that a column names
    GenomeScan(ScanInputs inputs, std::vector<ScanModel> models, std::vector<ScanColumn> columns)
        : inputs_(std::move(inputs)),
          scorer_(std::move(models), std::move(columns), static_cast<Index>(inputs_.tracks.size()), std::move(inputs_.masked)) {}

    /// Scores per bin.
    Index columns() const { return scorer_.columns(); }

    /// Scans regions and gives the scores out in the order of the bins, on the caller's thread. What `sink` throws ends the scan.
    /// \param sink  called with `ScanScores`, a few thousand bins or less at a time
    /// \throws UsageError, FormatError, IoError as the sources do
    template <class Sink>
    void run(Context& on, const ScanRegions& regions, Sink&& sink) {
        const auto sources = static_cast<Index>(1 + inputs_.tracks.size());
        detail::ScanCutter cutter(regions, scorer_.length(), inputs_.tracks.size(),
                                  static_cast<std::size_t>(on.threads()) * jobs_per_thread, scorer_.windows_at_once());
        detail::ScanStretch now, ahead;
        cutter.next(now);
        on.run(now.tiles.empty() ? 0 : sources, [&](Index source) { load(now, source); });
        std::vector<float> scores;
        std::vector<Index> masked;
        while (!now.tiles.empty()) {
            cutter.next(ahead);
            const Index loads = ahead.tiles.empty() ? 0 : sources;
            scores.resize(static_cast<std::size_t>(now.rows * columns()));
            masked.resize(now.tiles.size());
            on.run(loads + static_cast<Index>(now.jobs.size()), [&](Index job) {
                if (job < loads) load(ahead, job);
                else scorer_.score(regions, now, now.jobs[static_cast<std::size_t>(job - loads)], scores, masked);
            });
            for (std::size_t i = 0; i < now.tiles.size(); ++i) {
                const detail::ScanTile& tile = now.tiles[i];
                sink(ScanScores{tile.bins, {scores.data() + tile.row * columns(), {tile.bins.count, columns()}}, masked[i]});
            }
            std::swap(now, ahead);
        }
    }

  private:
    static constexpr std::size_t jobs_per_thread = 8;  // the more, the less do threads wait for the last one

    void load(detail::ScanStretch& stretch, Index source) {
        if (source == 0) return stretch.load_bases(inputs_.genome);
        const auto track = static_cast<std::size_t>(source - 1);
        stretch.load_track(track, inputs_.tracks[track]);
    }

    ScanInputs inputs_;
    detail::StretchScorer scorer_;
};

}  // namespace chromatid
