// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/index.hpp>

#include <cstdint>

namespace chromatid {

/// Windows of a genome as a network's first layer reads them, one strand or both: a dense array, or base codes and tracks as the genome
/// side has them, so that nobody has to write letters out as rows of 0 and 1. Owns nothing.
///
/// Codes 0, 1, 2, 3 are channels 0 to 3 (A, C, G, T), anything larger is an unknown base with four zeros; tracks are the channels behind,
/// and hold no NaN.
///
/// Rows [0, count) are the windows; with `partner`, rows [count, 2 count) are their other strands: row t is row length - 1 - t of the
/// window, and channel partner[c] takes the place of c.
template <class T>
struct Windows {
    static constexpr Index letters = 4;

    Index count = 0, length = 0, channels = 0;
    const T* dense = nullptr;                    ///< (count, length, channels); null where codes are given
    const std::uint8_t* const* codes = nullptr;  ///< for each window `length` base codes
    const T* const* tracks = nullptr;            ///< for each window its channels - 4 tracks one after another, `length` values each
    const Index* partner = nullptr;              ///< for each channel its partner on the other strand; null: one strand alone

    constexpr Index rows() const { return partner == nullptr ? count : 2 * count; }
    constexpr bool encoded() const { return codes != nullptr; }
    /// Windows [first, first + n), with the same strands.
    constexpr Windows part(Index first, Index n) const {
        Windows w = *this;
        w.count = n;
        if (encoded()) {
            w.codes += first;
            w.tracks += first * (channels - letters);
        } else {
            w.dense += first * length * channels;
        }
        return w;
    }
};

}  // namespace chromatid
