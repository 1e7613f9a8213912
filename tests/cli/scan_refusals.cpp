// SPDX-License-Identifier: MIT
// What `factornet scan` says to wrong inputs, before it does any work.
#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <string>
#include <vector>

#include "tests/cli/scan_program.hpp"

using namespace chromatid;
using namespace chromatid::test;

BOOST_AUTO_TEST_SUITE(scan_refusals)

BOOST_AUTO_TEST_CASE(peaks_need_a_threshold_or_labels) {
    const ScanRun run;
    const std::string peaks = (run.scratch / "p").string();
    const std::string labels = run.scratch.file("labels.tsv", "chr\tstart\tstop\tcell\nchrA\t0\t200\tU\n").string();
    run.refuses(2, {"--peaks needs to know where peaks begin"}, {"--peaks", peaks});
    run.refuses(2, {"--precision is measured on labels: give --labels"}, {"--peaks", peaks, "--precision", "0.5"});
    run.refuses(2, {"both say where peaks begin"}, {"--peaks", peaks, "--precision", "0.5", "--threshold", "0.5", "--labels", labels});
    run.refuses(2, {"are for --peaks FILE, which is missing"}, {"--threshold", "0.5"});
    run.refuses(2, {"--labels are for --precision, which is missing"}, {"--labels", labels});
    run.refuses(2, {"--threshold must be above 0"}, {"--peaks", peaks, "--threshold", "0"});
    run.refuses(2, {"--threshold must be above 0"}, {"--peaks", peaks, "--threshold", "nan"});
    run.refuses(2, {"--precision must be above 0 and at most 1"}, {"--peaks", peaks, "--precision", "1.5", "--labels", labels});
    run.refuses(2, {"--cell names a column of --labels"}, {"--cell", "HeLa"});
}

BOOST_AUTO_TEST_CASE(labels_that_no_threshold_fits_keep_the_scores) {
    const ScanRun run;
    const std::string peaks = (run.scratch / "p").string();
    // the bins with the highest scores are unbound
    run.scanned({"--chroms", "chrB"});
    std::string table = "chr\tstart\tstop\tcell\n";
    for (const BedRecord& bin : records_of(run.output))
        table += bin.fields[0] + '\t' + bin.fields[1] + '\t' + bin.fields[2] + '\t' + (std::stof(bin.fields[3]) == 0 ? "B" : "U") + '\n';
    const std::string labels = run.scratch.file("labels.tsv", table).string();
    const std::vector<std::string> asked{"--chroms", "chrB", "--peaks", peaks, "--precision", "0.9", "--labels", labels};
    const ProgramResult result = run.scan(asked);
    BOOST_TEST(result.code == 2);
    BOOST_TEST(contains(result.err, "no threshold has a precision of 90.00 % on " + labels));
    BOOST_TEST(contains(result.err, "1 of 1 chromosomes are finished and kept"));
    run.scanned({"--chroms", "chrB", "--peaks", peaks, "--threshold", "0.5", "--resume"});
}

BOOST_AUTO_TEST_CASE(labels_of_other_chromosomes_are_refused) {
    const ScanRun run;
    const std::string labels = run.scratch.file("labels.tsv", "chr\tstart\tstop\tcell\nchrZ\t0\t200\tU\nchrZ\t50\t250\tB\n").string();
    const ProgramResult result = run.scan(
        {"--chroms", "chrB", "--peaks", (run.scratch / "p").string(), "--precision", "0.9", "--labels", labels});
    BOOST_TEST(result.code == 2);
    BOOST_TEST(contains(result.err, "no label lies on a chromosome that is scanned"));
}

BOOST_AUTO_TEST_CASE(regions_are_named_one_way) {
    const ScanRun run;
    const std::string bed = run.scratch.file("regions.bed", "chrA\t0\t1000\n").string();
    run.refuses(2, {"--regions", "excludes", "--chroms"}, {"--regions", bed, "--chroms", "chrA"});
    run.refuses(2, {"excludes"}, {"--challenge", "--chroms", "chrA"});
}

BOOST_AUTO_TEST_CASE(chromosomes_that_are_not_there_are_refused) {
    const ScanRun run;
    run.refuses(2, {"there is no chromosome \"A\"; did you mean \"chrA\"?"}, {"--chroms", "A"});
    run.refuses(2, {"there is no chromosome \"chr1\""}, {"--challenge"});
    const std::string bed = run.scratch.file("regions.bed", "A\t0\t1000\n").string();
    run.refuses(2, {"chromosome names do not match", "pass --chrom-prefix chr"}, {"--regions", bed});
}

BOOST_AUTO_TEST_CASE(regions_without_a_bin_are_refused) {
    const ScanRun run;
    const std::string narrow = run.scratch.file("narrow.bed", "chrA\t1000\t1199\nchrA\t3001\t3249\n").string();
    run.refuses(2, {"no bin of 200 bases that starts at a multiple of 50 lies in its regions"}, {"--regions", narrow});
    run.refuses(2, {"no bin of 500,000 bases"}, {"--bin", "500000"});
    const std::string empty = run.scratch.file("empty.bed", "# nothing\n").string();
    run.refuses(1, {"there are no windows in it"}, {"--regions", empty});
    const std::string damaged = run.scratch.file("damaged.bed", "chrA\tten\t1000\n").string();
    run.refuses(1, {"line 1"}, {"--regions", damaged});
}

BOOST_AUTO_TEST_CASE(bins_and_strides_are_positive) {
    const ScanRun run;
    run.refuses(2, {"--bin"}, {"--bin", "0"});
    run.refuses(2, {"--stride"}, {"--stride", "-50"});
}

BOOST_AUTO_TEST_CASE(other_sizes_are_another_assembly) {
    const ScanRun run;
    const std::string sizes = run.scratch.file("other.sizes", "chrA\t120001\nchrB\t80000\n").string();
    run.refuses(2, {"these are different assemblies"}, {"--sizes", sizes});
    const std::string more = run.scratch.file("more.sizes", "chrA\t120000\nchrB\t80000\nchrC\t9000\n").string();
    run.refuses(2, {"has no chromosome \"chrC\""}, {"--sizes", more});
    run.scanned({"--sizes", more, "--chroms", "chrB"});
}

BOOST_AUTO_TEST_CASE(a_blacklist_of_other_names_is_refused) {
    const ScanRun run;
    const std::string bed = run.scratch.file("blacklist.bed", "A\t0\t1000\n").string();
    run.refuses(2, {"chromosome names do not match"}, {"--blacklist", bed});
}

BOOST_AUTO_TEST_CASE(tracks_must_be_those_of_the_model) {
    const ScanRun run;
    run.scratch.file("demo/cell/bigwig.txt", "DGF.bw\tother\n");
    run.refuses(2, {"model expects tracks [DGF] in this order", "has [other]"});
}

BOOST_AUTO_TEST_CASE(an_output_must_not_be_an_input) {
    ScanRun run;
    run.output = run.genome;
    run.refuses(2, {"is an input too"});
    run.output = run.scratch.path();
    run.refuses(2, {"is a directory"});
    run.output = run.scratch / "same";
    run.refuses(2, {"would be written twice"}, {"--peaks", run.output.string(), "--threshold", "0.5"});
}

BOOST_AUTO_TEST_CASE(an_output_in_no_folder_is_refused_at_once) {
    ScanRun run;
    const auto file = run.scratch.file("file", "");
    run.output = file / "scores.tsv";
    run.refuses(1, {"cannot make the folder"});
    run.output = run.scratch / "absent/scores.tsv";
    run.refuses(1, {"cannot make the folder"});
}

BOOST_AUTO_TEST_CASE(factors_must_be_the_models) {
    const ScanRun run;
    run.refuses(2, {"the model predicts DEMO, not CTCF"}, {"-f", "CTCF"});
    run.refuses(2, {"-f DEMO is given twice"}, {"-f", "DEMO,DEMO"});
}

BOOST_AUTO_TEST_SUITE_END()
