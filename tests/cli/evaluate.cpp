// SPDX-License-Identifier: MIT
#include <chromatid/genome/chrom_sizes.hpp>
#include <chromatid/io/bgzip_writer.hpp>
#include <chromatid/io/big_wig_writer.hpp>

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "tests/cli/factornet_program.hpp"

using namespace chromatid;
using namespace chromatid::test;

namespace {

/// Four bins on each of two chromosomes. Scores rise with the labels on chr1 and half so on chr2.
struct SmallRun {
    Scratch scratch;
    std::string scores =
        "chr1\t0\t200\t0.1\nchr1\t200\t400\t0.9\nchr1\t400\t600\t0.2\nchr1\t600\t800\t0.8\n"
        "chr2\t0\t200\t0.7\nchr2\t200\t400\t0.3\nchr2\t400\t600\t0.6\nchr2\t600\t800\t0.4\n";
    std::string labels =
        "chr\tstart\tstop\tK\tL\nchr1\t0\t200\tU\tB\nchr1\t200\t400\tB\tB\nchr1\t400\t600\tU\tB\nchr1\t600\t800\tB\tA\n"
        "chr2\t0\t200\tU\tU\nchr2\t200\t400\tU\tU\nchr2\t400\t600\tB\tA\nchr2\t600\t800\tU\tU\n";
    std::string peaks = "chr1\t200\t400\nchr1\t600\t701\nchr2\t400\t600\nchr2\t700\t800\n";  // the last covers 100 of 200 bases

    std::string file(const std::string& name, std::string_view text) const { return scratch.file(name, text).string(); }

    ProgramResult run(std::vector<std::string> more) const {
        std::vector<std::string> all{"evaluate", "-p", file("p.tsv", scores)};
        all.insert(all.end(), more.begin(), more.end());
        return factornet(all);
    }
    ProgramResult with_labels(std::vector<std::string> more = {}) const {
        more.insert(more.begin(), {"--labels", file("l.tsv", labels), "--cell", "K"});
        return run(more);
    }
    nlohmann::json json(std::vector<std::string> more) const {
        more.push_back("--json");
        const ProgramResult result = run(more);
        BOOST_REQUIRE_MESSAGE(result.code == 0, result.err);
        return nlohmann::json::parse(result.out);
    }
    nlohmann::json json_with_labels(std::vector<std::string> more = {}) const {
        more.insert(more.begin(), {"--labels", file("l.tsv", labels), "--cell", "K"});
        return json(more);
    }
    void fails(int code, const std::vector<std::string>& words, std::vector<std::string> more) const {
        const ProgramResult result = run(more);
        BOOST_TEST(result.code == code, result.err);
        for (const std::string& expected : words) BOOST_TEST(contains(result.err, expected));
        BOOST_TEST(result.out.empty());
    }
};

double number(const nlohmann::json& row, const char* key) { return row.at(key).get<double>(); }

std::string replaced(std::string text, std::string_view old, std::string_view by) {
    const auto at = text.find(old);
    BOOST_REQUIRE(at != std::string::npos);
    return text.replace(at, old.size(), by);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(evaluate, *boost::unit_test::tolerance(1e-6))

BOOST_AUTO_TEST_CASE(measures_by_hand_for_each_chromosome_and_all) {
    const SmallRun small;
    const nlohmann::json found = small.json_with_labels();
    const nlohmann::json &one = found.at("chromosomes")[0], &two = found.at("chromosomes")[1], &all = found.at("all");
    BOOST_TEST(one.at("name") == "chr1");
    BOOST_TEST(number(one, "auroc") == 1.0);
    BOOST_TEST(number(two, "auroc") == 2.0 / 3);
    BOOST_TEST(number(two, "average_precision") == 0.5);
    BOOST_TEST(number(two, "auprc_trapezoid") == 0.25);
    BOOST_TEST(number(two, "auprc_davis_goadrich") == 0.25);
    BOOST_TEST(number(two, "recall_at_25_fdr") == 0.0);
    BOOST_TEST(number(two, "recall_at_50_fdr") == 1.0);
    BOOST_TEST(all.at("bins") == 8);
    BOOST_TEST(all.at("bound") == 3);
    BOOST_TEST(number(all, "auroc") == 14.0 / 15);  // of 3 x 5 pairs, 0.6 below 0.7 is the only wrong one
    BOOST_TEST(number(all, "average_precision") == (1 + 1 + 0.75) / 3);
    BOOST_TEST(number(all, "recall_at_5_fdr") == 2.0 / 3);
    BOOST_TEST(number(all, "recall_at_25_fdr") == 1.0);
    BOOST_TEST(number(all, "brier") == (0.01 + 0.01 + 0.04 + 0.04 + 0.49 + 0.09 + 0.16 + 0.16) / 8);
}

BOOST_AUTO_TEST_CASE(peaks_label_bins_as_the_table_does) {
    const SmallRun small;
    const nlohmann::json by_table = small.json_with_labels().at("all");
    const nlohmann::json by_peaks = small.json({"--peaks", small.file("peaks.bed", small.peaks)}).at("all");
    BOOST_TEST(by_table == by_peaks);
    BOOST_TEST(small.json({"--peaks", small.file("peaks.bed", small.peaks), "--rule", "upstream"}).at("all") == by_peaks);
}

BOOST_AUTO_TEST_CASE(the_challenges_rule_leaves_ambiguous_bins_out) {
    const SmallRun small;
    const std::string peaks = small.file("peaks.bed", small.peaks),
                      relaxed = small.file("relaxed.bed", small.peaks + "chr2\t10\t20\nchr1\t650\t700\n");
    const nlohmann::json found = small.json({"--peaks", peaks, "--relaxed", relaxed, "--rule", "challenge"});
    BOOST_TEST(found.at("all").at("ambiguous") == 2);  // [0, 200) of chr2 and [600, 800) of chr1
    BOOST_TEST(found.at("all").at("bound") == 3);      // also the bin of which 100 bases are covered
    BOOST_TEST(found.at("rule") == "challenge");
    small.fails(2, {"give them with --relaxed"}, {"--peaks", peaks, "--rule", "challenge"});
    small.fails(2, {"--rule challenge"}, {"--peaks", peaks, "--relaxed", relaxed});
}

BOOST_AUTO_TEST_CASE(the_first_line_says_what_is_evaluated_and_tables_align) {
    const SmallRun small;
    const ProgramResult result = small.with_labels();
    BOOST_TEST(result.code == 0);
    BOOST_TEST(result.err.starts_with("factornet evaluate: scores of "), result.err);
    BOOST_TEST(contains(result.err.substr(0, result.err.find('\n')), "l.tsv, K"));
    BOOST_TEST(contains(result.err, "8 bins on 2 chromosomes"));
    const std::string head = result.out.substr(0, result.out.find('\n'));
    BOOST_TEST(contains(head, "auPR-DG"));
    const std::string second = result.out.substr(head.size() + 1, result.out.find('\n', head.size() + 1) - head.size() - 1);
    BOOST_TEST(second.starts_with("chr1"));
    BOOST_TEST(second.size() == head.size());
    BOOST_TEST(contains(result.out, "auPR-DG: Davis-Goadrich interpolation, the DREAM challenge's"));
    BOOST_TEST(small.with_labels({"--quiet"}).err.empty());
}

BOOST_AUTO_TEST_CASE(a_file_holds_all_numbers) {
    const SmallRun small;
    const std::string output = (small.scratch / "o.tsv").string();
    BOOST_REQUIRE_EQUAL(small.with_labels({"-o", output, "--bootstrap", "20", "--stretch", "200"}).code, 0);
    const std::vector<std::string> lines = lines_of(output);
    BOOST_REQUIRE_EQUAL(lines.size(), 4U);
    BOOST_TEST(lines[0].starts_with("chromosome\tbins\tbound\tunbound\tambiguous\tauroc\tauprc_davis_goadrich\t"));
    BOOST_TEST(lines[0].ends_with("recall_at_50_fdr_low\trecall_at_50_fdr_high\trecall_at_50_fdr_standard_error"));
    BOOST_TEST(lines[1].starts_with("chr1\t4\t2\t2\t0\t1\t1\t"));
    BOOST_TEST(lines[3].starts_with("all\t8\t3\t5\t0\t0.93"));
    for (const std::string& line : lines) BOOST_TEST(std::count(line.begin(), line.end(), '\t') == 17 + 27);
}

BOOST_AUTO_TEST_CASE(intervals_follow_the_seed_and_hold_the_value) {
    const SmallRun small;
    const std::vector<std::string> options{"--bootstrap", "200", "--stretch", "200", "--seed", "5"};
    auto more = options;
    more.insert(more.end(), {"--threads", "1"});
    const nlohmann::json one = small.json_with_labels(more);
    more.back() = "3";
    BOOST_TEST(one == small.json_with_labels(more));
    BOOST_TEST(one.at("bootstrap").at("stretches") == 8);
    const nlohmann::json interval = one.at("all").at("intervals").at("auroc");
    BOOST_TEST(number(interval, "low") <= 14.0 / 15);
    BOOST_TEST(number(interval, "high") == 1.0);
    more[5] = "6";
    BOOST_TEST(small.json_with_labels(more).at("all").at("intervals") != one.at("all").at("intervals"));
    BOOST_TEST(contains(small.with_labels(options).err, "only 8 stretches"));
}

BOOST_AUTO_TEST_CASE(compressed_files_are_read_too) {
    const SmallRun small;
    BgzipWriter writer(small.scratch / "p.gz");
    writer.write(small.scores);
    writer.commit();
    const ProgramResult result = factornet(
        {"evaluate", "-p", (small.scratch / "p.gz").string(), "--labels", small.file("l.tsv", small.labels), "--cell", "K", "--json"});
    BOOST_TEST(result.code == 0);
    BOOST_TEST(nlohmann::json::parse(result.out).at("all") == small.json_with_labels().at("all"));
}

BOOST_AUTO_TEST_CASE(unsorted_bins_are_the_same_bins) {
    SmallRun small;
    const nlohmann::json wanted = small.json_with_labels().at("all");
    small.scores =
        "chr2\t600\t800\t0.4\nchr1\t600\t800\t0.8\nchr1\t0\t200\t0.1\nchr2\t0\t200\t0.7\nchr1\t200\t400\t0.9\nchr2\t400\t600\t0."
        "6\nchr1\t400\t600\t0.2\n"
        "chr2\t200\t400\t0.3\n";
    BOOST_TEST(small.json_with_labels().at("all") == wanted);
}

BOOST_AUTO_TEST_CASE(a_bigwig_scores_each_bin_with_its_mean) {
    const SmallRun small;
    {
        ChromSizes sizes;
        sizes.add("chr1", 1000);
        sizes.add("chr2", 700);
        BigWigWriter track(small.scratch / "fc.bw", sizes);
        track.add("chr1", 200, 300, 8);     // mean 4
        track.add("chr1", 600, 800, 5);     // mean 5
        track.add("chr2", 399, 600, 1.5F);  // mean 1.5, and 0.0075 for the bin before
        track.commit();
    }
    const std::string bw = (small.scratch / "fc.bw").string(), labels = small.file("l.tsv", small.labels);
    const ProgramResult result = factornet({"evaluate", "-p", bw, "--labels", labels, "--cell", "K", "--json"});
    BOOST_REQUIRE_MESSAGE(result.code == 0, result.err);
    const nlohmann::json all = nlohmann::json::parse(result.out).at("all");
    BOOST_TEST(number(all, "auroc") == 1.0);
    BOOST_TEST(!all.contains("brier"));
    BOOST_TEST(contains(result.err, "no calibration"));

    const std::string means =
        "chr1\t0\t200\t0\nchr1\t200\t400\t4\nchr1\t400\t600\t0\nchr1\t600\t800\t5\nchr2\t0\t200\t0\nchr2\t200\t400\t0."
        "0075\nchr2\t400\t600\t1.5\nchr2\t600\t800\t0\n";
    const ProgramResult same =
        factornet({"evaluate", "-p", bw, "--bins", small.file("p.tsv", small.scores), "--compare", small.file("m.tsv", means), "--json"});
    BOOST_REQUIRE_MESSAGE(same.code == 0, same.err);
    BOOST_TEST(number(nlohmann::json::parse(same.out).at("all"), "pearson") == 1.0);

    const ProgramResult alone = factornet({"evaluate", "-p", bw, "--peaks", small.file("peaks.bed", small.peaks)});
    BOOST_TEST(alone.code == 2);
    BOOST_TEST(contains(alone.err, "give them with --bins"));
}

BOOST_AUTO_TEST_CASE(two_sets_of_scores_are_correlated) {
    const SmallRun small;
    std::string other;
    for (const char* score : {"1", "90", "2", "8"})
        other += "chr1\t" + std::to_string(200 * (std::count(other.begin(), other.end(), '\n'))) + "\t" +
                 std::to_string(200 * (std::count(other.begin(), other.end(), '\n') + 1)) + "\t" + score + "\n";
    const std::string file = small.file("other.tsv", other);
    const nlohmann::json found = small.json({"--compare", file, "--chromosomes", "chr1"}).at("all");
    BOOST_TEST(number(found, "spearman") == 1.0);
    BOOST_TEST(number(found, "pearson") < 0.9);
    BOOST_TEST(!found.contains("auroc"));
    small.fails(2, {"has no chromosome \"chr2\" of"}, {"--compare", file});
    BOOST_TEST(small.json({"--compare", file, "--common"}).at("all").at("bins") == 4);
    BOOST_TEST(number(small.json_with_labels({"--compare", file, "--common"}).at("all"), "auroc") == 1.0);
}

BOOST_AUTO_TEST_CASE(bins_can_be_chosen_by_chromosome_and_blacklist) {
    const SmallRun small;
    const nlohmann::json one = small.json_with_labels({"--chromosomes", "chr2"});
    BOOST_TEST(one.at("all").at("bins") == 4);
    const nlohmann::json masked =
        small.json_with_labels({"--blacklist", small.file("b.bed", "chr2\t199\t200\nchr1\t200\t201\n")}).at("all");
    BOOST_TEST(masked.at("bins") == 6);
    BOOST_TEST(masked.at("bound") == 2);
    BOOST_TEST(number(masked, "auroc") == 1.0);
    small.fails(2, {"no bin on chr3", "--chromosomes"}, {"--peaks", small.file("peaks.bed", small.peaks), "--chromosomes", "chr3"});
    small.fails(2, {"no bin on 1,", "did you mean chr1?"}, {"--peaks", small.file("peaks.bed", small.peaks), "--chromosomes", "1"});
}

BOOST_AUTO_TEST_CASE(labels_of_other_chromosomes_are_passed_over_with_a_warning) {
    SmallRun small;
    small.scores = small.scores.substr(0, small.scores.find("chr2"));
    const ProgramResult result = small.with_labels();
    BOOST_TEST(result.code == 0);
    BOOST_TEST(contains(result.err, "l.tsv has bins on [chr2] too, which are not evaluated"));
}

BOOST_AUTO_TEST_CASE(bins_that_one_file_lacks_are_an_error_unless_common) {
    SmallRun small;
    const std::string labels =
        small.file("some.tsv", replaced(replaced(small.labels, "chr1\t200\t400\tB\tB\n", ""), "chr2\t0\t200\tU\tU\n", ""));
    small.fails(2, {"bin chr1:200-400 (and 1 more) is in", "and not in", "some.tsv", "--common"}, {"--labels", labels, "--cell", "K"});
    BOOST_TEST(small.json({"--labels", labels, "--cell", "K", "--common"}).at("all").at("bins") == 6);
    small.scores = replaced(small.scores, "chr1\t400\t600\t0.2\n", "");
    const ProgramResult result = small.with_labels();
    BOOST_TEST(result.code == 2);
    BOOST_TEST(contains(result.err, "bin chr1:400-600 is in "));
}

BOOST_AUTO_TEST_CASE(chromosomes_of_another_naming_are_refused_with_the_way_out) {
    const SmallRun small;
    std::string peaks = small.peaks, labels = small.labels;
    for (std::string* text : {&peaks, &labels})
        for (std::size_t at; (at = text->find("chr1")) != std::string::npos || (at = text->find("chr2")) != std::string::npos;)
            text->erase(at, 3);
    small.fails(2, {"chromosome names do not match", "says \"chr1\"", "says \"1\"", "rename one side"},
                {"--peaks", small.file("n.bed", peaks)});
    small.fails(2, {"chromosome names do not match", "says \"chr1\"", "says \"1\"", "rename one side"},
                {"--labels", small.file("n.tsv", labels), "--cell", "K"});
}

BOOST_AUTO_TEST_CASE(a_chromosome_without_peaks_is_unbound_with_a_warning) {
    const SmallRun small;
    const ProgramResult result = small.run({"--peaks", small.file("peaks.bed", "chr1\t200\t400\n"), "--json"});
    BOOST_TEST(result.code == 0);
    BOOST_TEST(contains(result.err, "has no peak on [chr2]"));
    const nlohmann::json found = nlohmann::json::parse(result.out);
    BOOST_TEST(found.at("chromosomes")[1].at("auroc").is_null());
    BOOST_TEST(found.at("all").at("bound") == 1);
}

BOOST_AUTO_TEST_CASE(bad_files_are_refused_with_file_line_and_reason) {
    SmallRun small;
    const std::string peaks = small.file("peaks.bed", small.peaks);
    small.fails(1, {"empty.bed: there are no peaks"}, {"--peaks", small.file("empty.bed", "")});
    small.fails(1, {"l.tsv: line 1", "use --peaks"}, {"--labels", small.file("l.tsv", small.peaks)});
    small.fails(1, {"l.tsv: line 3", "\"X\" is none of B"},
                {"--labels", small.file("l.tsv", "chr\tstart\tstop\tK\nchr1\t0\t200\tU\nchr1\t200\t400\tX\n")});
    small.fails(1, {"l.tsv: line 2", "3 columns, the header 4"}, {"--labels", small.file("l.tsv", "chr\tstart\tstop\tK\nchr1\t0\t200\n")});
    small.fails(1, {"l.tsv: is empty"}, {"--labels", small.file("l.tsv", "")});
    small.fails(2, {"name one with --cell: [K, L]"}, {"--labels", small.file("l.tsv", small.labels)});
    small.fails(2, {"no cell \"M\": it has [K, L]"}, {"--labels", small.file("l.tsv", small.labels), "--cell", "M"});
    small.fails(2, {"none of the 8 labels is positive"}, {"--peaks", small.file("far.bed", "chr1\t5000\t6000\nchr2\t1\t9\n")});

    const std::string good = small.scores;
    small.scores = replaced(good, "\t0.9", "\tnan");
    small.fails(1, {"p.tsv: line 2: the score is NaN"}, {"--peaks", peaks});
    small.scores = replaced(good, "\t0.9", "");
    small.fails(1, {"p.tsv: line 2: needs 4 columns"}, {"--peaks", peaks});
    small.scores = replaced(good, "\t0.9", "\thigh");
    small.fails(1, {"p.tsv: line 2: score \"high\" is not a number"}, {"--peaks", peaks});
    small.scores = good + "chr1\t0\t200\t0.5\n";
    small.fails(1, {"the bin chr1:0-200 is there twice"}, {"--peaks", peaks});
    small.scores = "";
    small.fails(1, {"p.tsv: there are no bins in it"}, {"--peaks", peaks});
}

BOOST_AUTO_TEST_CASE(options_that_do_not_fit_are_wrong_usage) {
    const SmallRun small;
    const std::string peaks = small.file("peaks.bed", small.peaks), labels = small.file("l.tsv", small.labels);
    small.fails(2, {"nothing to evaluate against"}, {});
    small.fails(2, {"give one of them"}, {"--peaks", peaks, "--labels", labels});
    small.fails(2, {"--cell names a column"}, {"--peaks", peaks, "--cell", "K"});
    small.fails(2, {"--bootstrap needs labels"}, {"--compare", small.file("p.tsv", small.scores), "--bootstrap", "10"});
    small.fails(2, {"is an input too"}, {"--peaks", peaks, "-o", peaks});
    small.fails(2, {"is a directory"}, {"--peaks", peaks, "-o", small.scratch.path().string()});
    small.fails(2, {"File does not exist"}, {"--peaks", "nowhere.bed"});
    BOOST_TEST(content_of(peaks) == small.peaks);
}

BOOST_AUTO_TEST_CASE(help_begins_with_an_example_that_runs) {
    const std::string help = factornet({"evaluate", "--help"}).out;
    BOOST_TEST(contains(help.substr(0, 300), "Example"));
    const Scratch scratch;
    const std::string root = (scratch / "try").string();
    BOOST_REQUIRE_EQUAL(factornet({"simulate", root, "--size", "1e6", "--cells", "A,B", "--factors", "2", "--quiet"}).code, 0);
    BOOST_TEST(contains(help, "factornet evaluate -p try/cells/A/DGF.bw --labels try/labels/TF1.chr4.labels.tsv.gz --cell A\n"));
    const ProgramResult result =
        factornet({"evaluate", "-p", root + "/cells/A/DGF.bw", "--labels", root + "/labels/TF1.chr4.labels.tsv.gz", "--cell", "A"});
    BOOST_TEST(result.code == 0, result.err);
}

BOOST_AUTO_TEST_SUITE_END()
