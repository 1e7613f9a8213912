// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/error.hpp>
#include <chromatid/io/text_reader.hpp>

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>

namespace chromatid::detail {

/// Reads FASTA from beginning to end by the rules that an index needs: each record a `>` line with a name, then lines of equal length of
/// which only the last may be shorter; blank lines only between records; letters, `*` and `-` only; no name twice.
///
/// \param begin  called with each name
/// \param bases  called with each line of letters
/// \throws FormatError with file and line where a rule is broken, or for a file without a record
template <class Begin, class Bases>
void scan_fasta(TextReader& reader, Begin begin, Bases bases) {
    std::unordered_set<std::string> names;
    std::size_t width = 0;
    bool last_line_seen = false;
    const auto is_base = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '*' || c == '-'; };
    while (const auto line = reader.next()) {
        if (line->empty()) {
            last_line_seen = true;
        } else if (line->front() == '>') {
            std::string name(line->substr(1, line->find_first_of(" \t") - 1));
            if (name.empty()) reader.fail("a record without a name");
            if (!names.insert(name).second) reader.fail("sequence \"" + name + "\" is there twice");
            begin(std::move(name));
            width = 0;
            last_line_seen = false;
        } else {
            if (names.empty()) reader.fail("not FASTA: the first line must begin with \">\" and a name");
            if (last_line_seen)
                reader.fail("sequence goes on after a shorter or blank line: all lines of a record but the last must be equally long");
            if (width != 0 && line->size() > width)
                reader.fail("a line longer than those before it: all lines of a record but the last must be equally long");
            const auto other = std::find_if_not(line->begin(), line->end(), is_base);
            if (other != line->end()) {
                reader.fail("column " + std::to_string(other - line->begin() + 1) +
                            " is not a base: only letters, \"*\" and \"-\" may stand in a sequence");
            }
            if (width == 0) width = line->size();
            last_line_seen = line->size() < width;
            bases(*line);
        }
    }
    if (names.empty()) throw FormatError(reader.file(), "", "holds no sequence");
}

}  // namespace chromatid::detail
