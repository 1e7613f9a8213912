// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/tensor/windows.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace chromatid {

/// Windows that begin every `stride` bases of a stretch of a genome, as `Windows` that point into it.
template <class T>
class StretchWindows {
  public:
    /// \param length        bases of each window
    /// \param first, count  windows [first, first + count) of the stretch
    StretchWindows(const Windows<T>& stretch, Index stride, Index length, Index first, Index count) : view_(stretch) {
        const Index tracks = stretch.channels - Windows<T>::letters;
        codes_.reserve(static_cast<std::size_t>(count));
        tracks_.reserve(static_cast<std::size_t>(count * tracks));
        for (Index w = first; w < first + count; ++w) {
            codes_.push_back(stretch.codes[0] + w * stride);
            for (Index t = 0; t < tracks; ++t) tracks_.push_back(stretch.tracks[t] + w * stride);
        }
        view_.count = count;
        view_.length = length;
        view_.codes = codes_.data();
        view_.tracks = tracks_.data();
    }
    StretchWindows(const StretchWindows&) = delete;
    StretchWindows& operator=(const StretchWindows&) = delete;

    const Windows<T>& view() const { return view_; }

  private:
    Windows<T> view_;
    std::vector<const std::uint8_t*> codes_;
    std::vector<const T*> tracks_;
};

}  // namespace chromatid
