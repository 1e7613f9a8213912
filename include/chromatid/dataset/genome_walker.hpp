// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/dataset/genome_piece.hpp>
#include <chromatid/genome/interval.hpp>
#include <chromatid/genome/sequence_source.hpp>
#include <chromatid/genome/signal_source.hpp>

#include <algorithm>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace chromatid {

/// Walks along a genome with one piece of it in memory. Made for windows that come sorted: each file is then decoded once. Memory is
/// `piece_length` x (1 + 4 x tracks) bytes, whatever the number of windows.
template <SequenceSource Sequence, SignalSource Signal>
class GenomeWalker {
  public:
    static constexpr std::int64_t default_piece_length = std::int64_t{1} << 23;

    /// \param piece_length  bases decoded at a time; a longer window makes a longer piece
    GenomeWalker(Sequence sequence, std::vector<Signal> signals, std::int64_t piece_length = default_piece_length)
        : sequence_(std::move(sequence)), signals_(std::move(signals)), piece_length_(piece_length) {}

    const ChromSizes& chromosomes() const { return sequence_.chromosomes(); }

    /// A piece with all of the window that lies on its chromosome. Valid until the next call.
    /// \throws UsageError, FormatError, IoError as the sources do
    const GenomePiece& around(const Interval& window) {
        const std::int64_t size = sequence_.chromosomes().size_of(window.chrom);
        const std::int64_t start = std::clamp<std::int64_t>(window.start, 0, size);
        const std::int64_t end = std::clamp<std::int64_t>(window.end, start, size);
        const Interval& held = piece_.interval;
        if (held.chrom != window.chrom || start < held.start || end > held.end) {
            const std::int64_t piece_end = std::min(size, std::max(end, start + piece_length_));
            piece_.load({window.chrom, start, piece_end}, sequence_, std::span(signals_));
        }
        return piece_;
    }

  private:
    Sequence sequence_;
    std::vector<Signal> signals_;
    std::int64_t piece_length_;
    GenomePiece piece_;
};

}  // namespace chromatid
