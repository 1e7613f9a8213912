// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/tensor/windows.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace chromatid {

/// Memory for a batch of windows as base codes and tracks: a fifth of the same windows as rows of letters, and what kernels read fastest.
class EncodedWindows {
  public:
    EncodedWindows() = default;
    /// Room for `windows` windows of `length` bases and `tracks` tracks.
    EncodedWindows(Index windows, Index length, Index tracks)
        : windows_(windows), length_(length), tracks_(tracks), codes_(size(windows * length)), values_(size(windows * tracks * length)) {
        for (Index w = 0; w < windows; ++w) {
            code_rows_.push_back(codes(w).data());
            for (Index t = 0; t < tracks; ++t) track_rows_.push_back(track(w, t).data());
        }
    }
    EncodedWindows(const EncodedWindows& other) : EncodedWindows(other.windows_, other.length_, other.tracks_) {
        codes_.assign(other.codes_.begin(), other.codes_.end());
        values_.assign(other.values_.begin(), other.values_.end());
    }
    EncodedWindows& operator=(const EncodedWindows& other) {
        EncodedWindows copy(other);
        return *this = std::move(copy);
    }
    EncodedWindows(EncodedWindows&& other) noexcept { swap(other); }
    EncodedWindows& operator=(EncodedWindows&& other) noexcept {
        EncodedWindows gone(std::move(other));
        swap(gone);
        return *this;
    }

    Index windows() const { return windows_; }
    Index length() const { return length_; }
    Index tracks() const { return tracks_; }
    bool empty() const { return windows_ == 0; }

    /// Base codes of a window, see `base_code`.
    std::span<std::uint8_t> codes(Index window) { return std::span(codes_).subspan(size(window * length_), size(length_)); }
    /// Values of one of its tracks; must not be NaN.
    std::span<float> track(Index window, Index track) {
        return std::span(values_).subspan(size((window * tracks_ + track) * length_), size(length_));
    }

    /// The first `count` windows as a network reads them.
    Windows<float> view(Index count) const {
        return {.count = count,
                .length = length_,
                .channels = Windows<float>::letters + tracks_,
                .codes = code_rows_.data(),
                .tracks = track_rows_.data()};
    }

  private:
    void swap(EncodedWindows& other) noexcept {
        std::swap(windows_, other.windows_);
        std::swap(length_, other.length_);
        std::swap(tracks_, other.tracks_);
        codes_.swap(other.codes_);
        values_.swap(other.values_);
        code_rows_.swap(other.code_rows_);
        track_rows_.swap(other.track_rows_);
    }
    static std::size_t size(Index n) { return static_cast<std::size_t>(n); }

    Index windows_ = 0, length_ = 0, tracks_ = 0;
    std::vector<std::uint8_t> codes_;
    std::vector<float> values_;
    std::vector<const std::uint8_t*> code_rows_;
    std::vector<const float*> track_rows_;
};

}  // namespace chromatid
