// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <cstdio>
#include <span>
#include <string>
#include <string_view>

namespace chromatid {

/// FNV-1a of bytes, 64 bits: finds damage and tells inputs apart that have changed, says nothing about intent.
/// Fowler, Noll, Vo; RFC 9923.
class Digest {
  public:
    void add(std::span<const std::uint8_t> bytes) {
        for (const std::uint8_t byte : bytes) add(byte);
    }
    /// The bytes of a text.
    void add(std::string_view text) {
        for (const char c : text) add(static_cast<std::uint8_t>(c));
    }
    /// A text of a list, so that "a", "bc" is not "ab", "c".
    void add_item(std::string_view text) {
        add(text);
        add(std::uint8_t{0xff});
    }
    /// "fnv1a64:85944171f73967e8"
    std::string text() const {
        char hex[32];
        std::snprintf(hex, sizeof hex, "fnv1a64:%016llx", static_cast<unsigned long long>(state_));
        return hex;
    }

  private:
    void add(std::uint8_t byte) { state_ = (state_ ^ byte) * 0x100000001b3U; }

    std::uint64_t state_ = 0xcbf29ce484222325U;
};

}  // namespace chromatid
