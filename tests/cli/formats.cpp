// SPDX-License-Identifier: MIT
#include <chromatid/io/big_wig.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "tests/cli/factornet_program.hpp"
#include "tests/cli/runs_by_base.hpp"

using namespace chromatid;
using namespace chromatid::test;

namespace {

/// Windows of unequal lengths that overlap, touch and leave gaps, one in a chromosome's masked beginning.
const std::string uneven =
    "chrA\t50\t250\nchrA\t900\t1100\nchrA\t950\t1150\nchrA\t950\t1300\nchrA\t1000\t1001\nchrA\t1300\t1500\nchrA\t7000\t7200\n"
    "chrB\t900\t1100\nchrB\t1100\t1300\n";

/// The merged score of each base by the definition: over all windows that hold it, from the scores of a table.
std::map<std::pair<std::string, std::int64_t>, float> by_base(const std::filesystem::path& table, bool largest) {
    std::map<std::pair<std::string, std::int64_t>, std::vector<double>> scores;
    for (const BedRecord& r : records_of(table))
        for (std::int64_t i = r.interval.start; i < r.interval.end; ++i) scores[{r.interval.chrom, i}].push_back(std::stof(r.fields[3]));
    std::map<std::pair<std::string, std::int64_t>, float> merged;
    for (const auto& [base, all] : scores) {
        double sum = 0;
        for (const double score : all) sum += score;
        merged[base] = static_cast<float>(largest ? *std::max_element(all.begin(), all.end()) : sum / static_cast<double>(all.size()));
    }
    return merged;
}

bool ends_with_bgzip_end(const std::filesystem::path& path) {
    static constexpr unsigned char end[] = {0x1f, 0x8b, 8,    4, 0, 0, 0, 0, 0, 0xff, 6, 0, 0x42, 0x43,
                                            2,    0,    0x1b, 0, 3, 0, 0, 0, 0, 0,    0, 0, 0,    0};
    return content_of(path).ends_with(std::string_view(reinterpret_cast<const char*>(end), sizeof end));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(formats)

BOOST_AUTO_TEST_CASE(a_table_keeps_all_columns_but_the_fourth) {
    DemoRun demo;
    demo.bed = demo.scratch.file("w.bed", "# a comment\nchrA\t1000\t1200\tname one\t7\t+\textra\nchrA\t2000\t2200\nchrB\t900\t1100\tx\n");
    BOOST_REQUIRE_EQUAL(demo.predict().code, 0);
    BOOST_TEST(ends_with_bgzip_end(demo.output));
    const std::vector<BedRecord> rows = records_of(demo.output);
    BOOST_REQUIRE_EQUAL(rows.size(), 3U);
    const std::vector<std::string> first{"chrA", "1000", "1200", rows[0].fields[3], "7", "+", "extra"};
    BOOST_TEST(rows[0].fields == first, boost::test_tools::per_element());
    BOOST_TEST(rows[1].fields.size() == 4U);
    BOOST_TEST(rows[2].fields.size() == 4U);
    BOOST_TEST(rows[0].fields[3] != "name one");
}

BOOST_AUTO_TEST_CASE(a_table_has_full_precision_and_upstream_four_digits) {
    DemoRun demo;
    BOOST_REQUIRE_EQUAL(demo.predict().code, 0);
    const std::vector<BedRecord> full = records_of(demo.output);
    BOOST_REQUIRE_EQUAL(demo.predict({"--format", "upstream"}).code, 0);
    BOOST_TEST(ends_with_bgzip_end(demo.output));
    const std::vector<BedRecord> four = records_of(demo.output);
    BOOST_REQUIRE_EQUAL(full.size(), four.size());
    std::size_t longest = 0;
    for (std::size_t i = 0; i < full.size(); ++i) {
        char text[32];
        std::snprintf(text, sizeof text, "%.3e", static_cast<double>(std::stof(full[i].fields[3])));
        BOOST_TEST(four[i].fields[3] == text);
        longest = std::max(longest, full[i].fields[3].size());
    }
    BOOST_TEST(longest >= 9U);  // digits of a float
}

BOOST_AUTO_TEST_CASE(a_window_does_not_depend_on_its_neighbours) {
    DemoRun demo;
    BOOST_REQUIRE_EQUAL(demo.predict().code, 0);
    const std::vector<std::string> all = lines_of(demo.output);
    std::string some;
    std::vector<std::string> expected;
    for (std::size_t i = 3; i < all.size(); i += 97) {
        some += all[i].substr(0, all[i].rfind('\t')) + '\n';
        expected.push_back(all[i]);
    }
    demo.bed = demo.scratch.file("some.bed", some);
    BOOST_REQUIRE_EQUAL(demo.predict().code, 0);
    BOOST_TEST(lines_of(demo.output) == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(windows_of_a_bedgraph_are_merged_to_the_mean_of_each_base) {
    DemoRun demo;
    demo.bed = demo.scratch.file("w.bed", uneven);
    BOOST_REQUIRE_EQUAL(demo.predict().code, 0);
    for (const bool largest : {false, true}) {
        const auto wanted = by_base(demo.output, largest);
        DemoRun merged;
        merged.bed = demo.bed;
        BOOST_REQUIRE_EQUAL(merged.predict({"--format", "bedgraph", "--overlap", largest ? "max" : "mean"}).code, 0);
        BOOST_TEST((runs_by_base(records_of(merged.output)) == wanted));
    }
}

BOOST_AUTO_TEST_CASE(a_bedgraph_is_plain_text_unless_its_name_says_gz) {
    DemoRun demo;
    BOOST_REQUIRE_EQUAL(demo.predict({"--format", "bedgraph"}).code, 0);
    BOOST_TEST(content_of(demo.output).starts_with("chrA\t0\t"));
    const std::vector<std::string> plain = lines_of(demo.output);
    demo.output = demo.scratch / "scores.bedGraph.gz";
    BOOST_REQUIRE_EQUAL(demo.predict({"--format", "bedgraph"}).code, 0);
    BOOST_TEST(ends_with_bgzip_end(demo.output));
    BOOST_TEST((lines_of(demo.output) == plain));
}

BOOST_AUTO_TEST_CASE(a_bigwig_holds_the_runs_of_the_bedgraph) {
    DemoRun demo;
    for (const bool all_windows : {true, false}) {
        if (!all_windows) demo.bed = demo.scratch.file("w.bed", uneven);
        BOOST_REQUIRE_EQUAL(demo.predict({"--format", "bedgraph"}).code, 0);
        const std::vector<BedRecord> runs = records_of(demo.output);
        BOOST_REQUIRE_EQUAL(demo.predict({"--format", "bigwig"}).code, 0);
        BigWig track(demo.output);
        std::size_t at = 0;
        for (const Chromosome& c : track.chromosomes())
            track.for_each_run({c.name, 0, c.size}, [&](std::int64_t start, std::int64_t end, float value) {
                BOOST_REQUIRE(at < runs.size());
                BOOST_TEST((runs[at].interval == Interval{c.name, start, end}));
                BOOST_TEST(std::stof(runs[at].fields[3]) == value);
                ++at;
            });
        BOOST_TEST(at == runs.size());
    }
}

BOOST_AUTO_TEST_CASE(an_unsorted_bed_gives_the_same_scores_in_its_own_order) {
    DemoRun demo;
    BOOST_REQUIRE_EQUAL(demo.predict().code, 0);
    std::vector<std::string> sorted = lines_of(demo.output), turned = lines_of(demo.bed);
    std::reverse(turned.begin(), turned.end());
    std::swap(turned[10], turned[3000]);
    std::string text;
    for (const std::string& line : turned) text += line + '\n';
    demo.bed = demo.scratch.file("turned.bed", text);
    BOOST_REQUIRE_EQUAL(demo.predict().code, 0);
    std::vector<std::string> scored = lines_of(demo.output);
    for (std::size_t i = 0; i < turned.size(); ++i) BOOST_TEST(scored[i].starts_with(turned[i] + '\t'));
    std::sort(scored.begin(), scored.end());
    std::sort(sorted.begin(), sorted.end());
    BOOST_TEST((scored == sorted));
}

BOOST_AUTO_TEST_CASE(merged_formats_refuse_an_unsorted_bed_with_the_line) {
    DemoRun demo;
    demo.bed = demo.scratch.file("w.bed", "chrA\t900\t1100\nchrA\t800\t1000\n");
    for (const char* format : {"bedgraph", "bigwig"})
        demo.fails(2, {"w.bed: line 2: windows must be sorted", "sort -k1,1 -k2,2n"}, {"--format", format});
    demo.bed = demo.scratch.file("w.bed", "chrA\t900\t1100\nchrB\t900\t1100\nchrA\t1200\t1400\n");
    demo.fails(2, {"w.bed: line 3: windows must be sorted"}, {"--format", "bigwig"});
}

BOOST_AUTO_TEST_SUITE_END()
