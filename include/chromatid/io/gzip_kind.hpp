// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/error.hpp>

#include <array>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <ios>
#include <string_view>

namespace chromatid::detail {

enum class GzipKind { none, gzip, bgzip };

/// Whether a file is plain, gzip, or bgzip (gzip in blocks that can be jumped to), by its first bytes.
/// \throws IoError where it cannot be read or is a pipe, which would lose its first bytes here; FormatError for a bgzip file without the
///         empty block that ends every whole one
inline GzipKind gzip_kind(const std::filesystem::path& path) {
    std::error_code ignored;
    if (std::filesystem::is_directory(path, ignored)) throw IoError(path.string(), "cannot read", EISDIR);
    if (std::filesystem::exists(path, ignored) && !std::filesystem::is_regular_file(path, ignored))
        throw IoError(path.string(), "is a pipe or a device; write its content to a file first", ESPIPE);
    errno = 0;
    std::ifstream file(path, std::ios::binary);
    if (!file) throw IoError(path.string(), "cannot open", errno);
    std::array<char, 18> head{};
    file.read(head.data(), head.size());
    const std::string_view bytes(head.data(), static_cast<std::size_t>(file.gcount()));
    if (!bytes.starts_with("\x1f\x8b")) return GzipKind::none;
    if (bytes.size() < head.size() || (bytes[3] & 4) == 0 || bytes.substr(12, 2) != "BC") return GzipKind::gzip;

    static constexpr std::string_view end_block("\x1f\x8b\x08\x04\0\0\0\0\0\xff\x06\0BC\x02\0\x1b\0\x03\0\0\0\0\0\0\0\0\0", 28);
    std::array<char, end_block.size()> tail{};
    file.clear();
    file.seekg(-static_cast<std::streamoff>(tail.size()), std::ios::end);
    file.read(tail.data(), tail.size());
    if (!file || std::string_view(tail.data(), tail.size()) != end_block) {
        throw FormatError(path.string(), "", "the bgzip file lacks its end-of-file block (truncated download?)");
    }
    return GzipKind::bgzip;
}

}  // namespace chromatid::detail
