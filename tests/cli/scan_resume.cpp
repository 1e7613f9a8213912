// SPDX-License-Identifier: MIT
// Scans that are stopped: what is kept, and how they go on.
#include <boost/test/unit_test.hpp>

#include <csignal>
#include <filesystem>
#include <set>
#include <string>
#include <sys/resource.h>
#include <utility>
#include <vector>

#include "tests/cli/scan_program.hpp"

using namespace chromatid;
using namespace chromatid::test;

namespace {

const std::vector<std::string> dense{"--stride", "3"};  // enough bins for a signal to meet

/// Stops a scan of both chromosomes when the first is finished.
void stop_behind_the_first(const ScanRun& run, const std::vector<std::string>& more = dense) {
    RunningProgram program(factornet_command(run.scan_arguments(more)));
    BOOST_TEST_REQUIRE(program.wait_for([&] { return std::filesystem::exists(run.partial() / "0.scores"); }));
    program.send(SIGINT);
    const ProgramResult result = program.wait();
    BOOST_TEST_REQUIRE(result.code == 130, result.err);
    BOOST_TEST(contains(result.err, "1 of 2 chromosomes are finished and kept in " + run.partial().string()));
    BOOST_TEST(contains(result.err, "--resume"));
    BOOST_TEST(!std::filesystem::exists(run.output));
}

std::vector<std::string> with(std::vector<std::string> arguments, const std::vector<std::string>& more) {
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(scan_resume)

BOOST_AUTO_TEST_CASE(a_stopped_scan_goes_on_to_the_same_bytes) {
    ScanRun run;
    run.scanned(dense);
    const std::string whole = content_of(run.output);
    run.output = run.scratch / "again.tsv";
    stop_behind_the_first(run);
    const ProgramResult result = run.scanned(with(dense, {"--resume", "--threads", "2"}));
    BOOST_TEST(contains(result.err, "1 chromosome of an earlier run"));
    BOOST_TEST((content_of(run.output) == whole));
    BOOST_TEST(!std::filesystem::exists(run.partial()));
}

BOOST_AUTO_TEST_CASE(kept_scores_are_neither_used_nor_lost_unasked) {
    const ScanRun run;
    stop_behind_the_first(run);
    run.refuses(2, {"an earlier scan left the scores of 1 chromosome", "--resume"}, dense);
}

BOOST_AUTO_TEST_CASE(a_scan_of_something_else_is_not_continued) {
    const ScanRun run;
    stop_behind_the_first(run);
    run.refuses(2, {"by another scan; it differs in bins", "\"200 every 3\" then and \"200 every 7\" now"}, {"--stride", "7", "--resume"});
    run.refuses(2, {"it differs in regions"}, with(dense, {"--resume", "--chroms", "chrA"}));
    const auto blacklist = run.scratch.file("blacklist.bed", "chrA\t7000\t7010\n");
    run.refuses(2, {"it differs in blacklist"}, with(dense, {"--resume", "--blacklist", blacklist.string()}));
    const std::string fasta = content_of(run.genome);
    std::string other = fasta;
    other[5000] = other[5000] == 'A' ? 'C' : 'A';
    run.scratch.file("demo/genome.fa", other);
    run.refuses(2, {"it differs in genome"}, with(dense, {"--resume"}));
}

BOOST_AUTO_TEST_CASE(a_scan_of_a_device_is_not_continued_on_the_processor) {
    const ScanRun run;
    stop_behind_the_first(run);
    std::string description = content_of(run.partial() / "scan.json");
    description.insert(description.find('{') + 1, R"("arithmetic": "f16 of cuda",)");
    run.scratch.file("scan.tsv.partial/scan.json", description);
    run.refuses(2, {"it differs in arithmetic, \"f16 of cuda\" then and nothing now"}, with(dense, {"--resume"}));
}

BOOST_AUTO_TEST_CASE(a_damaged_file_of_kept_scores_is_found) {
    const ScanRun run;
    stop_behind_the_first(run);
    const std::filesystem::path file = run.partial() / "0.scores";
    std::filesystem::resize_file(file, std::filesystem::file_size(file) - 100);
    const ProgramResult result = run.scan(with(dense, {"--resume"}));
    BOOST_TEST(result.code == 1);
    BOOST_TEST(contains(result.err, file.string()));
    BOOST_TEST(!std::filesystem::exists(run.output));
}

BOOST_AUTO_TEST_CASE(a_scan_stopped_before_a_chromosome_is_finished_leaves_nothing) {
    const ScanRun run;
    const std::set<std::string> before = run.files();
    for (const auto& [signal, code] : {std::pair{SIGINT, 130}, {SIGTERM, 143}}) {
        RunningProgram program(factornet_command(run.scan_arguments({"--stride", "1"})));
        BOOST_TEST(program.wait_for([&] { return std::filesystem::exists(run.partial() / "scan.json"); }));
        program.send(signal);
        const ProgramResult result = program.wait();
        BOOST_TEST(result.code == code);
        BOOST_TEST(contains(result.err, "interrupted: nothing was written"));
        BOOST_TEST(run.files() == before, boost::test_tools::per_element());
    }
}

BOOST_AUTO_TEST_CASE(resume_of_nothing_begins) {
    const ScanRun run;
    run.scanned({"--chroms", "chrB", "--resume"});
    BOOST_TEST(std::filesystem::exists(run.output));
}

BOOST_AUTO_TEST_CASE(files_of_others_in_the_folder_stay) {
    const ScanRun run;
    std::filesystem::create_directory(run.partial());
    run.scratch.file("scan.tsv.partial/notes.txt", "mine");
    run.scanned({"--chroms", "chrB"});
    BOOST_TEST(content_of(run.partial() / "notes.txt") == "mine");
    BOOST_TEST(listing(run.partial()).size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_full_disk_leaves_no_output) {
    const ScanRun run;
    const auto limit = [] {
        const rlimit smallest{20'000, 20'000};
        ::setrlimit(RLIMIT_FSIZE, &smallest);
    };
    run.scanned({"--chroms", "chrB"});  // makes the genome's index
    std::filesystem::remove(run.output);
    // scores of 1,597 bins fit, the table of them does not
    const ProgramResult result = run.scan({"--chroms", "chrB"}, limit);
    BOOST_TEST(result.code == 1);
    BOOST_TEST(contains(result.err, "cannot write"));
    BOOST_TEST(contains(result.err, "1 of 1 chromosomes are finished and kept"));
    BOOST_TEST(!std::filesystem::exists(run.output));
    run.scanned({"--chroms", "chrB", "--resume"});
    BOOST_TEST(std::filesystem::exists(run.output));
}

BOOST_AUTO_TEST_SUITE_END()
