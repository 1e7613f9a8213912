// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/error.hpp>
#include <chromatid/core/index.hpp>
#include <chromatid/io/fields.hpp>
#include <chromatid/io/text_reader.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace chromatid {

/// A DNA motif: how probable each letter is at each position.
struct MemeMotif {
    std::string id;                                    ///< first word of its MOTIF line
    std::string name;                                  ///< second word, or the id where there is none
    std::vector<std::array<double, 4>> probabilities;  ///< of A, C, G, T, position by position; each row adds up to 1
    double sites = 0;                                  ///< sequences it was made from, 0 where the file does not say

    Index width() const { return static_cast<Index>(probabilities.size()); }
};

namespace detail {

inline bool same_letters(std::string_view a, std::string_view b) {
    const auto upper = [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; };
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) { return upper(x) == upper(y); });
}

}  // namespace detail

/// Reads the motifs of a file in MEME's text format (version 4 and later): their letter-probability matrices; all else is passed over.
/// Plain or gzip.
/// \throws IoError where it cannot be read; FormatError with file and line for a file that is not MEME's or holds no motif, another
///     alphabet than ACGT, a motif without matrix, a matrix with too few rows, a row that is not four probabilities adding up to 1 (within
///     0.02: they are scaled to do so)
inline std::vector<MemeMotif> read_meme(const std::filesystem::path& path) {
    TextReader reader(path);
    std::vector<MemeMotif> motifs;
    std::vector<std::string_view> words;
    bool is_meme = false;
    Index rows_left = 0;  // of the matrix that is being read; -1: as many as follow
    const auto end_matrix = [&] {
        if (rows_left > 0) reader.fail("the matrix of " + motifs.back().id + " ends " + std::to_string(rows_left) + " rows too soon");
        if (!motifs.empty() && motifs.back().probabilities.empty())
            reader.fail("motif " + motifs.back().id + " has no letter-probability matrix");
        rows_left = 0;
    };
    const auto add_row = [&] {
        if (words.size() != 4)
            reader.fail("a row has probabilities of A, C, G and T, this one has " + std::to_string(words.size()) + " columns");
        std::array<double, 4> row{};
        double sum = 0;
        for (std::size_t i = 0; i < 4; ++i) {
            row[i] = detail::parse_number<double>(reader, words[i], "probability");
            if (!(row[i] >= 0 && row[i] <= 1)) reader.fail("probability " + std::string(words[i]) + " is not between 0 and 1");
            sum += row[i];
        }
        if (std::abs(sum - 1) > 0.02) reader.fail("the probabilities of a row add up to " + std::to_string(sum) + ", not 1");
        for (double& p : row) p /= sum;
        motifs.back().probabilities.push_back(row);
        if (rows_left > 0) --rows_left;
    };
    const auto begin_matrix = [&](std::string_view line) {
        if (motifs.empty()) reader.fail("a matrix comes before the first MOTIF line");
        if (!motifs.back().probabilities.empty()) reader.fail("motif " + motifs.back().id + " has a second matrix");
        rows_left = -1;
        line.remove_prefix(line.find(':') + 1);
        detail::split_words(line, words);
        for (std::size_t i = 0; i + 1 < words.size(); ++i) {
            if (words[i] == "alength=" && words[i + 1] != "4")
                reader.fail("the matrix has " + std::string(words[i + 1]) + " letters: only DNA motifs are read");
            if (words[i] == "nsites=") motifs.back().sites = detail::parse_number<double>(reader, words[i + 1], "number of sites");
            if (words[i] != "w=") continue;
            rows_left = detail::parse_number<Index>(reader, words[i + 1], "width");
            if (rows_left < 1) reader.fail("a motif of width " + std::string(words[i + 1]) + " is none");
        }
    };

    while (const auto line = reader.next()) {
        detail::split_words(*line, words);
        if (!is_meme) {
            if (words.empty()) continue;
            if (words.size() < 3 || words[0] != "MEME" || words[1] != "version")
                reader.fail("a file in MEME's format begins with \"MEME version\"");
            is_meme = true;
        } else if (!words.empty() && words[0] == "MOTIF") {
            end_matrix();
            if (words.size() < 2) reader.fail("the motif has no name");
            motifs.push_back({std::string(words[1]), std::string(words.size() > 2 ? words[2] : words[1]), {}, 0});
        } else if (line->starts_with("letter-probability matrix:")) {
            begin_matrix(*line);
        } else if (rows_left != 0) {
            const bool is_row = !words.empty() && (words[0][0] == '.' || (words[0][0] >= '0' && words[0][0] <= '9'));
            if (is_row) add_row();
            else if (!motifs.back().probabilities.empty()) {
                if (rows_left > 0) end_matrix();
                rows_left = 0;
            } else if (!words.empty()) reader.fail("a row of probabilities is expected, not \"" + std::string(words[0]) + "\"");
        } else if (!words.empty() && words[0].starts_with("ALPHABET")) {
            const std::string_view letters =
                words[0] == "ALPHABET=" && words.size() > 1 ? words[1] : words[0].substr(std::min<std::size_t>(9, words[0].size()));
            if (letters != "ACGT") reader.fail("the alphabet is \"" + std::string(letters) + "\": only motifs of ACGT are read");
        }
    }
    if (!is_meme) throw FormatError(reader.file(), "", "a file in MEME's format begins with \"MEME version\", this one is empty");
    end_matrix();
    if (motifs.empty()) throw FormatError(reader.file(), "", "holds no motif");
    return motifs;
}

/// The motif of a factor, by its name or else its id, whatever the case; of several the last, as FactorNet takes it. Nothing where the file
/// has none.
inline const MemeMotif* find_motif(const std::vector<MemeMotif>& motifs, std::string_view factor) {
    for (const auto member : {&MemeMotif::name, &MemeMotif::id}) {
        const auto found =
            std::find_if(motifs.rbegin(), motifs.rend(), [&](const MemeMotif& m) { return detail::same_letters(m.*member, factor); });
        if (found != motifs.rend()) return &*found;
    }
    return nullptr;
}

}  // namespace chromatid
