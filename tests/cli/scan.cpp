// SPDX-License-Identifier: MIT
// What `factornet scan` writes: the scores of predict, in three formats, and peaks.
#include <chromatid/io/big_wig.hpp>
#include <chromatid/io/narrow_peak.hpp>

#include <boost/test/unit_test.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/cli/scan_program.hpp"
#include "tests/support/shared_data.hpp"

using namespace chromatid;
using namespace chromatid::test;

namespace {

/// Scores by predict on the bins of a scan's table, as it writes them.
std::vector<std::string> predicted(const ScanRun& run, const std::vector<std::string>& more = {}) {
    DemoRun demo;
    std::string bed;
    for (const BedRecord& bin : records_of(run.output))
        bed += bin.fields[0] + '\t' + bin.fields[1] + '\t' + bin.fields[2] + '\n';
    demo.bed = demo.scratch.file("bins.bed", bed);
    const ProgramResult result = demo.predict(more);
    BOOST_REQUIRE_MESSAGE(result.code == 0, result.err);
    std::vector<std::string> scores;
    for (const BedRecord& bin : records_of(demo.output)) scores.push_back(bin.fields[3]);
    return scores;
}

std::vector<std::string> scores_of(const std::filesystem::path& table) {
    std::vector<std::string> scores;
    for (const BedRecord& bin : records_of(table)) scores.push_back(bin.fields[3]);
    return scores;
}

std::vector<Interval> bins_of(const std::filesystem::path& table) {
    std::vector<Interval> bins;
    for (const BedRecord& bin : records_of(table)) bins.push_back(bin.interval);
    return bins;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(scan)

BOOST_AUTO_TEST_CASE(a_whole_genome_scores_as_predict_does) {
    const ScanRun run;
    const ProgramResult result = run.scanned();
    BOOST_TEST(lines_of(run.output).front() == "#chrom\tstart\tend\tDEMO");
    std::vector<Interval> windows;
    for (const BedRecord& window : records_of(run.bed)) windows.push_back(window.interval);
    BOOST_TEST((bins_of(run.output) == windows));  // 200 bases every 50, whole in their chromosomes
    BOOST_TEST(scores_of(run.output) == predicted(run), boost::test_tools::per_element());
    BOOST_TEST(!std::filesystem::exists(run.partial()));
    BOOST_TEST(contains(result.err, "3,994 windows on 2 chromosomes"));
    BOOST_TEST(contains(result.err, "16 masked windows have score 0"));
}

BOOST_AUTO_TEST_CASE(other_bins_score_as_predict_does) {
    const ScanRun run;
    for (const auto& [bin, stride] : {std::pair{"1", "777"}, {"301", "130"}, {"50", "400"}}) {
        run.scanned({"--bin", bin, "--stride", stride, "--chroms", "chrB"});
        BOOST_TEST(scores_of(run.output) == predicted(run), boost::test_tools::per_element());
    }
}

BOOST_AUTO_TEST_CASE(regions_hold_their_bins) {
    const ScanRun run;
    const auto bed = run.scratch.file("regions.bed", "chrB\t1190\t1649\nchrA\t5000\t5200\nchrA\t10000\t10150\nchrB\t1600\t1701\n");
    run.scanned({"--regions", bed.string()});
    const std::vector<Interval> expected{{"chrA", 5000, 5200}, {"chrB", 1200, 1400}, {"chrB", 1250, 1450}, {"chrB", 1300, 1500},
                                         {"chrB", 1350, 1550}, {"chrB", 1400, 1600}, {"chrB", 1450, 1650}, {"chrB", 1500, 1700}};
    BOOST_TEST((bins_of(run.output) == expected));
    BOOST_TEST(scores_of(run.output) == predicted(run), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(names_are_mapped_by_a_prefix) {
    const ScanRun run;
    const auto bed = run.scratch.file("regions.bed", "A\t5000\t5400\n");
    run.scanned({"--regions", bed.string(), "--chrom-prefix", "chr"});
    BOOST_TEST(bins_of(run.output).front().chrom == "chrA");
    run.scanned({"--chroms", "B", "--chrom-prefix", "chr"});
    BOOST_TEST(bins_of(run.output).front().chrom == "chrB");
}

BOOST_AUTO_TEST_CASE(the_blacklist_grown_by_a_window_scores_zero) {
    const ScanRun run;
    const auto blacklist = run.scratch.file("blacklist.bed", "chrA\t7000\t7010\n");
    run.scanned({"--blacklist", blacklist.string(), "--chroms", "chrA"});
    BOOST_TEST(scores_of(run.output) == predicted(run, {"--blacklist", blacklist.string()}), boost::test_tools::per_element());
    int masked = 0;
    for (const BedRecord& bin : records_of(run.output))
        if (bin.interval.start > 6000 && bin.interval.end < 8000) masked += bin.fields[3] == "0" ? 1 : 0;
    BOOST_TEST(masked == 12);  // grown, the region is [6800, 7210): bins that begin from 6,650 to 7,200
}

BOOST_AUTO_TEST_CASE(threads_change_no_byte) {
    const ScanRun run;
    run.scanned();
    const std::string one = content_of(run.output);
    for (const char* threads : {"2", "5"}) {
        run.scanned({"--threads", threads});
        BOOST_TEST((content_of(run.output) == one));
    }
}

BOOST_AUTO_TEST_CASE(a_bedgraph_has_the_merged_scores_and_can_be_indexed) {
    ScanRun run;
    run.output = run.scratch / "scan.bedGraph.gz";
    for (const char* overlap : {"mean", "max"}) {
        run.scanned({"--overlap", overlap});
        DemoRun demo;
        BOOST_REQUIRE_EQUAL(demo.predict({"--format", "bedgraph", "--overlap", overlap}).code, 0);
        BOOST_TEST((runs_by_base(records_of(run.output)) == runs_by_base(records_of(demo.output))));
        if (run_program({"tabix", "--version"}).code != 0) continue;
        BOOST_TEST(run_program({"tabix", "-f", "-p", "bed", run.output.string()}).code == 0);
        const ProgramResult found = run_program({"tabix", run.output.string(), "chrB:1000-1020"});
        BOOST_TEST(found.out.starts_with("chrB\t950\t1000\t"));
    }
}

BOOST_AUTO_TEST_CASE(equal_neighbours_are_one_run) {
    ScanRun run;
    run.output = run.scratch / "scan.bdg";
    run.scanned();
    const std::vector<BedRecord> runs = records_of(run.output);
    const std::vector<std::string> first{"chrA", "0", "200", "0"};  // masked bins, before one that is not begins
    BOOST_TEST(runs.front().fields == first, boost::test_tools::per_element());
    for (std::size_t i = 1; i < runs.size(); ++i)
        BOOST_TEST((runs[i].interval.start != runs[i - 1].interval.end || runs[i].fields[3] != runs[i - 1].fields[3]));
}

BOOST_AUTO_TEST_CASE(a_bigwig_holds_the_runs_of_the_bedgraph) {
    ScanRun run;
    run.output = run.scratch / "scan.bedGraph";
    run.scanned({"--chroms", "chrB"});
    const auto expected = runs_by_base(records_of(run.output));
    run.output = run.scratch / "scan.bw";
    run.scanned({"--chroms", "chrB"});
    BigWig file(run.output);
    BOOST_TEST((file.chromosomes() == ChromSizes({{"chrB", 80'000}})));
    std::vector<float> values(80'000);
    file.fetch({"chrB", 0, 80'000}, values);
    for (std::int64_t b = 0; b < 80'000; ++b) {
        const auto at = expected.find({"chrB", b});
        BOOST_TEST_REQUIRE(values[static_cast<std::size_t>(b)] == (at == expected.end() ? 0.0F : at->second));
    }
}

BOOST_AUTO_TEST_CASE(a_name_says_the_format_unless_an_option_does) {
    ScanRun run;
    run.output = run.scratch / "scores.bw";
    run.scanned({"--chroms", "chrB", "--format", "table"});
    BOOST_TEST(content_of(run.output).starts_with("#chrom\t"));
    run.output = run.scratch / "scores.TSV.GZ";
    run.scanned({"--chroms", "chrB"});
    BOOST_TEST(content_of(run.output).starts_with("\x1f\x8b"));
    BOOST_TEST(lines_of(run.output).front().starts_with("#chrom\t"));
}

BOOST_AUTO_TEST_CASE(peaks_are_merged_bins_from_the_threshold_on) {
    const ScanRun run;
    const std::filesystem::path file = run.scratch / "peaks.narrowPeak";
    const ProgramResult result = run.scanned({"--peaks", file.string(), "--threshold", "0.4", "--json"});
    std::vector<NarrowPeak> expected;
    float best = 0;
    for (const BedRecord& bin : records_of(run.output)) {
        const float score = std::stof(bin.fields[3]);
        if (score < 0.4F) continue;
        const Interval& i = bin.interval;
        if (expected.empty() || expected.back().interval.chrom != i.chrom || expected.back().interval.end < i.start) {
            expected.push_back({i, "DEMO_" + std::to_string(expected.size() + 1)});
            best = -1;
        }
        expected.back().interval.end = i.end;
        if (score <= best) continue;
        best = score;
        expected.back().signal = std::stod(bin.fields[3]);
        expected.back().score = std::round(1000.0 * static_cast<double>(score));
        expected.back().summit = i.start + 100 - expected.back().interval.start;
    }
    const std::vector<NarrowPeak> found = read_narrow_peaks(file);
    BOOST_REQUIRE_EQUAL(found.size(), expected.size());
    BOOST_TEST(found.size() > 10U);
    for (std::size_t i = 0; i < found.size(); ++i) {
        BOOST_TEST((found[i].interval == expected[i].interval));
        BOOST_TEST(found[i].name == expected[i].name);
        BOOST_TEST(found[i].score == expected[i].score);
        BOOST_TEST(found[i].signal == expected[i].signal);
        BOOST_TEST(found[i].summit == expected[i].summit);
        BOOST_TEST(found[i].strand == '.');
        BOOST_TEST(found[i].p_value == -1);
        BOOST_TEST(found[i].q_value == -1);
    }
    const auto json = nlohmann::json::parse(result.out);
    BOOST_TEST(json["peaks"][0]["peaks"] == found.size());
    BOOST_TEST(json["windows"] == 3994);
    BOOST_TEST(json["masked"] == 16);
}

BOOST_AUTO_TEST_CASE(no_bin_above_the_threshold_gives_no_peak) {
    const ScanRun run;
    const std::filesystem::path file = run.scratch / "peaks.narrowPeak";
    run.scanned({"--peaks", file.string(), "--threshold", "1.5", "--chroms", "chrB"});
    BOOST_TEST(content_of(file) == "");
}

BOOST_AUTO_TEST_CASE(a_precision_picks_the_smallest_threshold_that_has_it) {
    const ScanRun run;
    run.scanned({"--chroms", "chrA"});
    // by rank: 6 bound, an unbound one, 3 bound, the rest unbound; ambiguous ones do not count
    std::vector<BedRecord> bins = records_of(run.output);
    std::vector<std::size_t> order(bins.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return std::stof(bins[a].fields[3]) > std::stof(bins[b].fields[3]); });
    std::vector<std::size_t> distinct;  // bins of different scores, so that each is a threshold
    for (const std::size_t i : order)
        if (distinct.empty() || bins[i].fields[3] != bins[distinct.back()].fields[3]) distinct.push_back(i);
    BOOST_REQUIRE(distinct.size() > 30U);
    std::vector<char> labels(bins.size(), 'A');
    for (std::size_t rank = 0; rank < distinct.size(); ++rank) labels[distinct[rank]] = rank < 6 || (rank > 6 && rank < 10) ? 'B' : 'U';
    std::string table = "chr\tstart\tstop\tother\tmine\n";
    for (std::size_t i = 0; i < bins.size(); ++i)
        table += bins[i].fields[0] + '\t' + bins[i].fields[1] + '\t' + bins[i].fields[2] + "\tU\t" + labels[i] + '\n';
    const auto file = run.scratch.file("labels.tsv", table);
    const std::filesystem::path peaks = run.scratch / "peaks.narrowPeak";
    const auto threshold = [&](const char* precision) {
        const ProgramResult result = run.scanned({"--chroms", "chrA", "--peaks", peaks.string(), "--precision", precision, "--labels",
                                                  file.string(), "--cell", "mine", "--json"});
        return nlohmann::json::parse(result.out)["threshold"];
    };
    const auto at_1 = threshold("1"), at_09 = threshold("0.9");
    BOOST_TEST(at_1["value"].get<float>() == std::stof(bins[distinct[5]].fields[3]));
    BOOST_TEST(at_1["precision"] == 1);
    BOOST_TEST(at_09["value"].get<float>() == std::stof(bins[distinct[9]].fields[3]));
    BOOST_TEST(at_09["precision"] == 0.9);
    BOOST_TEST(at_09["recall"] == 1);
    BOOST_TEST(!read_narrow_peaks(peaks).empty());
}

BOOST_AUTO_TEST_CASE(help_names_the_options_and_begins_with_an_example) {
    const ProgramResult help = factornet({"scan", "--help"});
    BOOST_TEST(help.code == 0);
    BOOST_TEST(contains(help.out, "factornet scan -i try/cell"));
    for (const char* option : {"--regions", "--chroms", "--challenge", "--stride", "--peaks", "--resume"})
        BOOST_TEST(contains(help.out, option));
}

BOOST_AUTO_TEST_CASE(published_models_scan_as_they_predict, *boost::unit_test::precondition(shared_data_present)) {
    const Scratch scratch;
    const std::filesystem::path data = shared_data() / "factornet", genome = shared_data() / "mini_hg19";
    const auto regions = scratch.file("regions.bed", "chr20\t100000\t112000\nchr22\t17000000\t17001000\n");
    for (const auto& [factor, variant] :
         {std::pair{"E2F1", "onePeak_Unique35_DGF"}, {"GABPA", "metaGENCODE_RNAseq_Unique35_DGF"}, {"REST", "GENCODE_Unique35_DGF"}}) {
        BOOST_TEST_CONTEXT(factor) {
            const auto arguments = [&](const std::string& command, const std::filesystem::path& output) {
                return std::vector<std::string>{command,         "-i",
                                                (data / "cells/standin22").string(), "-m",
                                                (data / "models" / factor / variant).string(), "--genome",
                                                (genome / "mini.fa.gz").string(), "--sizes",
                                                (genome / "mini.chrom.sizes").string(), "--annotations",
                                                (data / "resources").string(), "-o",
                                                output.string()};
            };
            std::vector<std::string> scanning = arguments("scan", scratch / "scan.tsv");
            scanning.insert(scanning.end(), {"--regions", regions.string()});
            const ProgramResult scanned = factornet(scanning);
            BOOST_REQUIRE_MESSAGE(scanned.code == 0, scanned.err);
            std::string bed;
            for (const Interval& bin : bins_of(scratch / "scan.tsv"))
                bed += bin.chrom + '\t' + std::to_string(bin.start) + '\t' + std::to_string(bin.end) + '\n';
            std::vector<std::string> predicting = arguments("predict", scratch / "predicted.tsv.gz");
            predicting.insert(predicting.end(), {"-b", scratch.file("bins.bed", bed).string()});
            const ProgramResult predicted = factornet(predicting);
            BOOST_REQUIRE_MESSAGE(predicted.code == 0, predicted.err);
            BOOST_TEST(scores_of(scratch / "scan.tsv").size() == 237U + 17U);
            BOOST_TEST(scores_of(scratch / "scan.tsv") == scores_of(scratch / "predicted.tsv.gz"), boost::test_tools::per_element());
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()
