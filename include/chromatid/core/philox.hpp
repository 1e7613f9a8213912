// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/host_device.hpp>

#include <cstddef>
#include <cstdint>

namespace chromatid {

/// Philox4x32-10, a counter-based random generator: a pure function of (key, counter), the same bits on every backend.
///
/// Ten rounds of two 32 x 32 -> 64 bit products with key increments 0x9E3779B9 and 0xBB67AE85. Salmon, Moraes, Dror and Shaw, "Parallel
/// random numbers: as easy as 1, 2, 3", SC 2011. Nothing is stored between calls, so any element of any mask can be drawn again.
struct Philox {
    /// Words side by side; what of std::array kernels may call.
    template <std::size_t N>
    struct Words {
        std::uint32_t words[N];

        CHROMATID_HOST_DEVICE constexpr std::uint32_t& operator[](std::size_t i) { return words[i]; }
        CHROMATID_HOST_DEVICE constexpr const std::uint32_t& operator[](std::size_t i) const { return words[i]; }
        constexpr const std::uint32_t* begin() const { return words; }
        constexpr const std::uint32_t* end() const { return words + N; }
        constexpr bool operator==(const Words&) const = default;
    };
    using Key = Words<2>;
    using Block = Words<4>;

    static constexpr std::uint64_t multiplier_0 = 0xD2511F53U, multiplier_1 = 0xCD9E8D57U;
    static constexpr std::uint32_t increment_0 = 0x9E3779B9U, increment_1 = 0xBB67AE85U;
    static constexpr int rounds = 10;

    /// Key of a 64-bit seed.
    CHROMATID_HOST_DEVICE static constexpr Key key(std::uint64_t seed) {
        return {static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)};
    }

    /// The four 32-bit numbers of one counter.
    CHROMATID_HOST_DEVICE static constexpr Block block(Key key, Block counter) {
        for (int round = 0; round < rounds; ++round) {
            const std::uint64_t p0 = multiplier_0 * counter[0];
            const std::uint64_t p1 = multiplier_1 * counter[2];
            counter = {static_cast<std::uint32_t>(p1 >> 32) ^ counter[1] ^ key[0], static_cast<std::uint32_t>(p1),
                       static_cast<std::uint32_t>(p0 >> 32) ^ counter[3] ^ key[1], static_cast<std::uint32_t>(p0)};
            key[0] += increment_0;
            key[1] += increment_1;
        }
        return counter;
    }

    /// A number in [0, 1) from the upper 24 bits; every value is exact in float.
    CHROMATID_HOST_DEVICE static constexpr float uniform(std::uint32_t bits) {
        return static_cast<float>(bits >> 8) * (1.0F / 16777216.0F);
    }
};

}  // namespace chromatid
