// SPDX-License-Identifier: MIT
#pragma once

#include "tests/support/random_arrays.hpp"

#include <chromatid/tensor/tensor.hpp>
#include <chromatid/tensor/windows.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace chromatid::test {

/// The same random windows as dense rows and as base codes and tracks, with unknown bases here and there. The first two tracks change
/// places on the other strand. Fewer than four channels are dense alone, and hold any numbers.
struct RandomWindows {
    RandomWindows(Index windows, Index positions, Index all_channels, std::uint64_t seed)
        : count(windows),
          length(positions),
          channels(all_channels),
          dense({count, length, channels}),
          codes(static_cast<std::size_t>(count * length)),
          tracks(static_cast<std::size_t>(count * length * std::max<Index>(0, channels - 4))) {
        Draw draw(seed);
        for (Index w = 0; w < count; ++w) {
            code_of.push_back(codes.data() + w * length);
            for (Index t = 0; t < length; ++t) {
                const Index code = draw.index(0, 9) == 0 ? draw.index(4, 255) : draw.index(0, 3);
                codes[static_cast<std::size_t>(w * length + t)] = static_cast<std::uint8_t>(code);
                for (Index c = 0; c < channels; ++c)
                    dense(w, t, c) = channels >= 4 && c < 4 ? (c == code ? 1.0F : 0.0F) : static_cast<float>(draw.number());
            }
            for (Index c = 4; c < channels; ++c) {
                float* const track = tracks.data() + (w * (channels - 4) + c - 4) * length;
                track_of.push_back(track);
                for (Index t = 0; t < length; ++t) track[t] = dense(w, t, c);
            }
        }
        for (Index c = 0; c < channels; ++c) partner.push_back(c < 4 && channels >= 4 ? 3 - c : c);
        if (channels > 5) std::swap(partner[4], partner[5]);
    }
    RandomWindows(const RandomWindows&) = delete;
    RandomWindows& operator=(const RandomWindows&) = delete;

    Windows<float> as_dense(bool both_strands) const {
        return {.count = count,
                .length = length,
                .channels = channels,
                .dense = dense.data(),
                .partner = both_strands ? partner.data() : nullptr};
    }
    Windows<float> encoded(bool both_strands) const {
        return {.count = count, .length = length, .channels = channels, .codes = code_of.data(), .tracks = track_of.data(),
                .partner = both_strands ? partner.data() : nullptr};
    }

    Index count, length, channels;
    Tensor<float> dense;
    std::vector<std::uint8_t> codes;
    std::vector<float> tracks;
    std::vector<const std::uint8_t*> code_of;
    std::vector<const float*> track_of;
    std::vector<Index> partner;
};

}  // namespace chromatid::test
