// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/backend/cuda/kernel/split.hpp>
#include <chromatid/backend/cuda/late.hpp>
#include <chromatid/core/draws.hpp>
#include <chromatid/core/host_device.hpp>
#include <chromatid/core/index.hpp>

#include <cstdint>

// Dropout of rows, or its masks. One thread draws one block of Philox and serves the eight elements that the block has bits for: 128
// neighbouring elements of a row are a group of 16 blocks, and block i of a group has elements i, 16 + i, ... 112 + i, see `draw_bits`. So
// nothing is drawn twice, nothing is shuffled, and 16 neighbouring threads read and write 64 neighbouring bytes at a time. The block lies
// in registers; there is no tile. Reads x once, where there is one, and writes y once. The bits are those of every other backend, and so
// are the products, in float.

namespace chromatid::cuda {

/// Element i is block i of those that rows have elements of, for `for_each`.
struct DropBlocks {
    static constexpr Index group = 128, blocks = 16;

    Late<Draws> draws;
    std::uint32_t layer, threshold;
    float scale;           ///< of what is kept
    Index first, columns;  ///< elements [first, first + columns) of each row
    const float* x;        ///< null gives the mask itself
    float* y;              ///< may be x

    /// Blocks that each row has elements of.
    static CHROMATID_HOST_DEVICE constexpr Index blocks_of_row(Index first, Index columns) {
        return ((first + columns + group - 1) / group - first / group) * blocks;
    }

    CHROMATID_HOST_DEVICE void operator()(Index i) const {
        const auto [row, place] = split(i, blocks_of_row(first, columns));
        const Index number = first / group * blocks + place, begin = number / blocks * group + number % blocks - first;
        const Philox::Block words = draw_block(draws.get(), layer, row, static_cast<std::uint32_t>(number));
        CHROMATID_DEVICE_UNROLL
        for (unsigned k = 0; k < 8; ++k) {
            const Index element = begin + blocks * static_cast<Index>(k), at = row * columns + element;
            if (element < 0 || element >= columns) continue;
            const bool kept = (words[k % 4] >> 16 * (k / 4) & 0xFFFFU) >= threshold;
            y[at] = kept ? (x == nullptr ? scale : x[at] * scale) : 0.0F;
        }
    }
};

}  // namespace chromatid::cuda
