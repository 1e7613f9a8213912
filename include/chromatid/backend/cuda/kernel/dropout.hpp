// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/backend/cuda/kernel/split.hpp>
#include <chromatid/backend/cuda/late.hpp>
#include <chromatid/core/draws.hpp>
#include <chromatid/core/host_device.hpp>
#include <chromatid/core/index.hpp>

#include <cstdint>

namespace chromatid::cuda {

/// Dropout, for `for_each`, one thread for each block of Philox: group g of 128 elements of a row holds sixteen, and block i of a group serves elements i, 16 + i,
/// ... 112 + i, see `draw_bits`. So neighbouring threads have neighbouring elements, and nothing is drawn twice.
struct DropBlocks {
    static constexpr Index group = 128, blocks = 16;

    Late<Draws> draws;
    std::uint32_t layer, threshold;
    float scale;       ///< of what is kept
    Index first, columns;  ///< elements [first, first + columns) of each row
    const float* x;    ///< null gives the mask itself
    float* y;          ///< may be x

    /// Blocks that each row has elements of.
    static constexpr Index blocks_of_row(Index first, Index columns) { return ((first + columns + group - 1) / group - first / group) * blocks; }

    CHROMATID_HOST_DEVICE void operator()(Index i) const {
        const Place place = split(i, blocks_of_row(first, columns));
        const Index number = first / group * blocks + place.column;
        const Draws d = draws.get();
        const Philox::Block words = Philox::block(Philox::key(d.seed), {static_cast<std::uint32_t>(number), d.row_counter(place.row), layer, d.step});
        for (unsigned k = 0; k < 8; ++k) {
            const Index element = number / blocks * group + number % blocks + blocks * static_cast<Index>(k) - first;
            if (element < 0 || element >= columns) continue;
            const Index at = place.row * columns + element;
            const bool kept = (words[k % 4] >> 16 * (k / 4) & 0xFFFFU) >= threshold;
            y[at] = kept ? (x == nullptr ? scale : x[at] * scale) : 0.0F;
        }
    }
};

}  // namespace chromatid::cuda
