// SPDX-License-Identifier: MIT
// Signals in the middle of a run: it ends with the code of the signal and leaves the folder as it was.
#include <boost/test/unit_test.hpp>

#include <csignal>
#include <filesystem>
#include <set>
#include <string>
#include <system_error>
#include <utility>

#include "tests/cli/factornet_program.hpp"

using namespace chromatid;
using namespace chromatid::test;

namespace {

/// Enough windows for a minute and more.
void many_windows(DemoRun& demo) {
    std::string bed;
    for (int repeat = 0; repeat < 400; ++repeat) bed += windows("chrA", 0, 120000);
    demo.bed = demo.scratch.file("many.bed", bed);
}

std::uintmax_t size_of_unfinished(const std::filesystem::path& folder) {
    for (const auto& entry : std::filesystem::directory_iterator(folder))
        if (entry.path().extension() == ".tmp") {
            std::error_code gone;
            const auto size = std::filesystem::file_size(entry.path(), gone);
            return gone ? 0 : size;
        }
    return 0;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(interrupt)

BOOST_AUTO_TEST_CASE(a_run_ends_with_the_signals_code_and_leaves_nothing) {
    DemoRun demo;
    BOOST_REQUIRE_EQUAL(demo.predict().code, 0);
    std::filesystem::remove(demo.output);
    many_windows(demo);
    const std::set<std::string> before = listing(demo.scratch.path());
    for (const auto& [signal, code] : {std::pair{SIGINT, 130}, {SIGTERM, 143}, {SIGHUP, 129}}) {
        RunningProgram program(factornet_command(demo.arguments()));
        BOOST_TEST(program.wait_for([&] { return size_of_unfinished(demo.scratch.path()) > 0; }));
        program.send(signal);
        const ProgramResult result = program.wait();
        BOOST_TEST(result.code == code);
        BOOST_TEST(contains(result.err, "interrupted: nothing was written"));
        BOOST_TEST(listing(demo.scratch.path()) == before, boost::test_tools::per_element());
    }
}

BOOST_AUTO_TEST_CASE(a_merged_format_ends_as_cleanly) {
    DemoRun demo;
    const std::filesystem::path all = demo.bed;
    BOOST_REQUIRE_EQUAL(demo.predict().code, 0);
    std::filesystem::remove(demo.output);
    std::string bed;
    for (int start = 200; start < 119000; ++start) bed += "chrA\t" + std::to_string(start) + '\t' + std::to_string(start + 200) + '\n';
    demo.bed = demo.scratch.file("dense.bed", bed);
    const std::set<std::string> before = listing(demo.scratch.path());
    for (const char* format : {"bedgraph", "bigwig"}) {
        RunningProgram program(factornet_command(demo.arguments({"--format", format})));
        BOOST_TEST(program.wait_for([&] { return listing(demo.scratch.path()) != before; }));
        program.send(SIGINT);
        BOOST_TEST(program.wait().code == 130);
        BOOST_TEST(listing(demo.scratch.path()) == before, boost::test_tools::per_element());
    }
}

BOOST_AUTO_TEST_CASE(a_run_that_is_still_reading_its_inputs_ends_too) {
    DemoRun demo;
    many_windows(demo);
    const std::set<std::string> before = listing(demo.scratch.path());
    for (const std::filesystem::path& input : {demo.genome, demo.bed, demo.cell / "DGF.bw"}) {
        RunningProgram program(factornet_command(demo.arguments()));
        BOOST_TEST(program.wait_for([&] { return program.has_open(std::filesystem::canonical(input)); }));
        program.send(SIGINT);
        BOOST_TEST(program.wait().code == 130);
        std::set<std::string> after = listing(demo.scratch.path());
        after.erase(demo.genome.string() + ".fai");
        BOOST_TEST(after == before, boost::test_tools::per_element());
    }
}

BOOST_AUTO_TEST_CASE(a_signal_that_the_caller_switched_off_stays_off) {
    DemoRun demo;
    RunningProgram program(factornet_command(demo.arguments()), [] { std::signal(SIGHUP, SIG_IGN); });
    BOOST_TEST(program.wait_for([&] { return program.has_open(std::filesystem::canonical(demo.cell / "DGF.bw")); }));
    program.send(SIGHUP);
    BOOST_TEST(program.wait().code == 0);
    BOOST_TEST(std::filesystem::exists(demo.output));
}

BOOST_AUTO_TEST_SUITE_END()
