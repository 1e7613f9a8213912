// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/host_device.hpp>
#include <chromatid/core/index.hpp>
#include <chromatid/tensor/windows.hpp>

#include <cstdint>

namespace chromatid::cuda {

/// `Windows` as the kernels of the fused front read them: position by position, eight channels wide, either strand. A value: pointers are
/// to device memory, and the table of partners has become numbers of four bits.
struct FrontInput {
    static constexpr int channels = 8;

    Index count, length, tracks_of_window, dense_channels;
    const float* dense;
    const std::uint8_t* const* codes;
    const float* const* tracks;
    std::uint32_t sources[2];  ///< bits [4 c, 4 c + 4): which channel of the window is channel c of the strand, `none` for zeros

    /// \param x  at most `channels` channels; pointers and their tables are to device memory but for the partners
    static FrontInput of(const Windows<float>& x) {
        FrontInput input{x.count, x.length, x.channels - Windows<float>::letters, x.channels, x.dense, x.codes, x.tracks, {~0U, ~0U}};
        for (int strand = 0; strand < (x.partner == nullptr ? 1 : 2); ++strand)
            for (Index c = 0; c < x.channels; ++c) {
                const Index to = strand == 0 ? c : x.partner[c];
                input.sources[strand] &= ~(0xFU << 4 * to) | static_cast<std::uint32_t>(c) << 4 * to;
            }
        return input;
    }

    /// Position `position` of row `row`; zeros beyond the ends.
    CHROMATID_HOST_DEVICE void read(Index row, Index position, float (&to)[channels]) const {
        const bool other = row >= count, inside = position >= 0 && position < length;
        const Index window = other ? row - count : row, at = other ? length - 1 - position : position;
        const std::uint32_t source = other ? sources[1] : sources[0];
        const int code = inside && codes != nullptr ? codes[window][at] : none;
        CHROMATID_DEVICE_UNROLL
        for (int c = 0; c < channels; ++c) {
            const int from = static_cast<int>(source >> 4 * c & 0xFU);
            if (!inside || from == none) to[c] = 0.0F;
            else if (codes == nullptr) to[c] = dense[(window * length + at) * dense_channels + from];
            else if (from < letters) to[c] = from == code ? 1.0F : 0.0F;
            else to[c] = tracks[window * tracks_of_window + from - letters][at];
        }
    }

  private:
    static constexpr int none = 15, letters = static_cast<int>(Windows<float>::letters);
};

}  // namespace chromatid::cuda
