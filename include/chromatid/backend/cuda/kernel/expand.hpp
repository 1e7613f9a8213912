// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/backend/cuda/kernel/split.hpp>
#include <chromatid/core/host_device.hpp>
#include <chromatid/core/index.hpp>

#include <cstdint>

namespace chromatid::cuda {

/// Windows as dense rows, for `for_each`: one thread for each number that is written. A position's threads read one code, which the first of them brings into the
/// cache, and tracks are read along themselves; the writes, four to forty times as many bytes, are whole lines.
struct ExpandWindows {
    static constexpr Index letters = 4;

    const float* dense;                ///< (count, length, channels); null where there are codes
    const std::uint8_t* const* codes;  ///< for each window
    const float* const* tracks;        ///< for each window its channels - 4 tracks
    const Index* partner;              ///< of each channel; null for one strand
    float* y;                          ///< (rows, length, channels); rows from `count` on are other strands
    Index count, length, channels;

    CHROMATID_HOST_DEVICE void operator()(Index i) const {
        const Place element = split(i, channels), position = split(element.row, length);
        const bool other = position.row >= count;
        const Index window = other ? position.row - count : position.row;
        const Index at = other ? length - 1 - position.column : position.column;
        const Index channel = other ? partner[element.column] : element.column;
        if (codes == nullptr) y[i] = dense[(window * length + at) * channels + channel];
        else if (channel < letters) y[i] = codes[window][at] == channel ? 1.0F : 0.0F;
        else y[i] = tracks[window * (channels - letters) + channel - letters][at];
    }
};

}  // namespace chromatid::cuda
