// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/genome/interval.hpp>
#include <chromatid/genome/sequence_source.hpp>
#include <chromatid/genome/signal_source.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace chromatid {

/// Base codes and signal tracks of one interval, decoded into memory: what windows are cut from.
struct GenomePiece {
    Interval interval;
    std::vector<std::uint8_t> codes;         ///< one per base, see `base_code`
    std::vector<std::vector<float>> tracks;  ///< per track one value per base

    /// Decodes an interval, in the memory of the piece that was there before.
    /// \throws UsageError, FormatError, IoError as the sources do
    template <SequenceSource Sequence, SignalSource Signal>
    void load(const Interval& wanted, Sequence& sequence, std::span<Signal> signals) {
        interval = {};  // in case a source throws
        const auto length = static_cast<std::size_t>(wanted.length());
        codes.resize(length);
        sequence.fetch(wanted, codes);
        tracks.resize(signals.size());
        for (std::size_t i = 0; i < signals.size(); ++i) {
            tracks[i].resize(length);
            signals[i].fetch(wanted, tracks[i]);
        }
        interval = wanted;
    }
};

}  // namespace chromatid
