// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/backend/cuda/late.hpp>
#include <chromatid/core/draws.hpp>
#include <chromatid/core/host_device.hpp>
#include <chromatid/core/index.hpp>

#include <cstdint>

namespace chromatid::cuda {

/// Which activations dropout keeps, in the layout that Philox gives: a group of 128 elements of a row is 16 blocks of Philox, block i holds
/// elements i, 16 + i, ... 112 + i, and is a byte here with a bit for each of them. So each block is drawn once, by one thread, and nothing
/// has to be shuffled. See `draw_bits`.
struct FrontMask {
    static constexpr Index group = 128;  ///< elements of `blocks` bytes
    static constexpr int blocks = 16;

    Late<Draws> draws;
    std::uint32_t layer;
    std::uint32_t threshold;  ///< of 16 bits; 0 drops nothing
    float scale;              ///< of what is kept

    /// Room for the masks of any `elements` neighbouring elements.
    static constexpr int bytes(int elements) { return (elements / static_cast<int>(group) + 2) * blocks; }

    CHROMATID_HOST_DEVICE std::uint8_t draw(Index row, Index number_of_group, int block) const {
        const auto number = static_cast<std::uint32_t>(number_of_group * blocks + block);
        const auto words = draw_block(draws.get(), layer, row, number);
        std::uint32_t kept = 0;
        CHROMATID_DEVICE_UNROLL
        for (unsigned i = 0; i < 4; ++i) {
            kept |= ((words[i] & 0xFFFFU) >= threshold ? 1U : 0U) << i;
            kept |= (words[i] >> 16 >= threshold ? 1U : 0U) << (4 + i);
        }
        return static_cast<std::uint8_t>(kept);
    }
};

}  // namespace chromatid::cuda
