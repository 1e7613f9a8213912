// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/io/binary_file.hpp>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <string>
#include <string_view>

namespace factornet {

/// FNV-1a of some texts, 64 bits: tells inputs apart that have changed, says nothing about intent.
class TextDigest {
  public:
    void add(std::string_view text) {
        for (const char c : text) state_ = (state_ ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
        state_ = (state_ ^ 0xffU) * 0x100000001b3U;  // "a", "bc" is not "ab", "c"
    }
    /// "fnv1a64:85944171f73967e8"
    std::string text() const {
        char hex[32];
        std::snprintf(hex, sizeof hex, "fnv1a64:%016llx", static_cast<unsigned long long>(state_));
        return hex;
    }

  private:
    std::uint64_t state_ = 0xcbf29ce484222325U;
};

/// A file's size and a digest of 64 evenly spread pieces of it, so that hours of decoded tracks are not read for a comparison.
/// \throws chromatid::IoError
inline std::string file_digest(const std::filesystem::path& path) {
    constexpr std::uint64_t pieces = 64, piece = 16'384;
    const chromatid::detail::BinaryFile file(path);
    TextDigest digest;
    for (std::uint64_t i = 0; i < pieces && i * piece < file.size(); ++i) {
        const std::uint64_t start = file.size() <= pieces * piece ? i * piece : (file.size() - piece) / (pieces - 1) * i;
        const auto bytes = file.read(start, std::min(piece, file.size() - start), "a piece");
        digest.add({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    }
    return std::to_string(file.size()) + " bytes " + digest.text();
}

}  // namespace factornet
