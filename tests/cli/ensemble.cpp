// SPDX-License-Identifier: MIT
#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "tests/cli/factornet_program.hpp"

using namespace chromatid;
using namespace chromatid::test;

namespace {

/// Three models' scores of four windows.
struct SmallEnsemble {
    Scratch scratch;
    std::string a =
        scratch
            .file("a.tsv", "# a comment\nchr1\t0\t200\t0.1\tw1\t5\nchr1\t50\t250\t0.9\tw2\t6\nchr1\t100\t300\t0.5\nchr2\t0\t200\t0.2\tw4\n")
            .string();
    std::string b = scratch.file("b.tsv", "chr1\t0\t200\t3\nchr1\t50\t250\t7\nchr1\t100\t300\t3\nchr2\t0\t200\t1\n").string();
    std::string output = (scratch / "out.tsv").string();

    ProgramResult run(std::vector<std::string> more) const {
        more.insert(more.begin(), "ensemble");
        more.insert(more.end(), {"-o", output});
        return factornet(more);
    }
    void fails(int code, const std::vector<std::string>& words, const std::vector<std::string>& more) const {
        const std::set<std::string> before = listing(scratch.path());
        const ProgramResult result = run(more);
        BOOST_TEST(result.code == code, result.err);
        for (const std::string& expected : words) BOOST_TEST(contains(result.err, expected));
        BOOST_TEST(listing(scratch.path()) == before, boost::test_tools::per_element());
    }
    std::vector<float> scores() const {
        std::vector<float> all;
        for (const BedRecord& r : records_of(output)) all.push_back(std::stof(r.fields[3]));
        return all;
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(ensemble)

BOOST_AUTO_TEST_CASE(ranks_are_averaged_and_scaled_and_ties_share_theirs) {
    const SmallEnsemble small;
    const ProgramResult result = small.run({small.a, small.b});
    BOOST_REQUIRE_MESSAGE(result.code == 0, result.err);
    BOOST_TEST(result.err.starts_with("factornet ensemble: 2 tables of predictions, mean of the ranks"));
    // scaled ranks 0 1 2/3 1/3 and 1/2 1 1/2 0
    BOOST_TEST(small.scores() == (std::vector<float>{0.25F, 1, static_cast<float>((2.0 / 3 + 0.5) / 2), static_cast<float>(1.0 / 6)}),
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(other_columns_are_those_of_the_first_table) {
    const SmallEnsemble small;
    BOOST_REQUIRE_EQUAL(small.run({small.a, small.b, "--mean"}).code, 0);
    BOOST_TEST(lines_of(small.output) == (std::vector<std::string>{"chr1\t0\t200\t1.55\tw1\t5", "chr1\t50\t250\t3.95\tw2\t6",
                                                                   "chr1\t100\t300\t1.75", "chr2\t0\t200\t0.6\tw4"}),
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(weights_count_models_more_or_less) {
    const SmallEnsemble small;
    BOOST_REQUIRE_EQUAL(small.run({"--weights", "3,1", small.a, small.b, "--mean"}).code, 0);
    BOOST_TEST(small.scores()[0] == static_cast<float>(0.75 * static_cast<double>(0.1F) + 0.25 * 3));
    BOOST_REQUIRE_EQUAL(small.run({small.a, small.b, "--weights", "1,3"}).code, 0);
    BOOST_TEST(small.scores()[0] == 0.375F);
    small.fails(2, {"1 weights for 2 files"}, {small.a, small.b, "--weights", "1", "--quiet"});
    small.fails(2, {"above 0"}, {small.a, small.b, "--weights", "1,0"});
    small.fails(2, {"above 0"}, {small.a, small.b, "--weights", "1,nan"});
}

BOOST_AUTO_TEST_CASE(the_output_is_bgzip_where_its_name_says_so) {
    SmallEnsemble small;
    BOOST_REQUIRE_EQUAL(small.run({small.a, small.b}).code, 0);
    BOOST_TEST(content_of(small.output).starts_with("chr1\t0\t200\t"));
    const std::vector<std::string> plain = lines_of(small.output);
    small.output += ".gz";
    BOOST_REQUIRE_EQUAL(small.run({small.a, small.b}).code, 0);
    BOOST_TEST(content_of(small.output).starts_with("\x1f\x8b"));
    BOOST_TEST(lines_of(small.output) == plain, boost::test_tools::per_element());
    small.output = (small.scratch / "again.tsv").string();
    BOOST_REQUIRE_EQUAL(small.run({small.output.substr(0, small.output.rfind('/')) + "/out.tsv.gz", small.b}).code,
                        0);  // its own output as input
}

BOOST_AUTO_TEST_CASE(tables_of_other_windows_are_refused_with_the_first_difference) {
    const SmallEnsemble small;
    const auto file = [&](std::string_view text) { return small.scratch.file("c.tsv", text).string(); };
    const std::string shifted = file("chr1\t0\t200\t3\nchr1\t60\t260\t7\nchr1\t100\t300\t3\nchr2\t0\t200\t1\n");
    small.fails(1, {"c.tsv: line 2: is about chr1:60-260", "a.tsv has chr1:50-250 in line 3", "same BED file"},
                {small.a, small.b, shifted});
    const std::string renamed = file("1\t0\t200\t3\n");
    small.fails(1, {"c.tsv: line 1: is about 1:0-200", "a.tsv has chr1:0-200"}, {small.a, renamed});
    const std::string cut = file("chr1\t0\t200\t3\nchr1\t50\t250\t7\n");
    small.fails(1, {"c.tsv: ends after 2 windows", "a.tsv has chr1:100-300"}, {small.a, cut});
    small.fails(1, {"a.tsv: line 4: is about chr1:100-300", "c.tsv ends after 2 windows"}, {cut, small.a});
}

BOOST_AUTO_TEST_CASE(bad_tables_are_refused_with_file_and_line) {
    const SmallEnsemble small;
    const auto file = [&](std::string_view text) { return small.scratch.file("c.tsv", text).string(); };
    const std::string no_score = file("chr1\t0\t200\n");
    small.fails(1, {"c.tsv: line 1: needs 4 columns"}, {small.a, no_score});
    const std::string nan = file("chr1\t0\t200\tnan\n");
    small.fails(1, {"c.tsv: line 1: the score is not a finite number"}, {small.a, nan});
    const std::string empty = file("");
    small.fails(1, {"c.tsv: there are no windows"}, {empty, empty});
    const std::string foreign = file("BigWig or so \x01\x02\n");
    small.fails(1, {"c.tsv: line 1"}, {small.a, foreign});
    small.fails(2, {"at least 2"}, {small.a});
    small.fails(2, {"does not exist"}, {small.a, "nowhere.tsv"});
}

BOOST_AUTO_TEST_CASE(an_input_is_never_written_over) {
    SmallEnsemble small;
    small.output = small.b;
    small.fails(2, {"is an input too"}, {small.a, small.b});
    BOOST_TEST(content_of(small.b).starts_with("chr1\t0\t200\t3\n"));
}

BOOST_AUTO_TEST_CASE(a_full_disk_leaves_nothing_behind) {
    const SmallEnsemble small;
    std::string many;
    for (int i = 0; i < 20000; ++i) many += "chr1\t" + std::to_string(i) + "\t" + std::to_string(i + 200) + "\t0.5\n";
    const std::string big = small.scratch.file("big.tsv", many).string(), copy = small.scratch.file("copy.tsv", many).string();
    const std::set<std::string> before = listing(small.scratch.path());
    const ProgramResult result = factornet({"ensemble", big, copy, "-o", small.output}, [] {
        const rlimit few{100000, 100000};
        ::setrlimit(RLIMIT_FSIZE, &few);
    });
    BOOST_TEST(result.code == 1);
    BOOST_TEST(contains(result.err, "cannot write"));
    BOOST_TEST(listing(small.scratch.path()) == before, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(what_was_done_is_told_as_json) {
    const SmallEnsemble small;
    const nlohmann::json told = nlohmann::json::parse(small.run({small.a, small.b, "--json", "--quiet"}).out);
    BOOST_TEST(told.at("windows") == 4);
    BOOST_TEST(told.at("average") == "rank");
    BOOST_TEST(told.at("predictions").size() == 2U);
}

BOOST_AUTO_TEST_CASE(the_example_of_the_help_runs) {
    const DemoRun demo;
    BOOST_REQUIRE_EQUAL(demo.predict().code, 0);
    const std::string copy = (demo.scratch / "copy").string(), bagged = (demo.scratch / "bagged.tsv.gz").string();
    std::filesystem::copy_file(demo.output, copy);
    const ProgramResult result = factornet({"ensemble", demo.output.string(), copy, "-o", bagged});
    BOOST_REQUIRE_MESSAGE(result.code == 0, result.err);
    const std::vector<BedRecord> before = records_of(demo.output), after = records_of(bagged);
    BOOST_REQUIRE_EQUAL(before.size(), after.size());
    BOOST_TEST(nlohmann::json::parse(factornet({"evaluate", "-p", bagged, "--compare", copy, "--json"}).out)
                       .at("all")
                       .at("spearman")
                       .get<double>() == 1.0,
               boost::test_tools::tolerance(1e-9));
}

BOOST_AUTO_TEST_SUITE_END()
