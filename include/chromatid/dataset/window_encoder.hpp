// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/error.hpp>
#include <chromatid/core/index.hpp>
#include <chromatid/core/parameter.hpp>
#include <chromatid/dataset/encoded_windows.hpp>
#include <chromatid/dataset/genome_piece.hpp>
#include <chromatid/genome/interval.hpp>
#include <chromatid/genome/one_hot.hpp>
#include <chromatid/tensor/array.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <type_traits>

namespace chromatid {

/// Cuts windows out of a decoded piece of a genome as a network takes them: rows of (length, 4 + tracks), channels last, A, C, G, T
/// one-hot and then the tracks in their order. An unknown base has four zeros; NaN in a track becomes 0; rows outside the piece (or the
/// chromosome) are all zero.
class WindowEncoder {
  public:
    /// \param length  bases per window
    /// \param tracks  signal tracks
    WindowEncoder(std::int64_t length, Index tracks) : length_(length), tracks_(tracks) {}

    /// Bases per window.
    std::int64_t length() const { return length_; }
    /// Values per base: 4 + tracks.
    Index channels() const { return 4 + tracks_; }
    /// Values per window.
    Index size() const { return length_ * channels(); }

    /// Writes one window into `out`, which has room for `size()` values. Allocates nothing.
    /// \throws ShapeError where the window, the piece or `out` has another length or number of tracks
    template <class Scalar>
    void encode(const GenomePiece& piece, const Interval& window, std::span<Scalar> out) const {
        check(piece, window, static_cast<Index>(out.size()));
        const auto [start, end] = held_part(piece, window);
        Scalar* const first = out.data() + (start - window.start) * channels();
        Scalar* const last = out.data() + (end - window.start) * channels();
        std::fill(out.data(), first, Scalar{0});
        std::fill(last, out.data() + out.size(), Scalar{0});
        if (start == end) return;
        const std::int64_t offset = start - piece.interval.start;
        const auto n = static_cast<std::size_t>(end - start);
        one_hot(std::span(piece.codes).subspan(static_cast<std::size_t>(offset), n), first, channels());
        for (Index t = 0; t < tracks_; ++t) {
            const float* value = piece.tracks[static_cast<std::size_t>(t)].data() + offset;
            for (Scalar* to = first + 4 + t; to < last; to += channels(), ++value)
                *to = std::isnan(*value) ? Scalar{0} : static_cast<Scalar>(*value);
        }
    }

    /// The same window as base codes and tracks: row `row` of `out`.
    /// \throws ShapeError where the window, the piece or `out` has another length or number of tracks
    void encode(const GenomePiece& piece, const Interval& window, Index row, EncodedWindows& out) const {
        check(piece, window, out.length() * (4 + out.tracks()));
        const auto [start, end] = held_part(piece, window);
        const std::span<std::uint8_t> codes = out.codes(row);
        std::fill(codes.begin(), codes.end(), unknown_base);
        if (start < end)
            std::copy_n(piece.codes.begin() + (start - piece.interval.start), end - start, codes.begin() + (start - window.start));
        for (Index t = 0; t < tracks_; ++t) {
            const std::span<float> values = out.track(row, t);
            std::fill(values.begin(), values.end(), 0.0F);
            if (start == end) continue;
            const float* from = piece.tracks[static_cast<std::size_t>(t)].data() + (start - piece.interval.start);
            std::transform(from, from + (end - start), values.begin() + (start - window.start),
                           [](float v) { return std::isnan(v) ? 0.0F : v; });
        }
    }

    /// The same into an array of shape (length, channels), of any type with `ArrayTraits` and a `value_type`; or of (1, length, channels),
    /// one row of a batch.
    template <Array A>
    void encode(const GenomePiece& piece, const Interval& window, A&& out) const {
        using Scalar = typename std::remove_cvref_t<A>::value_type;
        const View<Scalar> rows = write_array<Scalar>(out);
        const bool fits = rows.rank() == 2
                              ? rows.extent(0) == length_ && rows.extent(1) == channels()
                              : rows.rank() == 3 && rows.extent(0) == 1 && rows.extent(1) == length_ && rows.extent(2) == channels();
        if (!fits)
            throw ShapeError("WindowEncoder: a window has shape (" + std::to_string(length_) + ", " + std::to_string(channels()) +
                             "), the array " + to_string(rows.extents()));
        encode(piece, window, rows.span());
    }

  private:
    struct Part {
        std::int64_t start, end;
    };
    /// The part of a window that the piece holds; empty where it holds none.
    static Part held_part(const GenomePiece& piece, const Interval& window) {
        const Interval& held = piece.interval;
        if (held.chrom != window.chrom) return {window.start, window.start};
        const std::int64_t start = std::clamp(held.start, window.start, window.end);
        return {start, std::clamp(held.end, start, window.end)};
    }

    void check(const GenomePiece& piece, const Interval& window, Index room) const {
        if (window.length() != length_) {
            throw ShapeError("WindowEncoder: windows have " + std::to_string(length_) + " bases, " + to_string(window) + " has " +
                             std::to_string(window.length()));
        }
        if (static_cast<Index>(piece.tracks.size()) != tracks_) {
            throw ShapeError("WindowEncoder: expects " + std::to_string(tracks_) + " tracks, the piece has " +
                             std::to_string(piece.tracks.size()));
        }
        if (room != size())
            throw ShapeError("WindowEncoder: a window is " + std::to_string(size()) + " values, there is room for " + std::to_string(room));
    }

    std::int64_t length_;
    Index tracks_;
};

}  // namespace chromatid
