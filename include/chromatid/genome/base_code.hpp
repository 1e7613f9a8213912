// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace chromatid {

/// Code of a base that is not known: N, every other IUPAC letter, gaps, and what lies past the end of a chromosome.
inline constexpr std::uint8_t unknown_base = 4;

namespace detail {

inline constexpr std::array<std::uint8_t, 256> base_codes = [] {
    std::array<std::uint8_t, 256> codes{};
    codes.fill(unknown_base);
    constexpr std::string_view letters = "ACGTacgt";
    for (std::size_t i = 0; i < letters.size(); ++i) codes[static_cast<unsigned char>(letters[i])] = static_cast<std::uint8_t>(i % 4);
    return codes;
}();

}  // namespace detail

/// A, C, G, T in either case to 0, 1, 2, 3; anything else to `unknown_base`. U is unknown as well: sources are DNA, and FactorNet's rule is
/// that whatever is not one of the four letters is a row of zeros.
constexpr std::uint8_t base_code(char letter) { return detail::base_codes[static_cast<unsigned char>(letter)]; }

/// The letter of a code: one of "ACGTN".
constexpr char base_letter(std::uint8_t code) { return code < unknown_base ? "ACGT"[code] : 'N'; }

/// Code of the pairing base: A with T, C with G, unknown with unknown.
constexpr std::uint8_t complement_code(std::uint8_t code) {
    return code < unknown_base ? static_cast<std::uint8_t>(3 - code) : unknown_base;
}

/// Codes of a text, one each. `codes` must be as long as `letters`.
constexpr void encode_bases(std::string_view letters, std::span<std::uint8_t> codes) {
    for (std::size_t i = 0; i < letters.size(); ++i) codes[i] = base_code(letters[i]);
}

}  // namespace chromatid
