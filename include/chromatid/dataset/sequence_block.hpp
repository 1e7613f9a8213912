// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/genome/base_code.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace chromatid::detail {

/// A stretch of base codes in as few bits as hold them exactly: none where all are unknown, two per base where all are known, else four.
struct SequenceBlock {
    const std::uint8_t* data = nullptr;
    std::uint8_t bits = 0;

    /// Packs codes into `bytes`; the block's `data` is to be set to where they will lie.
    static SequenceBlock pack(std::span<const std::uint8_t> codes, std::vector<std::uint8_t>& bytes) {
        const auto unknown = std::count(codes.begin(), codes.end(), unknown_base);
        SequenceBlock block;
        block.bits = unknown == 0 ? 2 : unknown == static_cast<std::ptrdiff_t>(codes.size()) ? 0 : 4;
        bytes.assign((codes.size() * block.bits + 7) / 8, 0);
        if (block.bits == 0) return block;
        const std::size_t per_byte = 8 / block.bits;
        for (std::size_t i = 0; i < codes.size(); ++i)
            bytes[i / per_byte] = static_cast<std::uint8_t>(bytes[i / per_byte] | codes[i] << (i % per_byte * block.bits));
        return block;
    }

    /// Codes from the block's base `first` on.
    void unpack(std::size_t first, std::span<std::uint8_t> codes) const {
        if (bits == 0) std::fill(codes.begin(), codes.end(), unknown_base);
        else if (bits == 2)
            for (std::size_t i = 0, at = first; i < codes.size(); ++i, ++at)
                codes[i] = static_cast<std::uint8_t>(data[at / 4] >> (at % 4 * 2) & 3);
        else
            for (std::size_t i = 0, at = first; i < codes.size(); ++i, ++at)
                codes[i] = static_cast<std::uint8_t>(data[at / 2] >> (at % 2 * 4) & 15);
    }
};

}  // namespace chromatid::detail
