// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/io/bed.hpp>

#include <charconv>
#include <cstddef>
#include <string>
#include <string_view>

namespace factornet {

/// Appends the shortest text that reads back as the same float.
inline void append_number(std::string& line, float value) {
    char text[32];
    line.append(text, std::to_chars(text, text + sizeof text, value).ptr);
}

/// A line of a table of predictions: the window's columns, with the score in column 4.
inline void set_table_line(std::string& line, const chromatid::BedRecord& window, std::string_view score) {
    line.clear();
    for (std::size_t i = 0; i < 3; ++i) (line += window.fields[i]) += '\t';
    line += score;
    for (std::size_t i = 4; i < window.fields.size(); ++i) (line += '\t') += window.fields[i];
    line += '\n';
}

}  // namespace factornet
