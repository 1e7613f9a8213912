// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/error.hpp>
#include <chromatid/genome/base_code.hpp>
#include <chromatid/io/output_file.hpp>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <span>
#include <string>
#include <vector>

namespace chromatid {

/// How `write_two_bit` lays out its file.
struct TwoBitLayout {
    int version = 0;  ///< 0, or 1 for files above 4 GB (64-bit offsets)
    std::endian byte_order = std::endian::little;
};

/// One sequence for `write_two_bit`: A, C, G, T in upper or lower case (lower case is soft-masked), any other letter is N.
struct TwoBitSequence {
    std::string name;
    std::string letters;
};

namespace detail {

struct TwoBitBlocks {
    std::vector<std::uint64_t> starts, sizes;
};

template <class Belongs>
TwoBitBlocks two_bit_blocks(const std::string& letters, Belongs belongs) {
    TwoBitBlocks blocks;
    for (std::size_t i = 0; i < letters.size(); ++i) {
        if (!belongs(letters[i])) continue;
        if (i == 0 || !belongs(letters[i - 1])) {
            blocks.starts.push_back(i);
            blocks.sizes.push_back(0);
        }
        ++blocks.sizes.back();
    }
    return blocks;
}

inline void append_number(std::string& bytes, std::uint64_t value, std::size_t size, std::endian order) {
    for (std::size_t i = 0; i < size; ++i) {
        const std::size_t shift = 8 * (order == std::endian::little ? i : size - 1 - i);
        bytes += static_cast<char>(value >> shift & 0xff);
    }
}

inline std::string two_bit_record(const std::string& letters, std::endian order) {
    std::string bytes;
    append_number(bytes, letters.size(), 4, order);
    const auto unknown = two_bit_blocks(letters, [](char c) { return base_code(c) == unknown_base; });
    const auto masked = two_bit_blocks(letters, [](char c) { return c >= 'a' && c <= 'z'; });
    for (const TwoBitBlocks& blocks : {unknown, masked}) {
        append_number(bytes, blocks.starts.size(), 4, order);
        for (const std::uint64_t start : blocks.starts) append_number(bytes, start, 4, order);
        for (const std::uint64_t size : blocks.sizes) append_number(bytes, size, 4, order);
    }
    append_number(bytes, 0, 4, order);
    static constexpr unsigned bits_of[] = {2, 1, 3, 0, 0};  // A, C, G, T, unknown
    for (std::size_t i = 0; i < letters.size(); i += 4) {
        unsigned packed = 0;
        for (std::size_t j = i; j < i + 4; ++j) packed = packed << 2 | (j < letters.size() ? bits_of[base_code(letters[j])] : 0);
        bytes += static_cast<char>(packed);
    }
    return bytes;
}

}  // namespace detail

/// Writes sequences as a 2bit file, which appears whole or not at all.
/// \throws UsageError for a version other than 0 and 1, and where a name or a sequence, or a version 0 file, is longer than the format can
///         say; IoError
inline void write_two_bit(const std::filesystem::path& path, std::span<const TwoBitSequence> sequences, TwoBitLayout layout = {}) {
    constexpr std::uint64_t limit = std::numeric_limits<std::uint32_t>::max();
    if (layout.version != 0 && layout.version != 1)
        throw UsageError(path.string() + ": 2bit has versions 0 and 1, not " + std::to_string(layout.version));
    const std::endian order = layout.byte_order;
    const std::size_t offset_size = layout.version == 0 ? 4 : 8;
    std::string header;
    detail::append_number(header, 0x1a412743, 4, order);
    detail::append_number(header, static_cast<std::uint64_t>(layout.version), 4, order);
    detail::append_number(header, sequences.size(), 4, order);
    detail::append_number(header, 0, 4, order);
    std::uint64_t offset = header.size();
    for (const TwoBitSequence& s : sequences) {
        if (s.name.size() > 255 || s.letters.size() > limit)
            throw UsageError(path.string() + ": \"" + s.name + "\" is too long for a 2bit file");
        offset += 1 + s.name.size() + offset_size;
    }
    std::vector<std::string> records;
    for (const TwoBitSequence& s : sequences) {
        if (layout.version == 0 && offset > limit) throw UsageError(path.string() + ": more than 4 GB need 2bit version 1");
        header += static_cast<char>(s.name.size());
        header += s.name;
        detail::append_number(header, offset, offset_size, order);
        records.push_back(detail::two_bit_record(s.letters, order));
        offset += records.back().size();
    }
    OutputFile file(path);
    file.write(header);
    for (const std::string& record : records) file.write(record);
    file.commit();
}

}  // namespace chromatid
