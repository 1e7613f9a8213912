// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/index.hpp>
#include <chromatid/dataset/genome_piece.hpp>
#include <chromatid/genome/any_sequence.hpp>
#include <chromatid/genome/any_signal.hpp>
#include <chromatid/scan/scan_regions.hpp>

#include <cmath>
#include <cstddef>
#include <vector>

namespace chromatid::detail {

/// Neighbouring bins that are scored together, and the piece of the stretch that holds their windows.
struct ScanTile {
    ScanRegions::Run bins;
    std::size_t piece = 0;
    Index row = 0;  ///< of the first bin, among all bins of the stretch
};

/// Work for one thread: one tile, or several short ones in a row.
struct ScanJob {
    std::size_t first = 0, tiles = 0;
};

/// What of a genome is in memory at a time: tiles, and the decoded pieces that their windows are cut from. A piece may pass the ends of its
/// chromosome, with unknown bases and zeros there.
struct ScanStretch {
    std::vector<ScanTile> tiles;
    std::vector<ScanJob> jobs;
    std::vector<GenomePiece> pieces;
    Index rows = 0;  ///< bins

    void load_bases(AnySequence& genome) {
        for (GenomePiece& piece : pieces) {
            piece.codes.resize(static_cast<std::size_t>(piece.interval.length()));
            genome.fetch(piece.interval, piece.codes);
        }
    }
    void load_track(std::size_t track, AnySignal& signal) {
        for (GenomePiece& piece : pieces) {
            std::vector<float>& values = piece.tracks[track];
            values.resize(static_cast<std::size_t>(piece.interval.length()));
            signal.fetch(piece.interval, values);
            for (float& v : values) v = std::isnan(v) ? 0.0F : v;
        }
    }
};

}  // namespace chromatid::detail
