// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/error.hpp>
#include <chromatid/io/fields.hpp>
#include <chromatid/io/text_reader.hpp>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace chromatid {

/// A cell directory in FactorNet's layout: `bigwig.txt` lists signal tracks, `meta.txt` values that describe the cell, `chip.txt` peak
/// files. Columns are separated by spaces or tabs; file names are relative to the directory. Each list is read when it is asked for, so
/// only the ones that are needed must be there.
class CellDirectory {
  public:
    /// A line of `bigwig.txt`: file, name.
    struct Track {
        std::filesystem::path file;
        std::string name;
    };

    /// A line of `meta.txt`: value, name.
    struct MetaValue {
        double value = 0;
        std::string name;
    };

    /// A line of `chip.txt`: file of conservative peaks, transcription factor, and where given file of relaxed peaks (else empty).
    struct Peaks {
        std::filesystem::path file;
        std::string factor;
        std::filesystem::path relaxed;
    };

    /// \throws IoError where there is no such directory
    explicit CellDirectory(std::filesystem::path path) : path_(std::move(path)) {
        if (!std::filesystem::exists(path_)) throw IoError(path_.string(), "cannot open the cell directory", ENOENT);
        if (!std::filesystem::is_directory(path_)) throw IoError(path_.string(), "cannot open the cell directory", ENOTDIR);
    }

    const std::filesystem::path& path() const { return path_; }

    /// The signal tracks, in the order of the model's channels.
    /// \throws IoError where `bigwig.txt` is missing; FormatError with file and line for a wrong number of columns, a name given twice,
    ///     or an empty list
    std::vector<Track> tracks() const {
        return read<Track>("bigwig.txt", "a file and a name", 2, 2, [&](const TextReader&, const auto& words) {
            return Track{path_ / words[0], std::string(words[1])};
        });
    }

    /// The values that describe the cell.
    /// \throws as `tracks`, for `meta.txt`
    std::vector<MetaValue> meta() const {
        return read<MetaValue>("meta.txt", "a value and a name", 2, 2, [](const TextReader& reader, const auto& words) {
            return MetaValue{detail::parse_number<double>(reader, words[0], "value"), std::string(words[1])};
        });
    }

    /// The peak files.
    /// \throws as `tracks`, for `chip.txt`
    std::vector<Peaks> peaks() const {
        return read<Peaks>(
            "chip.txt", "a file, a factor and perhaps a file of relaxed peaks", 2, 3, [&](const TextReader&, const auto& words) {
                return Peaks{path_ / words[0], std::string(words[1]), words.size() > 2 ? path_ / words[2] : std::filesystem::path()};
            });
    }

  private:
    using Words = std::vector<std::string_view>;

    template <class Line, class Parse>
    std::vector<Line> read(const char* name, const char* columns, std::size_t fewest, std::size_t most, Parse parse) const {
        TextReader reader(path_ / name);
        std::vector<Line> lines;
        std::vector<std::string> names;
        Words words;
        while (const auto line = reader.next()) {
            detail::split_words(*line, words);
            if (words.empty()) continue;
            if (words.size() < fewest || words.size() > most) {
                reader.fail(std::string("a line holds ") + columns + ", this one has " + std::to_string(words.size()) + " columns");
            }
            if (std::find(names.begin(), names.end(), words[1]) != names.end())
                reader.fail("\"" + std::string(words[1]) + "\" is listed twice");
            names.emplace_back(words[1]);
            lines.push_back(parse(reader, std::as_const(words)));
        }
        if (lines.empty()) throw FormatError(reader.file(), "", "lists nothing");
        return lines;
    }

    std::filesystem::path path_;
};

}  // namespace chromatid
