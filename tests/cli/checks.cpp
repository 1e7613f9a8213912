// SPDX-License-Identifier: MIT
// What `predict` refuses, and what it says: a message that names the file and the way out, an exit code, and no file changed.
#include <chromatid/genome/chrom_sizes.hpp>
#include <chromatid/io/big_wig_writer.hpp>

#include <boost/test/unit_test.hpp>

#include <csignal>
#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <sys/resource.h>
#include <vector>

#include "tests/cli/factornet_program.hpp"
#include "tests/support/shared_data.hpp"

using namespace chromatid;
using namespace chromatid::test;
namespace utf = boost::unit_test;

namespace {

constexpr int failed = 1, wrong_usage = 2;

std::filesystem::path write_track(const DemoRun& demo, const std::string& name, const ChromSizes& sizes) {
    BigWigWriter track(demo.cell / name, sizes);
    for (const Chromosome& c : sizes) track.add(c.name, 10, 20, 1.0F);
    track.commit();
    return demo.cell / name;
}

void cut(const std::filesystem::path& file, double share) {
    std::filesystem::resize_file(file, static_cast<std::uintmax_t>(share * static_cast<double>(std::filesystem::file_size(file))));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(checks)

BOOST_AUTO_TEST_CASE(missing_chr_prefixes_are_named_and_the_suggested_option_works) {
    DemoRun demo;
    BOOST_REQUIRE_EQUAL(demo.predict().code, 0);
    const std::vector<BedRecord> wanted = records_of(demo.output);
    demo.bed = demo.with(demo.bed, "short.bed", "chr", "");
    demo.fails(wrong_usage, {"error: chromosome names do not match", "short.bed: line 1: \"A\" (and 1 more)", "says \"chrA\"",
                             "pass --chrom-prefix chr"});
    BOOST_REQUIRE_EQUAL(demo.predict({"--chrom-prefix", "chr"}).code, 0);
    const std::vector<BedRecord> found = records_of(demo.output);
    BOOST_REQUIRE_EQUAL(found.size(), wanted.size());
    for (std::size_t i = 0; i < found.size(); ++i) BOOST_REQUIRE_EQUAL(found[i].fields[3], wanted[i].fields[3]);
    BOOST_TEST(found[0].fields[0] == "A");  // the table keeps the user's names
    BOOST_REQUIRE_EQUAL(demo.predict({"--chrom-prefix", "chr", "--format", "bedgraph"}).code, 0);
    BOOST_TEST(content_of(demo.output).starts_with("chrA\t"));  // a browser needs the genome's
}

BOOST_AUTO_TEST_CASE(superfluous_chr_prefixes_are_named_and_the_suggested_option_works) {
    DemoRun demo;
    demo.genome = demo.with(demo.genome, "short.fa", ">chr", ">");
    demo.fails(wrong_usage, {"\"chrA\" (and 1 more)", "short.fa says \"A\"", "pass --chrom-prefix=-chr"});
    ChromSizes sizes;
    sizes.add("A", 120000);
    sizes.add("B", 80000);
    demo.fails(wrong_usage, {"DGF.bw says \"chrA\"", "short.fa says \"A\"", "rename one side"}, {"--chrom-prefix=-chr"});
    write_track(demo, "DGF.bw", sizes);
    BOOST_TEST(demo.predict({"--chrom-prefix=-chr"}).code == 0);
    BOOST_TEST(demo.predict({"--chrom-prefix", "-chr"}).code == 0);
    demo.genome = demo.root / "genome.fa";
    demo.fails(wrong_usage, {"chromosome \"chrA\", with --chrom-prefix \"A\" (and 1 more), is not in"}, {"--chrom-prefix=-chr"});
}

BOOST_AUTO_TEST_CASE(a_contig_that_the_genome_lacks_is_named_with_its_line) {
    DemoRun demo;
    demo.bed = demo.scratch.file("w.bed", "chrA\t900\t1100\nchr17_ctg5_hap1\t900\t1100\n");
    demo.fails(wrong_usage, {"w.bed: line 2: chromosome \"chr17_ctg5_hap1\" is not in " + demo.genome.string()});
}

BOOST_AUTO_TEST_CASE(tracks_must_be_those_of_the_model_in_its_order) {
    DemoRun demo;
    demo.scratch.file("demo/cell/bigwig.txt", "DGF.bw Other\n");
    demo.fails(wrong_usage, {"model expects tracks [DGF] in this order", "bigwig.txt has [Other]"});
    demo.scratch.file("demo/cell/bigwig.txt", "DGF.bw DGF\nDGF.bw Unique35\n");
    demo.fails(wrong_usage, {"has [DGF, Unique35]"});
    demo.scratch.file("demo/cell/bigwig.txt", "");
    demo.fails(failed, {"bigwig.txt: lists nothing"});
    std::filesystem::remove(demo.cell / "bigwig.txt");
    demo.fails(failed, {"bigwig.txt: cannot open"});
}

BOOST_AUTO_TEST_CASE(text_files_that_contradict_the_network_are_refused) {
    DemoRun demo;
    demo.scratch.file("demo/model/bigwig.txt", "DGF\nUnique35\n");
    demo.fails(failed, {"model/bigwig.txt: says 6 input channels", "the network has 5"});
    demo.scratch.file("demo/model/bigwig.txt", "DGF_fwd\n");
    demo.fails(wrong_usage, {"DGF_fwd"});
    demo.scratch.file("demo/model/bigwig.txt", "DGF\n");
    demo.scratch.file("demo/model/feature.txt", "bigwig\ngencode\n");
    demo.fails(failed, {"feature.txt", "the network has 0"});
}

BOOST_AUTO_TEST_CASE(sizes_of_another_assembly_are_refused) {
    DemoRun demo;
    const std::string other = demo.scratch.file("other.sizes", "chrA\t120001\nchrB\t80000\n").string();
    demo.fails(wrong_usage, {"chrA has 120,001 bases in " + other + " and 120,000 in " + demo.genome.string(), "different assemblies"},
               {"--sizes", other});
    const std::string fewer = demo.scratch.file("fewer.sizes", "chrA\t120000\n").string();
    demo.fails(wrong_usage, {fewer + ": has no chromosome \"chrB\""}, {"--sizes", fewer});
    BOOST_TEST(demo.predict({"--sizes", (demo.root / "chrom.sizes").string()}).code == 0);
}

BOOST_AUTO_TEST_CASE(a_track_may_lack_some_chromosomes_but_says_so) {
    DemoRun demo;
    write_track(demo, "DGF.bw", ChromSizes({{"chrA", 120000}}));
    const ProgramResult result = demo.predict();
    BOOST_TEST(result.code == 0);
    BOOST_TEST(contains(result.err, "warning: track DGF has no chrB: it reads as 0 there"));
    write_track(demo, "DGF.bw", ChromSizes({{"chrA", 120000}, {"chrB", 70000}}));
    BOOST_TEST(contains(demo.predict().err, "warning: track DGF: chrB has 70,000 bases, the genome's has 80,000 (another assembly?)"));
    write_track(demo, "DGF.bw", ChromSizes({{"chrX", 120000}}));
    demo.fails(wrong_usage, {"DGF.bw: has no chromosome \"chrA\""});
}

BOOST_AUTO_TEST_CASE(a_blacklist_masks_windows_and_must_speak_of_this_genome) {
    DemoRun demo;
    demo.bed = demo.scratch.file("w.bed", windows("chrA", 4000, 8000));
    const std::string blacklist = demo.scratch.file("b.bed", "chrA\t6000\t6001\nchrUn\t1\t2\n").string();
    BOOST_REQUIRE_EQUAL(demo.predict({"--blacklist", blacklist}).code, 0);
    for (const BedRecord& r : records_of(demo.output))  // grown by the model's 200 bases on both sides
        BOOST_TEST((r.fields[3] == "0") == (r.interval.start < 6201 && r.interval.end > 5800), r.fields[1] << ' ' << r.fields[3]);
    const std::string foreign = demo.scratch.file("foreign.bed", "A\t6000\t6001\n").string();
    demo.fails(wrong_usage, {"chromosome names do not match: " + foreign + " says \"A\"", "says \"chrA\""}, {"--blacklist", foreign});
    demo.fails(failed, {"nowhere.bed: cannot open"}, {"--blacklist", "nowhere.bed"});
    const std::string empty = demo.scratch.file("empty.bed", "").string();
    BOOST_TEST(demo.predict({"--blacklist", empty}).code == 0);
}

BOOST_AUTO_TEST_CASE(windows_past_an_end_score_zero_with_a_warning) {
    DemoRun demo;
    demo.bed = demo.scratch.file("w.bed", "chrA\t50000\t50200\nchrA\t119900\t120100\nchrA\t200000\t200200\n");
    const ProgramResult result = demo.predict();
    BOOST_TEST(result.code == 0);
    BOOST_TEST(contains(result.err, "w.bed: line 3: a window ends at 200,200, chrA has 120,000 bases; windows past an end score 0"));
    const std::vector<BedRecord> rows = records_of(demo.output);
    BOOST_TEST(rows[0].fields[3] != "0");
    BOOST_TEST(rows[1].fields[3] == "0");
    BOOST_TEST(rows[2].fields[3] == "0");
    for (const char* format : {"bedgraph", "bigwig"}) BOOST_TEST(demo.predict({"--format", format}).code == 0);
}

BOOST_AUTO_TEST_CASE(a_malformed_bed_is_refused_with_its_line) {
    DemoRun demo;
    demo.bed = demo.scratch.file("w.bed", "chrA\t900\t1100\nchrA\tx\t1100\n");
    demo.fails(failed, {"w.bed: line 2"});
    demo.bed = demo.scratch.file("w.bed", "chrA\t900\t1100\n\nchrA\t900\n");
    demo.fails(failed, {"w.bed: line 3: needs 3 columns"});
    demo.bed = demo.scratch.file("w.bed", "chrA\t1100\t900\n");
    demo.fails(failed, {"w.bed: line 1: start 1100 is after end 900"});
    demo.bed = demo.scratch.file("w.bed", "# nothing\n");
    demo.fails(failed, {"w.bed: there are no windows in it"});
}

BOOST_AUTO_TEST_CASE(windows_from_a_pipe_are_refused) {
    DemoRun demo;
    demo.bed = "/dev/null";
    demo.fails(wrong_usage, {"/dev/null: is not a regular file", "windows are read twice"});
}

BOOST_AUTO_TEST_CASE(truncated_files_are_refused_by_name) {
    {
        DemoRun demo;
        cut(demo.cell / "DGF.bw", 0.5);
        demo.fails(failed, {"DGF.bw: "});
    }
    {
        DemoRun demo;
        cut(demo.model / "final_model.hdf5", 0.7);
        demo.fails(failed, {"final_model.hdf5: "});
    }
    {
        DemoRun demo;
        cut(demo.model / "model.json", 0.7);
        demo.fails(failed, {"model.json: "});
    }
    DemoRun demo;
    BOOST_REQUIRE_EQUAL(demo.predict().code, 0);  // leaves an index
    const auto indexed = std::filesystem::last_write_time(demo.genome);
    cut(demo.genome, 0.5);
    std::filesystem::last_write_time(demo.genome, indexed);
    demo.fails(failed, {"genome.fa: "});
}

BOOST_AUTO_TEST_CASE(a_truncated_compressed_genome_is_refused, *utf::precondition(shared_data_present)) {
    DemoRun demo;
    demo.genome = demo.scratch / "mini.fa.gz";
    std::filesystem::copy_file(shared_data() / "mini_hg19/mini.fa.gz", demo.genome);
    std::filesystem::permissions(demo.genome, std::filesystem::perms::owner_write, std::filesystem::perm_options::add);
    cut(demo.genome, 0.9);
    demo.fails(failed, {"mini.fa.gz: ", "truncated download?"});
}

BOOST_AUTO_TEST_CASE(missing_files_are_named) {
    const auto missing = [](auto set, int code, const std::string& words) {
        DemoRun demo;
        set(demo);
        demo.fails(code, {words});
    };
    missing([](DemoRun& d) { d.bed = "nowhere.bed"; }, wrong_usage, "File does not exist: nowhere.bed");
    missing([](DemoRun& d) { d.genome = "nowhere.fa"; }, wrong_usage, "File does not exist: nowhere.fa");
    missing([](DemoRun& d) { d.cell = "nowhere"; }, failed, "nowhere: cannot open the cell directory");
    missing([](DemoRun& d) { d.model = "nowhere"; }, failed, "nowhere: cannot open the model directory");
    missing([](DemoRun& d) { std::filesystem::remove(d.cell / "DGF.bw"); }, failed, "DGF.bw: cannot open");
    missing([](DemoRun& d) { std::filesystem::remove(d.model / "final_model.hdf5"); }, failed,
            "has neither best_model.hdf5 nor final_model.hdf5");
    missing([](DemoRun& d) { d.output = d.scratch / "no/such/folder"; }, failed, "cannot write: No such file or directory");
}

BOOST_AUTO_TEST_CASE(an_output_that_cannot_be_written_is_refused_before_the_work) {
    for (const char* format : {"table", "upstream", "bedgraph", "bigwig"}) {
        DemoRun demo;
        demo.output = "/sys/scores";  // takes no files, not even of the superuser
        demo.fails(failed, {"/sys/scores: cannot write"}, {"--format", format});
    }
    DemoRun demo;
    demo.output = demo.root;
    demo.fails(wrong_usage, {"demo: is a directory"});
    demo.output = demo.bed;
    const std::string before = content_of(demo.bed);
    demo.fails(wrong_usage, {"windows.bed: is an input too"});
    BOOST_TEST(content_of(demo.bed) == before);
}

BOOST_AUTO_TEST_CASE(a_disk_that_fills_up_leaves_nothing_and_keeps_the_old_file) {
    for (const char* format : {"table", "bedgraph", "bigwig"}) {
        DemoRun demo;
        BOOST_REQUIRE_EQUAL(demo.predict().code, 0);
        demo.scratch.file("scores", "the old scores");
        demo.fails(failed, {"scores: cannot write", "File too large"}, {"--format", format}, [] {
            const rlimit limit{2048, 2048};
            ::setrlimit(RLIMIT_FSIZE, &limit);
        });
        BOOST_TEST(content_of(demo.output) == "the old scores");
    }
}

BOOST_AUTO_TEST_CASE(wrong_options_are_refused_with_a_suggestion) {
    DemoRun demo;
    demo.fails(wrong_usage, {"error: unknown option --fromat (did you mean --format?)"}, {"--fromat", "table"});
    demo.fails(wrong_usage, {"error: unknown option --thread (did you mean --threads?)"}, {"--thread=3"});
    demo.fails(wrong_usage, {"bedgrap not in {"}, {"--format", "bedgrap"});
    demo.fails(wrong_usage, {"--threads"}, {"--threads", "0"});
    demo.fails(wrong_usage, {"--threads"}, {"--threads", "100000"});
    demo.fails(wrong_usage, {"the model predicts DEMO, not MAX"}, {"-f", "MAX"});
    const ProgramResult command = factornet({"predcit"});
    BOOST_TEST(command.code == wrong_usage);
    BOOST_TEST(contains(command.err, "unknown command predcit (did you mean predict?)"));
    const ProgramResult incomplete = factornet({"predict", "-i", "cell"});
    BOOST_TEST(incomplete.code == wrong_usage);
    BOOST_TEST(contains(incomplete.err, "is required"));
    BOOST_TEST(factornet({}).code == wrong_usage);
}

BOOST_AUTO_TEST_SUITE_END()
