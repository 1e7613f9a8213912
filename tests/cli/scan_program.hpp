// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/cli/factornet_program.hpp"
#include "tests/cli/runs_by_base.hpp"

namespace chromatid::test {

/// `factornet scan` on what `factornet demo` writes.
class ScanRun : public DemoRun {
  public:
    std::filesystem::path output = scratch / "scan.tsv";

    std::vector<std::string> scan_arguments(const std::vector<std::string>& more = {}) const {
        std::vector<std::string> all{"scan",     "-i",            cell.string(), "-m",            model.string(), "--genome",
                                     genome.string(), "-o", output.string()};
        if (std::ranges::count(more, "--threads") == 0) all.insert(all.end(), {"--threads", "1"});
        all.insert(all.end(), more.begin(), more.end());
        return all;
    }
    ProgramResult scan(
        const std::vector<std::string>& more = {}, const std::function<void()>& prepare = [] {}) const {
        return factornet(scan_arguments(more), prepare);
    }
    /// A scan that must succeed.
    ProgramResult scanned(const std::vector<std::string>& more = {}) const {
        ProgramResult result = scan(more);
        BOOST_REQUIRE_MESSAGE(result.code == 0, result.err);
        return result;
    }

    std::filesystem::path partial() const { return output.string() + ".partial"; }

    /// All files but the genome's index, which is a whole file that may be new, and stays.
    std::set<std::string> files() const {
        std::set<std::string> all = listing(scratch.path());
        all.erase(genome.string() + ".fai");
        return all;
    }

    /// Expects a scan to fail with this code and these words, and to change no file.
    void refuses(
        int code, const std::vector<std::string>& words, const std::vector<std::string>& more = {},
        const std::function<void()>& prepare = [] {}) const {
        const std::set<std::string> before = files();
        const ProgramResult result = scan(more, prepare);
        BOOST_TEST(result.code == code, result.err);
        for (const std::string& expected : words) BOOST_TEST(contains(result.err, expected));
        BOOST_TEST(files() == before, boost::test_tools::per_element());
    }
};

}  // namespace chromatid::test
