// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/genome/chrom_sizes.hpp>
#include <chromatid/io/fields.hpp>
#include <chromatid/io/text_reader.hpp>

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace chromatid {

/// Reads chromosome names and sizes from the first two columns of a text file, in its order: chrom.sizes, or the .fai index of a FASTA
/// file. Blank lines and comments (`#`) are passed over.
/// \throws IoError where it cannot be read; FormatError with file and line for a missing column, a size that is no number or negative, a
///     name given twice, or a file without any chromosome
inline ChromSizes read_chrom_sizes(const std::filesystem::path& path) {
    TextReader reader(path);
    ChromSizes sizes;
    std::vector<std::string_view> columns;
    while (const auto line = reader.next()) {
        detail::split_words(*line, columns);
        if (columns.empty() || columns[0].starts_with('#')) continue;
        if (columns.size() < 2) reader.fail("needs a chromosome and its size");
        const auto size = detail::parse_number<std::int64_t>(reader, columns[1], "size");
        try {
            sizes.add(std::string(columns[0]), size);
        } catch (const UsageError& e) {
            reader.fail(e.what());
        }
    }
    if (sizes.empty()) throw FormatError(reader.file(), "", "holds no chromosome");
    return sizes;
}

}  // namespace chromatid
