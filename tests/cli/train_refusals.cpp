// SPDX-License-Identifier: MIT
// factornet train, asked for what cannot be done: it says so before it trains, and leaves a model that is there alone.
#include <boost/test/unit_test.hpp>

#include <csignal>
#include <filesystem>
#include <string>
#include <sys/resource.h>
#include <vector>

#include "tests/cli/train_program.hpp"

using namespace chromatid;
using namespace chromatid::test;
namespace fs = std::filesystem;

namespace {

/// Cell A with the peak file of TF1 replaced.
fs::path cell_with_peaks(const Scratch& scratch, const std::string& peaks) {
    const fs::path cell = copy_of_cell(scratch, "A", "cell");
    scratch.file("cell/peaks.narrowPeak", peaks);
    scratch.file("cell/chip.txt", "peaks.narrowPeak\tTF1\n");
    return cell;
}

int unfinished(const fs::path& folder) {
    int n = 0;
    for (const auto& entry : fs::directory_iterator(folder)) n += entry.path().extension() == ".tmp" ? 1 : 0;
    return n;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(train_refusals)

BOOST_AUTO_TEST_CASE(a_model_is_replaced_only_when_asked_for) {
    TrainRun run;
    run.set("-e", {"1"}).succeeds();
    const std::string weights = run.weights();
    run.set("-s", {"9"});
    run.fails(2, {"a model is there already", "-oc", "--resume"});
    BOOST_TEST(same_bytes(run.weights(), weights));
    run.replacing().succeeds();
    BOOST_TEST(run.weights() != weights);
}

BOOST_AUTO_TEST_CASE(a_file_is_no_model_directory) {
    TrainRun run;
    run.set("-o", {run.scratch.file("file", "text").string()});
    run.fails(2, {"is a file; -o names a directory"});
}

BOOST_AUTO_TEST_CASE(what_is_missing_is_named) {
    TrainRun run;
    run.drop("-i").fails(2, {"-i CELL"});
    run.set("-i", {TrainRun::cell("A")}).drop("--genome").fails(2, {"--genome FILE"});
    TrainRun other;
    other.drop("-o").fails(2, {"-o DIRECTORY"});
    other.into("x").set("--motif").fails(2, {"--motifs FILE"});
    other.drop("--motif").set("-g").fails(2, {"--annotations DIRECTORY"});
    other.drop("-g").set("--negativess", {"3"}).fails(2, {"unknown option --negativess (did you mean --negatives?)"});
}

BOOST_AUTO_TEST_CASE(an_unknown_factor_lists_the_known_ones) {
    TrainRun run;
    run.set("-f", {"TFX"}).fails(2, {"no factor \"TFX\"", "it lists [TF1, TF2]"});
}

BOOST_AUTO_TEST_CASE(an_unknown_chromosome_lists_the_known_ones) {
    TrainRun run;
    run.set("-v", {"chr9"}).fails(2, {"-v: ", "no chromosome \"chr9\"", "[chr1, chr2, chr3, chr4]"});
    run.set("-v", {"3"}).fails(2, {"no chromosome \"3\"; did you mean \"chr3\"?"});
    run.set("-v", {"chr3"}).set("-t", {"chrX"}).fails(2, {"-t: ", "no chromosome \"chrX\""});
    run.set("-t", {"chr3"}).fails(2, {"asked for in validation and in test"});
    run.set("-v", {"chr1", "chr2"}).set("-t", {"chr3", "chr4"}).fails(2, {"no chromosome is left for training"});
}

BOOST_AUTO_TEST_CASE(peaks_of_another_naming_are_refused) {
    TrainRun run;
    const fs::path cell = cell_with_peaks(run.scratch, "1\t4000\t4200\tp\t0\t.\t9\t9\t9\t100\n3\t4000\t4200\tp\t0\t.\t9\t9\t9\t100\n");
    run.set("-i", {cell.string()}).fails(2, {"\"1\"", "chr1", "peaks.narrowPeak"});
}

BOOST_AUTO_TEST_CASE(an_empty_or_cut_off_peak_file_is_refused) {
    TrainRun run;
    const fs::path cell = cell_with_peaks(run.scratch, "");
    run.set("-i", {cell.string()}).fails(2, {"peaks.narrowPeak"});
    run.scratch.file("cell/peaks.narrowPeak", "chr1\t4000\n");
    run.fails(1, {"peaks.narrowPeak", "line 1"});
    run.scratch.file("cell/peaks.narrowPeak", "chr1\t4000\t4200\tp\t0\t.\t9\t9\t9\t100\n");
    run.fails(2, {"no positive is left for validation", "chr3"});
}

BOOST_AUTO_TEST_CASE(cells_with_other_tracks_are_refused) {
    TrainRun run;
    const fs::path cell = copy_of_cell(run.scratch, "B", "cell");
    run.scratch.file("cell/bigwig.txt", "DGF.bw\tDGF\n");
    run.set("-i", {TrainRun::cell("A"), cell.string()});
    run.fails(2, {"the cells differ in their tracks", "[Unique35, DGF]", "[DGF]"});
}

BOOST_AUTO_TEST_CASE(a_foreign_or_cut_off_track_is_refused) {
    TrainRun run;
    const fs::path cell = copy_of_cell(run.scratch, "A", "cell");
    run.set("-i", {cell.string()});
    const std::string whole = content_of(cell / "DGF.bw");
    run.scratch.file("cell/DGF.bw", "track\n");
    run.fails(1, {"DGF.bw"});
    run.scratch.file("cell/DGF.bw", whole.substr(0, whole.size() / 2));
    run.fails(1, {"DGF.bw"});
}

BOOST_AUTO_TEST_CASE(sizes_that_do_not_fit_together_are_refused) {
    TrainRun run;
    run.set("-w", {"101"}).fails(2, {"kernels of 101 bases (-w) are wider than windows of 100 (-L)"});
    run.set("-w", {"8"}).set("-L", {"100000"}).fails(2, {"no positive is left for training", "a shorter window"});
    run.set("-L", {"100"}).set("--pool", {"200"}).fails(2, {"--pool 200 is more than the 93 positions"});
    run.drop("--pool").set("-n", {"-1"}).fails(2, {"tiled"});
}

BOOST_AUTO_TEST_CASE(an_amount_of_memory_is_checked_before_anything_is_done) {
    TrainRun run;
    for (const char* amount : {"lots", "-3", "8X", "8GG", "nan", "1e300G"})
        run.set("--memory", {amount}).fails(2, {"--memory \"" + std::string(amount) + "\" is no amount of memory"});
}

BOOST_AUTO_TEST_CASE(resuming_needs_a_run_and_keeps_its_options) {
    TrainRun run;
    fs::create_directory(run.model);
    const auto refused = [&](const std::vector<std::string>& more, const std::string& words) {
        const std::set<std::string> before = listing(run.model);
        const ProgramResult result = run_program(run.resume(more));
        BOOST_TEST(result.code == 2);
        BOOST_TEST(contains(result.err, words));
        BOOST_TEST(listing(run.model) == before, boost::test_tools::per_element());
    };
    refused({}, "no training run was begun there");
    run.set("-e", {"1"}).succeeds();
    refused({"-e", "5"}, "--epochs cannot be changed");
    refused({"-lr", "0.5"}, "--learningrate cannot be changed");
    refused({"-o", run.model.string()}, "excludes");
    fs::remove(run.model / "checkpoint.safetensors");
    refused({}, "begin again with -oc");

    run.scratch.file("model/train.json", "{\"options\": 3}");
    const ProgramResult damaged = run_program(run.resume());
    BOOST_TEST(damaged.code == 1);
    BOOST_TEST(contains(damaged.err, "train.json"));
}

BOOST_AUTO_TEST_CASE(a_damaged_checkpoint_and_one_of_other_data_are_refused) {
    TrainRun run;
    const fs::path cell = copy_of_cell(run.scratch, "A", "cell");
    run.set("-i", {cell.string()}).set("-e", {"1"}).succeeds();
    const std::string checkpoint = content_of(run.model / "checkpoint.safetensors");
    const auto refused = [&](const std::string& words) {
        const ProgramResult result = run_program(run.resume());
        BOOST_TEST(result.code == 1);
        BOOST_TEST(contains(result.err, words));
    };
    run.scratch.file("model/checkpoint.safetensors", checkpoint.substr(0, checkpoint.size() - 100));
    refused("checkpoint.safetensors");

    run.scratch.file("model/checkpoint.safetensors", checkpoint);
    std::string other;
    for (const std::string& line : lines_of(cell / "ChIPseq.A.TF1.conservative.train.narrowPeak.gz"))
        if (!other.empty() || line.starts_with("chr1")) other += line + '\n';
    other = other.substr(other.find('\n') + 1);
    run.scratch.file("cell/peaks.narrowPeak", other);
    run.scratch.file("cell/chip.txt", "peaks.narrowPeak\tTF1\n");
    refused("its training data is");
}

BOOST_AUTO_TEST_CASE(a_diverging_run_says_where_and_keeps_what_was_good) {
    TrainRun run;
    run.set("-e", {"1"}).succeeds();
    const std::string weights = run.weights();
    run.replacing().set("-lr", {"1e30"}).set("--optimizer", {"sgd"});
    const ProgramResult result = run();
    BOOST_TEST(result.code == 1);
    BOOST_TEST(contains(result.err, "epoch 1, batch "));
    BOOST_TEST(contains(result.err, "smaller learning rate"));
    BOOST_TEST(same_bytes(run.weights(), weights));
    BOOST_TEST(factornet({"inspect", run.model.string()}).code == 0);
}

BOOST_AUTO_TEST_CASE(a_full_disk_is_an_error_and_the_run_can_be_begun_again) {
    TrainRun reference;
    reference.set("-e", {"1"}).succeeds();
    // no room for the options, for the weights, and for the checkpoint, which is the largest
    for (const rlim_t room :
         {rlim_t{400}, rlim_t{4000}, static_cast<rlim_t>(fs::file_size(reference.model / "checkpoint.safetensors") - 100)}) {
        TrainRun run;
        run.set("-e", {"1"}).set("--quiet");
        const ProgramResult result = run([room] {
            std::signal(SIGXFSZ, SIG_IGN);
            const rlimit limit{room, room};
            setrlimit(RLIMIT_FSIZE, &limit);
        });
        BOOST_TEST(result.code == 1);
        BOOST_TEST(contains(result.err, "File too large"));
        BOOST_TEST(contains(result.err, run.model.string()));
        BOOST_TEST(unfinished(run.model) == 0);
        run.replacing().succeeds();
        BOOST_TEST(same_bytes(run.weights(), reference.weights()));
    }
}

BOOST_AUTO_TEST_SUITE_END()
