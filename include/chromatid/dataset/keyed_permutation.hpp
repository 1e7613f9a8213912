// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/index.hpp>
#include <chromatid/core/philox.hpp>

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace chromatid {

/// An order of 0 ... size - 1 that a key picks: a one-to-one function of the index, computed where it is asked, with nothing stored.
///
/// A Feistel network of eight rounds over the least power of four that holds `size`, walked on while the result is `size` or more (Black
/// and Rogaway, "Ciphers with arbitrary finite domains", CT-RSA 2002): at most four walks on average.
class KeyedPermutation {
  public:
    /// \param size  at least 0
    /// \param seed, number  the key: every number of a seed is another order
    KeyedPermutation(Index size, std::uint64_t seed, std::uint64_t number) : size_(static_cast<std::uint64_t>(size)) {
        if (size_ > 64) half_ = (static_cast<unsigned>(std::bit_width(size_ - 1)) + 1) / 2;
        for (std::uint32_t i = 0; i < 2; ++i) {
            const Philox::Block block = Philox::block(
                Philox::key(seed), {static_cast<std::uint32_t>(number), static_cast<std::uint32_t>(number >> 32), i, 0x6f726465U});
            for (std::size_t j = 0; j < 4; ++j) keys_[4 * i + j] = block[j];
        }
    }

    Index size() const { return static_cast<Index>(size_); }

    /// What stands at a place of the order; `place` must be in [0, size).
    Index operator()(Index place) const {
        auto at = static_cast<std::uint64_t>(place);
        do at = mixed(at);
        while (at >= size_);
        return static_cast<Index>(at);
    }

  private:
    std::uint64_t mixed(std::uint64_t value) const {
        const std::uint64_t mask = (std::uint64_t{1} << half_) - 1;
        std::uint64_t left = value >> half_, right = value & mask;
        for (const std::uint32_t key : keys_) {
            std::uint32_t x = static_cast<std::uint32_t>(right) ^ key;  // the finalizer of MurmurHash3
            x = (x ^ x >> 16) * 0x85ebca6bU;
            x = (x ^ x >> 13) * 0xc2b2ae35U;
            x ^= x >> 16;
            const std::uint64_t next = left ^ (x & mask);
            left = right;
            right = next;
        }
        return left << half_ | right;
    }

    std::uint64_t size_;
    unsigned half_ = 3;  // bits of each half
    std::array<std::uint32_t, 8> keys_{};
};

}  // namespace chromatid
