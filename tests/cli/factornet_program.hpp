// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/index.hpp>
#include <chromatid/io/bed.hpp>
#include <chromatid/io/text_reader.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/support/run_program.hpp"
#include "tests/unit/io/scratch.hpp"

namespace chromatid::test {

/// The command line of the `factornet` program with these arguments.
inline std::vector<std::string> factornet_command(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), CHROMATID_FACTORNET);
    return arguments;
}

inline ProgramResult factornet(
    std::vector<std::string> arguments, const std::function<void()>& prepare = [] {}) {
    return run_program(factornet_command(std::move(arguments)), prepare);
}

/// All files below a folder, for comparing before and after.
inline std::set<std::string> listing(const std::filesystem::path& folder) {
    std::set<std::string> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) files.insert(entry.path().string());
    return files;
}

inline boost::test_tools::assertion_result contains(const std::string& text, std::string_view words) {
    boost::test_tools::assertion_result result(text.find(words) != std::string::npos);
    result.message() << "\"" << words << "\" is not in: " << text;
    return result;
}

/// Lines of a file, compressed or not.
inline std::vector<std::string> lines_of(const std::filesystem::path& path) {
    std::vector<std::string> lines;
    TextReader reader(path);
    while (const auto line = reader.next()) lines.emplace_back(*line);
    return lines;
}

inline std::vector<BedRecord> records_of(const std::filesystem::path& path) {
    std::vector<BedRecord> records;
    BedReader reader(path);
    while (const BedRecord* record = reader.next()) records.push_back(*record);
    return records;
}

/// What `factornet demo` writes, in a folder of its own, with the files of `predict` to be exchanged one by one.
class DemoRun {
  public:
    DemoRun() {
        const ProgramResult made = factornet({"demo", (scratch / "demo").string()});
        BOOST_REQUIRE_MESSAGE(made.code == 0, made.err);
    }

    Scratch scratch;
    std::filesystem::path root = scratch / "demo";
    std::filesystem::path cell = root / "cell", model = root / "model", bed = root / "windows.bed", genome = root / "genome.fa";
    std::filesystem::path output = scratch / "scores";

    std::vector<std::string> arguments(const std::vector<std::string>& more = {}) const {
        std::vector<std::string> all{"predict",    "-i",       cell.string(),   "-m", model.string(),  "-b",
                                     bed.string(), "--genome", genome.string(), "-o", output.string(), "--threads",
                                     "1"};
        all.insert(all.end(), more.begin(), more.end());
        return all;
    }
    ProgramResult predict(
        const std::vector<std::string>& more = {}, const std::function<void()>& prepare = [] {}) const {
        return factornet(arguments(more), prepare);
    }

    /// Expects a run to fail with this code and these words, and to change no file.
    void fails(
        int code, const std::vector<std::string>& words, const std::vector<std::string>& more = {},
        const std::function<void()>& prepare = [] {}) const {
        const std::string index = genome.string() + ".fai";  // a whole file that may be new, and stays
        std::set<std::string> before = listing(scratch.path());
        before.erase(index);
        const ProgramResult result = predict(more, prepare);
        BOOST_TEST(result.code == code, result.err);
        for (const std::string& expected : words) BOOST_TEST(contains(result.err, expected));
        std::set<std::string> after = listing(scratch.path());
        after.erase(index);
        BOOST_TEST(after == before, boost::test_tools::per_element());
    }

    /// A copy of a text file with one piece replaced wherever it stands.
    std::filesystem::path with(const std::filesystem::path& file, const std::string& name, std::string_view old,
                               std::string_view replacement) const {
        std::string text = content_of(file);
        for (std::size_t at = text.find(old); at != std::string::npos; at = text.find(old, at + replacement.size()))
            text.replace(at, old.size(), replacement);
        return scratch.file(name, text);
    }
};

/// "chrA\t<start>\t<end>\n" for windows of 200 bases every `step` bases.
inline std::string windows(const std::string& chrom, std::int64_t from, std::int64_t to, std::int64_t step = 50) {
    std::string text;
    for (std::int64_t start = from; start + 200 <= to; start += step)
        text += chrom + '\t' + std::to_string(start) + '\t' + std::to_string(start + 200) + '\n';
    return text;
}

}  // namespace chromatid::test
