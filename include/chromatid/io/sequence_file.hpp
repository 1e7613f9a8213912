// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/genome/any_sequence.hpp>
#include <chromatid/io/binary_file.hpp>
#include <chromatid/io/fasta.hpp>
#include <chromatid/io/two_bit.hpp>

#include <array>
#include <cstdint>
#include <filesystem>

namespace chromatid {

/// Opens a genome file: FASTA (plain, bgzip, gzip) or 2bit, told apart by content, not by name.
/// \throws IoError, FormatError as `Fasta` and `TwoBit`
inline AnySequence open_sequence(const std::filesystem::path& path) {
    static constexpr std::array<std::uint8_t, 4> little = {0x43, 0x27, 0x41, 0x1a};
    static constexpr std::array<std::uint8_t, 4> big = {0x1a, 0x41, 0x27, 0x43};
    std::array<std::uint8_t, 4> head{};
    {
        const detail::BinaryFile file(path);
        if (file.size() >= head.size()) file.read(0, head, "the signature");
    }
    if (head == little || head == big) return TwoBit(path);
    return Fasta(path);
}

}  // namespace chromatid
