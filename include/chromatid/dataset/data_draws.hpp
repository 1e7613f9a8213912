// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/index.hpp>
#include <chromatid/core/philox.hpp>

#include <cstdint>

namespace chromatid {

/// The random numbers of a data set: pure functions of seed, purpose, epoch, index and try, so that any window of any epoch can be drawn
/// again.
struct DataDraws {
    /// What a number is for; different purposes of one seed have independent numbers.
    enum class Purpose : std::uint32_t { order = 1, negative, validation_negative, negative_order, shift, strand, cell };

    std::uint64_t seed = 0;
    Purpose purpose = Purpose::order;

    /// 64 random bits.
    std::uint64_t bits(Index epoch, Index index, std::uint32_t attempt = 0) const {
        constexpr std::uint64_t of_data_sets = 0x64617461'73657473U;  // keeps them apart from the masks that layers draw with the same seed
        const auto i = static_cast<std::uint64_t>(index);
        const Philox::Block block = Philox::block(Philox::key(seed ^ of_data_sets),
                                                  {static_cast<std::uint32_t>(i), static_cast<std::uint32_t>(epoch), attempt,
                                                   static_cast<std::uint32_t>(purpose) ^ static_cast<std::uint32_t>(i >> 32) << 8});
        return std::uint64_t{block[0]} << 32 | block[1];
    }

    /// A whole number in [0, below); each with the same probability but for one part in 2^64 / below.
    std::int64_t below(std::int64_t below, Index epoch, Index index, std::uint32_t attempt = 0) const {
        const std::uint64_t random = bits(epoch, index, attempt);
        const auto n = static_cast<std::uint64_t>(below);
        const std::uint64_t high = random >> 32, low = random & 0xffffffffU, n_high = n >> 32, n_low = n & 0xffffffffU;
        const std::uint64_t middle = high * n_low + (low * n_low >> 32);  // random * n / 2^64 in pieces of 32 bits
        const std::uint64_t other = low * n_high + (middle & 0xffffffffU);
        return static_cast<std::int64_t>(high * n_high + (middle >> 32) + (other >> 32));
    }

    /// A seed for a part of the data set, such as a cell.
    std::uint64_t seed_of(Index part) const { return DataDraws{seed, Purpose::cell}.bits(0, part); }
};

}  // namespace chromatid
