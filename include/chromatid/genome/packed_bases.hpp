// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/genome/base_code.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace chromatid::detail {

/// Base codes in four bits each, so that a human genome with its unknown bases takes 1.6 GB. Grows at the end; read in any place.
class PackedBases {
  public:
    void push_back(std::uint8_t code) {
        if (size_ % 2 == 0) bytes_.push_back(code);
        else bytes_.back() = static_cast<std::uint8_t>(bytes_.back() | code << 4);
        ++size_;
    }

    void append(std::string_view letters) {
        for (const char letter : letters) push_back(base_code(letter));
    }

    /// Gives back memory kept for growth.
    void shrink_to_fit() { bytes_.shrink_to_fit(); }

    std::size_t size() const { return size_; }

    /// Codes from `start` on; `start + codes.size()` must not pass `size()`.
    void copy(std::size_t start, std::span<std::uint8_t> codes) const {
        for (std::size_t i = 0; i < codes.size(); ++i) {
            const std::size_t at = start + i;
            codes[i] = static_cast<std::uint8_t>(bytes_[at / 2] >> (at % 2 * 4) & 0xf);
        }
    }

  private:
    std::vector<std::uint8_t> bytes_;
    std::size_t size_ = 0;
};

}  // namespace chromatid::detail
