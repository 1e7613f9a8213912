// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/backend/cuda/kernel/split.hpp>
#include <chromatid/core/host_device.hpp>
#include <chromatid/core/index.hpp>

#include <cstdint>

// Windows as dense rows, of one strand or both. Bound by memory. One thread reads one number of a window and writes it once for each
// strand, so that what is read is read once. There is no tile: neighbouring threads write neighbours of a row, on the other strand in
// reverse; along a track they read neighbouring positions, a few lines for each warp, which the next warps of the block find in the cache.
// Copies only.

namespace chromatid::cuda {

/// Element i of (windows, length, channels), for `for_each`.
///
/// \tparam Partners  a table of partners, see `FewPartners`
template <class Partners>
struct ExpandWindows {
    static constexpr Index letters = 4;

    Partners partner;
    bool both_strands;
    Index count, length, channels;
    const float* dense;                ///< (count, length, channels); null where there are codes
    const std::uint8_t* const* codes;  ///< for each window
    const float* const* tracks;        ///< for each window its channels - 4 tracks
    float* y;                          ///< (rows, length, channels); rows from `count` on are the other strands

    CHROMATID_HOST_DEVICE void operator()(Index i) const {
        const auto [row, c] = split(i, channels);
        const auto [window, t] = split(row, length);
        const float value = dense != nullptr ? dense[i]
                            : c < letters    ? letter(window, t, c)
                                             : tracks[window * (channels - letters) + c - letters][t];
        y[i] = value;
        if (both_strands) y[((count + window) * length + length - 1 - t) * channels + partner(c)] = value;
    }

  private:
    CHROMATID_HOST_DEVICE float letter(Index window, Index t, Index c) const {
        return static_cast<Index>(codes[window][t]) == c ? 1.0F : 0.0F;
    }
};

}  // namespace chromatid::cuda
