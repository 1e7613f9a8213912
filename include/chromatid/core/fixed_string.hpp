// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace chromatid {

/// A string literal that can be a template argument: `Name<"motifs">`.
template <std::size_t N>
struct FixedString {
    char text[N]{};

    consteval FixedString(const char (&literal)[N]) { std::copy_n(literal, N, text); }
    constexpr std::string_view view() const { return {text, N - 1}; }
};

}  // namespace chromatid
