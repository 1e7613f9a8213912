// SPDX-License-Identifier: MIT
#pragma once

#include <boost/test/unit_test.hpp>

#include <cstddef>
#include <filesystem>
#include <functional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/cli/factornet_program.hpp"

namespace chromatid::test {

/// What `factornet simulate` writes: chr1 to chr4, cells A, B and C, factors TF1 and TF2; made once for all tests.
inline const std::filesystem::path& simulated() {
    static const Scratch scratch;
    static const std::filesystem::path root = [] {
        const std::filesystem::path folder = scratch / "sim";
        const ProgramResult made = factornet({"simulate", folder.string(), "--size", "240000", "--factors", "2", "--seed", "7", "--quiet"});
        BOOST_REQUIRE_MESSAGE(made.code == 0, made.err);
        return folder;
    }();
    return root;
}

/// A command `factornet train` with a tiny network on the simulation, whose options can be exchanged; its model goes into a folder of its
/// own.
class TrainRun {
  public:
    TrainRun()
        : options_{{"-i", {cell("A"), cell("B")}},
                   {"-f", {"TF1"}},
                   {"--genome", {(simulated() / "genome.fa").string()}},
                   {"-v", {"chr3"}},
                   {"-t", {"chr4"}},
                   {"-L", {"100"}},
                   {"-w", {"8"}},
                   {"-k", {"4"}},
                   {"-r", {"2"}},
                   {"-d", {"4"}},
                   {"-e", {"3"}},
                   {"--batch", {"12"}},
                   {"-o", {model.string()}},
                   {"--threads", {"1"}}} {}

    Scratch scratch;
    std::filesystem::path model = scratch / "model";

    static std::string cell(const std::string& name) { return (simulated() / "cells" / name).string(); }
    static std::string resources() { return (simulated() / "resources").string(); }

    /// Gives an option other values, or adds it.
    TrainRun& set(const std::string& option, std::vector<std::string> values = {}) {
        drop(option);
        options_.emplace_back(option, std::move(values));
        return *this;
    }
    TrainRun& drop(const std::string& option) {
        std::erase_if(options_, [&](const auto& o) { return o.first == option; });
        return *this;
    }
    /// The same into another folder, `name` beside the first.
    TrainRun& into(const std::string& name) {
        model = scratch / name;
        return drop("-oc").set("-o", {model.string()});
    }
    TrainRun& replacing() { return drop("-o").set("-oc", {model.string()}); }

    std::vector<std::string> command() const {
        std::vector<std::string> words{"train"};
        for (const auto& [option, values] : options_) {
            words.push_back(option);
            words.insert(words.end(), values.begin(), values.end());
        }
        return factornet_command(words);
    }
    ProgramResult operator()(const std::function<void()>& prepare = [] {}) const { return run_program(command(), prepare); }
    /// Trains, and expects that to work.
    ProgramResult succeeds() const {
        ProgramResult result = (*this)();
        BOOST_REQUIRE_MESSAGE(result.code == 0, result.err);
        return result;
    }
    /// Expects the run to fail with this code and these words, and to leave the model directory as it was.
    void fails(int code, const std::vector<std::string>& words) const {
        const bool was_there = std::filesystem::exists(model);
        const std::set<std::string> before = was_there ? listing(model) : std::set<std::string>{};
        const ProgramResult result = (*this)();
        BOOST_TEST(result.code == code, result.err);
        for (const std::string& expected : words) BOOST_TEST(contains(result.err, expected));
        BOOST_TEST(std::filesystem::exists(model) == was_there);
        if (was_there) BOOST_TEST(listing(model) == before, boost::test_tools::per_element());
    }
    /// The command that goes on with the run.
    std::vector<std::string> resume(const std::vector<std::string>& more = {}) const {
        std::vector<std::string> words{"train", "--resume", model.string()};
        words.insert(words.end(), more.begin(), more.end());
        return factornet_command(words);
    }

    std::string weights() const { return content_of(model / "weights.safetensors"); }
    std::string last_weights() const { return content_of(model / "final.safetensors"); }

  private:
    std::vector<std::pair<std::string, std::vector<std::string>>> options_;
};

/// The columns of history.csv that the machine's speed does not change: epoch, losses, accuracies and rate.
inline std::vector<std::string> losses(const std::filesystem::path& model) {
    std::vector<std::string> rows;
    for (const std::string& line : lines_of(model / "history.csv")) {
        std::size_t end = 0;
        for (int column = 0; column < 6; ++column) end = line.find(',', end) + 1;
        rows.push_back(line.substr(0, end));
    }
    return rows;
}

/// A copy of a cell directory whose tracks are named by absolute paths, to be changed.
inline std::filesystem::path copy_of_cell(const Scratch& scratch, const std::string& cell, const std::string& name) {
    const std::filesystem::path to = scratch / name, from = TrainRun::cell(cell);
    std::filesystem::copy(from, to, std::filesystem::copy_options::recursive);
    scratch.file(name + "/bigwig.txt", TrainRun::resources() + "/Unique35.bw\tUnique35\nDGF.bw\tDGF\n");
    return to;
}

/// Same bits; a difference does not print both.
inline boost::test_tools::assertion_result same_bytes(const std::string& a, const std::string& b) {
    boost::test_tools::assertion_result result(!a.empty() && a == b);
    result.message() << a.size() << " and " << b.size() << " bytes, which differ or are none";
    return result;
}

}  // namespace chromatid::test
