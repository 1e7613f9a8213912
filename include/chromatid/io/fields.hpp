// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/io/text_reader.hpp>

#include <charconv>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <vector>

namespace chromatid::detail {

inline constexpr std::string_view blanks = " \t";

/// Words of a line, separated by runs of spaces and tabs.
inline void split_words(std::string_view line, std::vector<std::string_view>& words) {
    words.clear();
    for (auto at = line.find_first_not_of(blanks); at != std::string_view::npos; at = line.find_first_not_of(blanks, at)) {
        words.push_back(line.substr(at, line.find_first_of(blanks, at) - at));
        at += words.back().size();
        if (at >= line.size()) break;
    }
}

/// Columns of a table's line: between tabs, which may leave a column empty; where the line has no tab, between runs of spaces.
inline void split_columns(std::string_view line, std::vector<std::string_view>& columns) {
    if (line.find('\t') == std::string_view::npos) return split_words(line, columns);
    columns.clear();
    std::string_view::size_type tab;
    while ((tab = line.find('\t')) != std::string_view::npos) {
        columns.push_back(line.substr(0, tab));
        line.remove_prefix(tab + 1);
    }
    columns.push_back(line);
}

/// A whole column as a number.
/// \param what  what the column holds, for the message
/// \throws FormatError
template <class Number>
Number parse_number(const TextReader& reader, std::string_view text, const char* what) {
    Number value{};
    const std::string_view digits = text.starts_with('+') && !text.starts_with("+-") ? text.substr(1) : text;
    const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (failure != std::errc() || end != digits.data() + digits.size()) {
        reader.fail(std::string(what) + " \"" + std::string(text) + "\" is not " +
                    (std::is_integral_v<Number> ? "a whole number" : "a number"));
    }
    return value;
}

}  // namespace chromatid::detail
