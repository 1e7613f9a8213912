// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/index.hpp>
#include <chromatid/genome/interval.hpp>
#include <chromatid/io/fields.hpp>
#include <chromatid/io/text_reader.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace chromatid {

/// One line of a BED file: the interval of its first three columns, and all columns as they were written.
struct BedRecord {
    Interval interval;
    std::vector<std::string> fields;
};

/// Reads the tables of intervals that begin like BED (BED3 to BED12, narrowPeak, bedGraph), line by line; plain, gzip or bgzip. Columns
/// are separated by tabs, or by spaces in a line without tabs. Blank lines, comments (`#`) and `track` and `browser` lines are passed
/// over.
class BedReader {
  public:
    /// \param columns  columns that each line must have, at least 3
    /// \throws IoError where the file cannot be opened
    explicit BedReader(const std::filesystem::path& path, std::size_t columns = 3) : reader_(path), columns_(columns) {}

    /// The next record, or nullptr at the end. It stays valid until the next call.
    /// \throws FormatError with file and line for too few columns, a coordinate that is no number or negative, or a start after its end
    const BedRecord* next() {
        while (const auto line = reader_.next()) {
            if (is_data(*line)) {
                parse(*line);
                return &record_;
            }
        }
        return nullptr;
    }

    /// A column of the record given last as a number.
    /// \param what  what the column holds, for the message
    /// \throws FormatError
    template <class Number>
    Number number(std::size_t column, const char* what) const {
        return detail::parse_number<Number>(reader_, record_.fields[column], what);
    }

    /// Line of the record given last, counted from 1.
    Index line_number() const { return reader_.line_number(); }

    /// Bytes of the file, as it is stored, read so far.
    std::int64_t bytes_read() const { return reader_.bytes_read(); }

    /// Throws FormatError about the record given last.
    [[noreturn]] void fail(const std::string& what) const { reader_.fail(what); }

  private:
    static bool is_data(std::string_view line) {
        const auto first = line.find_first_not_of(detail::blanks);
        if (first == std::string_view::npos || line[first] == '#') return false;
        const std::string_view word = line.substr(first, line.find_first_of(detail::blanks, first) - first);
        return word != "track" && word != "browser";
    }

    void parse(std::string_view line) {
        detail::split_columns(line, columns_found_);
        if (columns_found_.size() < columns_) {
            fail("needs " + std::to_string(columns_) + " columns separated by tabs or spaces, has " +
                 std::to_string(columns_found_.size()));
        }
        record_.fields.resize(columns_found_.size());
        for (std::size_t i = 0; i < columns_found_.size(); ++i) record_.fields[i] = columns_found_[i];
        Interval& interval = record_.interval;
        interval.chrom = columns_found_[0];
        if (interval.chrom.empty()) fail("the chromosome's name is empty");
        interval.start = number<std::int64_t>(1, "start");
        interval.end = number<std::int64_t>(2, "end");
        if (interval.start < 0) fail("start " + std::to_string(interval.start) + " is negative");
        if (interval.start > interval.end)
            fail("start " + std::to_string(interval.start) + " is after end " + std::to_string(interval.end));
    }

    TextReader reader_;
    std::size_t columns_;
    std::vector<std::string_view> columns_found_;
    BedRecord record_;
};

/// The intervals of a BED file in its order.
/// \throws IoError, FormatError as `BedReader`
inline std::vector<Interval> read_bed(const std::filesystem::path& path) {
    std::vector<Interval> intervals;
    BedReader reader(path);
    while (const BedRecord* record = reader.next()) intervals.push_back(record->interval);
    return intervals;
}

}  // namespace chromatid
