// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/host_device.hpp>
#include <chromatid/core/index.hpp>
#include <chromatid/core/philox.hpp>

#include <cmath>
#include <cstdint>

namespace chromatid {

/// Which random numbers a training batch draws: a pure function of seed, step, layer, window, strand and element, so that the backward pass
/// draws the same ones again and any batch of a run can be repeated.
struct Draws {
    std::uint64_t seed = 0;          ///< of the run
    std::uint32_t step = 0;          ///< number of the batch since the run began
    std::uint32_t first_window = 0;  ///< place in the batch of the first row's window
    Index windows = 1;               ///< windows of the rows at hand; row r is window r % windows, strand r / windows

    /// First counter word of a row; the layer's number and the step are the next ones.
    CHROMATID_HOST_DEVICE constexpr std::uint32_t row_counter(Index row) const {
        return first_window + static_cast<std::uint32_t>(row % windows) + (static_cast<std::uint32_t>(row / windows) << 24);
    }
};

/// Block `number` of a row: the random bits of eight of its elements, see `draw_bits`.
CHROMATID_HOST_DEVICE constexpr Philox::Block draw_block(const Draws& draws, std::uint32_t layer, Index row, std::uint32_t number) {
    return Philox::block(Philox::key(draws.seed), {number, draws.row_counter(row), layer, draws.step});
}

/// Sixteen random bits for an element of a row. Eight elements share a Philox block: element e has half (e / 64) % 2, the lower one first,
/// of word (e / 16) % 4 of block 16 * (e / 128) + e % 16, so that vector code can compute sixteen blocks side by side and needs no
/// shuffles.
CHROMATID_HOST_DEVICE constexpr std::uint32_t draw_bits(const Draws& draws, std::uint32_t layer, Index row, Index element) {
    const auto e = static_cast<std::uint32_t>(element);
    return draw_block(draws, layer, row, 16 * (e / 128) + e % 16)[e / 16 % 4] >> 16 * (e / 64 % 2) & 0xFFFFU;
}

/// An element is kept where its 16 random bits reach this number: rates are rounded up to the next 65,536th, so that none above 0 drops
/// nothing.
inline std::uint32_t dropout_threshold(float rate) {
    const auto threshold = static_cast<std::uint32_t>(std::ceil(static_cast<double>(rate) * 65536.0));
    return threshold < 65535U ? threshold : 65535U;
}

}  // namespace chromatid
