// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/io/binary_file.hpp>
#include <chromatid/io/digest.hpp>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <string>

namespace factornet {

/// A file's size and a digest of 64 evenly spread pieces of it, so that hours of decoded tracks are not read for a comparison.
/// \throws chromatid::IoError
inline std::string file_digest(const std::filesystem::path& path) {
    constexpr std::uint64_t pieces = 64, piece = 16'384;
    const chromatid::detail::BinaryFile file(path);
    chromatid::Digest digest;
    for (std::uint64_t i = 0; i < pieces && i * piece < file.size(); ++i) {
        const std::uint64_t start = file.size() <= pieces * piece ? i * piece : (file.size() - piece) / (pieces - 1) * i;
        const auto bytes = file.read(start, std::min(piece, file.size() - start), "a piece");
        digest.add(bytes);
    }
    return std::to_string(file.size()) + " bytes " + digest.text();
}

}  // namespace factornet
