// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdint>

namespace chromatid {

/// Philox4x32-10, a counter-based random generator: a pure function of (key, counter), the same bits on every backend.
///
/// Ten rounds of two 32 x 32 -> 64 bit products with key increments 0x9E3779B9 and 0xBB67AE85. Salmon, Moraes, Dror and Shaw, "Parallel
/// random numbers: as easy as 1, 2, 3", SC 2011. Nothing is stored between calls, so any element of any mask can be drawn again.
struct Philox {
    using Key = std::array<std::uint32_t, 2>;
    using Block = std::array<std::uint32_t, 4>;

    /// Key of a 64-bit seed.
    static constexpr Key key(std::uint64_t seed) {
        return {static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)};
    }

    /// The four 32-bit numbers of one counter.
    static constexpr Block block(Key key, Block counter) {
        for (int round = 0; round < 10; ++round) {
            const std::uint64_t p0 = std::uint64_t{0xD2511F53U} * counter[0];
            const std::uint64_t p1 = std::uint64_t{0xCD9E8D57U} * counter[2];
            counter = {static_cast<std::uint32_t>(p1 >> 32) ^ counter[1] ^ key[0], static_cast<std::uint32_t>(p1),
                       static_cast<std::uint32_t>(p0 >> 32) ^ counter[3] ^ key[1], static_cast<std::uint32_t>(p0)};
            key[0] += 0x9E3779B9U;
            key[1] += 0xBB67AE85U;
        }
        return counter;
    }

    /// A number in [0, 1) from the upper 24 bits; every value is exact in float.
    static constexpr float uniform(std::uint32_t bits) { return static_cast<float>(bits >> 8) * (1.0F / 16777216.0F); }
};

}  // namespace chromatid
