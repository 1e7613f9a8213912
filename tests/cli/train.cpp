// SPDX-License-Identifier: MIT
// factornet train: what it leaves, what each option changes, and that the same seed gives the same bits however a run is carried out.
#include <chromatid/serialize/safetensors_file.hpp>

#include <bigWig.h>
#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include <array>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/cli/train_program.hpp"

using namespace chromatid;
using namespace chromatid::test;
namespace fs = std::filesystem;

namespace {

nlohmann::json json_of(const fs::path& file) { return nlohmann::json::parse(content_of(file)); }

/// What `--dry-run --json` says.
nlohmann::json planned(TrainRun& run) {
    run.set("--dry-run").set("--json");
    return nlohmann::json::parse(run.succeeds().out);
}

/// Scores of a model on the last chromosome.
std::vector<BedRecord> scores(const TrainRun& run, const std::string& cell, std::vector<std::string> more = {}) {
    const fs::path bins = run.scratch.file("some.bed", windows("chr4", 2000, 6000)), out = run.scratch / "scores.tsv";
    more.insert(more.begin(), {"predict", "-i", cell, "-m", run.model.string(), "-b", bins.string(), "--genome",
                               (simulated() / "genome.fa").string(), "-o", out.string(), "--quiet"});
    const ProgramResult result = factornet(more);
    BOOST_REQUIRE_MESSAGE(result.code == 0, result.err);
    return records_of(out);
}

/// A bigWig for the simulated genome with 1 in every other kilobase, and `between` in the rest.
void write_track(const fs::path& file, float between) {
    std::vector<std::string> names;
    std::vector<std::uint32_t> sizes;
    for (const std::string& line : lines_of(simulated() / "chrom.sizes")) {
        const std::size_t tab = line.find('\t');
        names.push_back(line.substr(0, tab));
        sizes.push_back(static_cast<std::uint32_t>(std::stoul(line.substr(tab + 1))));
    }
    std::vector<const char*> chromosomes;
    for (const std::string& name : names) chromosomes.push_back(name.c_str());
    bwInit(1 << 17);
    bigWigFile_t* bw = bwOpen(file.c_str(), nullptr, "w");
    BOOST_REQUIRE(bw != nullptr);
    bwCreateHdr(bw, 0);
    bw->cl = bwCreateChromList(chromosomes.data(), sizes.data(), static_cast<std::int64_t>(names.size()));
    bwWriteHdr(bw);
    for (std::size_t c = 0; c < names.size(); ++c)
        for (std::uint32_t start = 0; start + 1000 <= sizes[c]; start += 1000) {
            std::uint32_t end = start + 1000;
            float value = start % 2000 == 0 ? 1.0F : between;
            BOOST_REQUIRE_EQUAL(bwAddIntervals(bw, &chromosomes[c], &start, &end, &value, 1), 0);
        }
    bwClose(bw);
}

/// A genome of small chromosomes named as in man, with a peak of one factor on each, and no track.
struct ManyChromosomes {
    explicit ManyChromosomes(const Scratch& scratch) {
        std::string fasta, peaks;
        for (int c = 1; c <= 23; ++c) {
            const std::string name = c == 23 ? "chrX" : "chr" + std::to_string(c);
            fasta += ">" + name + "\n";
            for (int line = 0; line < 200; ++line) fasta += "ACGTTGCAAGCTTAGCCATGACGTACGGATCCATTAGCAG\n";
            peaks += name + "\t4000\t4200\tpeak\t0\t.\t9\t9\t9\t100\n";
        }
        genome = scratch.file("many.fa", fasta);
        fs::create_directory(scratch / "cell");
        cell = scratch / "cell";
        scratch.file("cell/peaks.narrowPeak", peaks);
        scratch.file("cell/chip.txt", "peaks.narrowPeak\tMAX\n");
    }
    fs::path genome, cell;

    TrainRun& put_into(TrainRun& run) const {
        run.set("-i", {cell.string()})
            .set("-f", {"MAX"})
            .set("--genome", {genome.string()})
            .set("--no-tracks")
            .drop("-v")
            .drop("-t")
            .drop("-o");
        for (const char* option : {"-L", "-w", "-k", "-r", "-d", "-e", "--batch"}) run.drop(option);
        return run;
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(train)

BOOST_AUTO_TEST_CASE(a_run_leaves_a_model_directory_that_the_other_commands_read) {
    TrainRun run;
    const ProgramResult result = run.succeeds();
    BOOST_TEST(result.out == "");
    BOOST_TEST(contains(result.err, "factornet train: TF1, on cpu, 1 thread\n"));
    BOOST_TEST(contains(result.err, "held out     chr4\n"));
    BOOST_TEST(contains(result.err, "epoch 3/3: "));
    BOOST_TEST(content_of(run.model / "chip.txt") == "TF1\n");
    BOOST_TEST(content_of(run.model / "feature.txt") == "bigwig\n");
    BOOST_TEST(content_of(run.model / "bigwig.txt") == "Unique35\nDGF\n");
    BOOST_TEST(!fs::exists(run.model / "meta.txt"));
    BOOST_TEST(lines_of(run.model / "history.csv").size() == 4u);
    BOOST_TEST(json_of(run.model / "history.json").size() > 0u);
    BOOST_TEST(fs::exists(run.model / "checkpoint.safetensors"));
    BOOST_TEST(json_of(run.model / "train.json").at("options").at("genome") == (simulated() / "genome.fa").string());

    const ProgramResult inspected = factornet({"inspect", run.model.string(), "--json"});
    BOOST_TEST(inspected.code == 0, inspected.err);
    const std::vector<BedRecord> scored = scores(run, TrainRun::cell("C"));
    BOOST_TEST(scored.size() == 77u);
    for (const BedRecord& bin : scored) BOOST_TEST((std::stod(bin.fields.at(3)) > 0 && std::stod(bin.fields.at(3)) < 1));
}

BOOST_AUTO_TEST_CASE(the_model_says_where_it_comes_from_without_the_folders) {
    TrainRun run;
    run.succeeds();
    const std::string text = content_of(run.model / "model.json");
    const nlohmann::json training = nlohmann::json::parse(text).at("training");
    BOOST_TEST(training.at("options").at("genome") == "genome.fa");
    BOOST_TEST(training.at("options").at("cells") == nlohmann::json({"A", "B"}));
    BOOST_TEST(training.at("epoch") == 3);
    BOOST_TEST(text.find(simulated().string()) == std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_dry_run_counts_and_estimates_and_writes_nothing) {
    TrainRun run;
    run.set("--dry-run");
    const ProgramResult result = run.succeeds();
    BOOST_TEST(result.err == "");
    BOOST_TEST(!fs::exists(run.model));
    for (const char* words :
         {"training     chr1, chr2\n", "validation   chr3\n", "positives: chr1 ", "parameters", "memory       about", "time         about"})
        BOOST_TEST(contains(result.out, words));

    // the peaks themselves, counted: none of the simulation's lies on the mask, which only takes the ends
    std::array<int, 5> peaks{};
    for (const BedRecord& peak : records_of(fs::path(TrainRun::cell("A")) / "ChIPseq.A.TF1.conservative.train.narrowPeak.gz"))
        ++peaks.at(static_cast<std::size_t>(peak.interval.chrom.back() - '0'));
    const nlohmann::json plan = planned(run);
    for (const nlohmann::json& c : plan.at("positives"))
        if (c.at("cell") == "A")
            BOOST_TEST(c.at("positives") == peaks.at(static_cast<std::size_t>(c.at("chromosome").get<std::string>().back() - '0')));
    BOOST_TEST(plan.at("positives").size() == 6u);
    BOOST_TEST(!fs::exists(run.model));
}

BOOST_AUTO_TEST_CASE(quiet_says_nothing_and_json_goes_to_stdout) {
    TrainRun run;
    run.set("--quiet").set("--json");
    const ProgramResult result = run.succeeds();
    BOOST_TEST(result.err == "");
    const nlohmann::json json = nlohmann::json::parse(result.out);
    BOOST_TEST(json.at("model") == run.model.string());
    BOOST_TEST(json.at("epochs") == 3);
    BOOST_TEST(json.at("best_validation_loss").get<double>() > 0);
}

BOOST_AUTO_TEST_CASE(the_published_programs_letters_mean_what_they_meant) {
    TrainRun run;
    run.set("-vi", {TrainRun::cell("C")})
        .set("-ep", {"7"})
        .set("-lr", {"0.01"})
        .set("-mo")
        .set("--motifs", {(simulated() / "motifs.meme").string()});
    run.set("-w", {"14"}).drop("-o").set("-oc", {run.model.string()}).set("-n", {"2"}).set("-s", {"5"}).set("-p", {"0.25"}).set("-m");
    const nlohmann::json plan = planned(run), options = plan.at("options");
    BOOST_TEST(options.at("validation_cells") == nlohmann::json({TrainRun::cell("C")}));
    BOOST_TEST(options.at("patience") == 7);
    BOOST_TEST(options.at("rate") == 0.01);
    BOOST_TEST(options.at("motif") == true);
    BOOST_TEST(options.at("meta") == true);
    BOOST_TEST(options.at("output") == run.model.string());
    BOOST_TEST(options.at("negatives") == 2);
    BOOST_TEST(options.at("seed") == 5);
    BOOST_TEST(options.at("dropout") == 0.25);
    for (const nlohmann::json& c : plan.at("positives")) BOOST_TEST((c.at("part") == "validation") == (c.at("cell") == "C"));

    // written out they are the same
    run.drop("-vi").drop("-ep").drop("-lr").drop("-mo").drop("-oc");
    run.set("--validinputdirs", {TrainRun::cell("C")}).set("--patience", {"7"}).set("--learningrate", {"0.01"}).set("--motif");
    run.set("--outputdirc", {run.model.string()});
    BOOST_TEST(planned(run) == plan);
}

BOOST_AUTO_TEST_CASE(a_negative_number_is_a_value) {
    TrainRun run;
    BOOST_TEST(planned(run.set("-r", {"-1"}).set("-n", {"-1"}).set("--negative-rule", {"tiled"})).at("options").at("negatives") == -1);
}

BOOST_AUTO_TEST_CASE(presets_are_the_papers_tables_and_give_way_to_what_is_asked_for) {
    Scratch scratch;
    const ManyChromosomes genome(scratch);
    const auto options = [&](const std::vector<std::string>& presets,
                             const std::vector<std::pair<std::string, std::vector<std::string>>>& more = {}) {
        TrainRun run;
        genome.put_into(run).set("--preset", presets);
        for (const auto& [option, values] : more) run.set(option, values);
        return planned(run).at("options");
    };
    const nlohmann::json s3 = options({"S3"});
    BOOST_TEST(s3.at("validation") == nlohmann::json({"chr11"}));
    BOOST_TEST(s3.at("test") == nlohmann::json({"chr1", "chr8", "chr21"}));
    for (const auto& [key, value] :
         {std::pair{"epochs", 100}, {"patience", 20}, {"length", 1000}, {"width", 26}, {"kernels", 32}, {"recurrent", 32}, {"dense", 128}})
        BOOST_TEST(s3.at(key) == value);
    BOOST_TEST(s3.at("rate") == 0.001);
    BOOST_TEST(s3.at("negative_rule") == "fresh");

    const nlohmann::json s2 = options({"S2"}, {{"-d", {"64"}}});
    for (const auto& [key, value] : {std::pair{"epochs", 20}, {"patience", 20}, {"kernels", 128}, {"recurrent", 128}, {"dense", 64}})
        BOOST_TEST(s2.at(key) == value);

    const nlohmann::json s1 = options({"S1"}, {{"--annotations", {TrainRun::resources()}}, {"--blacklist", {"none"}}, {"-lr", {"0.5"}}});
    BOOST_TEST(s1.at("validation") == nlohmann::json({"chr16", "chr18", "chr20", "chrX"}));
    for (const auto& [key, value] : {std::pair{"epochs", 200}, {"patience", 200}, {"kernels", 32}}) BOOST_TEST(s1.at(key) == value);
    BOOST_TEST(s1.at("gencode") == true);
    BOOST_TEST(s1.at("rate") == 0.5);

    const nlohmann::json upstream = options({"S2", "upstream"}, {{"--epoch-rule", {"whole"}}});
    BOOST_TEST(upstream.at("kernels") == 128);
    BOOST_TEST(upstream.at("negative_rule") == "upstream");
    BOOST_TEST(upstream.at("annotation_rule") == "peak");
    BOOST_TEST(upstream.at("epoch_rule") == "whole");
}

BOOST_AUTO_TEST_CASE(metadata_annotations_and_a_cell_to_validate_on_go_into_the_model) {
    TrainRun run;
    run.set("-m").set("-g").set("--annotations", {TrainRun::resources()}).set("-vi", {TrainRun::cell("C")}).set("-e", {"2"});
    run.succeeds();
    BOOST_TEST(content_of(run.model / "feature.txt") == "bigwig\nmeta\ngencode\n");
    BOOST_TEST(lines_of(run.model / "meta.txt").size() == 8u);
    BOOST_TEST(json_of(run.model / "model.json").at("sizes").at("side") == 14);
    scores(run, TrainRun::cell("C"), {"--annotations", TrainRun::resources()});
}

BOOST_AUTO_TEST_CASE(all_factors_of_a_cell_are_trained_together) {
    TrainRun run;
    run.drop("-f").set("-i", {TrainRun::cell("A")}).set("-e", {"1"});
    const ProgramResult result = run.succeeds();
    BOOST_TEST(contains(result.err, "bound windows for training"));
    BOOST_TEST(content_of(run.model / "chip.txt") == "TF1\nTF2\n");
    BOOST_TEST(json_of(run.model / "model.json").at("sizes").at("tasks") == 2);
    scores(run, TrainRun::cell("B"), {"-f", "TF2"});

    run.into("challenge").set("--label-rule", {"challenge"});
    run.succeeds();
    BOOST_TEST(content_of(run.model / "chip.txt") == "TF1\nTF2\n");
}

BOOST_AUTO_TEST_CASE(networks_without_lstm_are_trained_too) {
    TrainRun run;
    run.set("-e", {"1"}).set("-r", {"0"});
    run.succeeds();
    BOOST_TEST(json_of(run.model / "model.json").at("sizes").at("structure") == "pooled");
    scores(run, TrainRun::cell("C"));
    run.into("global").set("-r", {"-1"});
    run.succeeds();
    BOOST_TEST(json_of(run.model / "model.json").at("sizes").at("structure") == "global_max");
    scores(run, TrainRun::cell("C"));
}

BOOST_AUTO_TEST_CASE(the_first_kernels_begin_with_the_factors_motif) {
    TrainRun run;
    run.set("-w", {"14"})
        .set("-e", {"1"})
        .set("--motif")
        .set("--motifs", {(simulated() / "motifs.meme").string()})
        .set("--init", {"standard"});
    const ProgramResult result = run.succeeds();
    BOOST_TEST(contains(result.err, "the first two kernels begin with TF1"));
    const std::string with = run.weights();
    run.into("without").drop("--motif").succeeds();
    BOOST_TEST(run.weights() != with);
}

BOOST_AUTO_TEST_CASE(the_sequence_alone_will_do) {
    TrainRun run;
    run.set("--no-tracks").set("-e", {"1"});
    run.succeeds();
    BOOST_TEST(!fs::exists(run.model / "bigwig.txt"));
    BOOST_TEST(json_of(run.model / "model.json").at("sizes").at("tracks") == 0);
    scores(run, TrainRun::cell("C"));
}

BOOST_AUTO_TEST_CASE(tracks_by_strand_change_places_on_the_other_strand) {
    TrainRun run;
    const fs::path sim = run.scratch / "stranded";
    BOOST_REQUIRE_EQUAL(
        factornet({"simulate", sim.string(), "--size", "120000", "--factors", "1", "--cells", "1", "--stranded", "--quiet"}).code, 0);
    const std::string cell = (*fs::directory_iterator(sim / "cells")).path().string();
    run.set("-i", {cell}).set("--genome", {(sim / "genome.fa").string()}).set("-e", {"1"}).set("--reverse-complement").succeeds();
    BOOST_TEST(content_of(run.model / "bigwig.txt") == "Unique35\nDGF_fwd\nDGF_rev\n");
    BOOST_TEST(json_of(run.model / "model.json").at("swapped_tracks").size() > 0u);
}

BOOST_AUTO_TEST_CASE(the_same_seed_gives_the_same_bits_however_it_is_run) {
    TrainRun run;
    run.set("--reverse-complement").set("-n", {"2"}).set("--clip", {"1"}).succeeds();
    const std::string weights = run.weights(), last = run.last_weights();
    const std::vector<std::string> history = losses(run.model);

    run.into("threads").set("--threads", {"2"}).succeeds();
    BOOST_TEST(same_bytes(run.weights(), weights));
    BOOST_TEST(same_bytes(run.last_weights(), last));
    BOOST_TEST(losses(run.model) == history, boost::test_tools::per_element());

    // a byte of memory: all of the store goes into a file
    fs::create_directory(run.scratch / "room");
    const ProgramResult tight = run.into("tight").set("--memory", {"1"}).set("--scratch", {(run.scratch / "room").string()}).succeeds();
    BOOST_TEST(contains(tight.err, "in a temporary file"));
    BOOST_TEST(same_bytes(run.weights(), weights));
    BOOST_TEST(fs::is_empty(run.scratch / "room"));

    run.into("seed").set("-s", {"421"}).succeeds();
    BOOST_TEST(run.weights() != weights);
}

BOOST_AUTO_TEST_CASE(what_is_no_number_in_a_track_reads_as_zero) {
    TrainRun run;
    fs::create_directory(run.scratch / "cell");
    const std::string peaks = (fs::path(TrainRun::cell("A")) / "ChIPseq.A.TF1.conservative.train.narrowPeak.gz").string();
    run.scratch.file("cell/chip.txt", peaks + "\tTF1\n");
    run.scratch.file("cell/bigwig.txt", "DGF.bw\tDGF\n");
    run.set("-i", {(run.scratch / "cell").string()}).set("-e", {"1"});
    write_track(run.scratch / "cell" / "DGF.bw", 0.0F);
    run.into("zero").succeeds();
    const std::string weights = run.weights();
    write_track(run.scratch / "cell" / "DGF.bw", std::nanf(""));
    run.into("nan").succeeds();
    BOOST_TEST(same_bytes(run.weights(), weights));
    write_track(run.scratch / "cell" / "DGF.bw", 5.0F);
    run.into("five").succeeds();
    BOOST_TEST(run.weights() != weights);
}

BOOST_AUTO_TEST_CASE(negatives_that_may_not_overlap_can_run_out_which_is_said) {
    TrainRun run;
    run.set("--negative-rule", {"upstream"}).set("-n", {"1"}).set("-e", {"2"});
    BOOST_TEST(run.succeeds().err.find("no room") == std::string::npos);
    run.into("many").set("-n", {"60"});
    BOOST_TEST(contains(run.succeeds().err, "warning: the chromosomes have no room for the negatives of 2 epochs"));
}

BOOST_AUTO_TEST_CASE(every_rule_of_negatives_optimizer_and_epoch_trains) {
    TrainRun run;
    run.set("-e", {"1"});
    for (const auto& [option, value] : {std::pair{"--negative-rule", "gc"},
                                        {"--negative-rule", "tiled"},
                                        {"--epoch-rule", "stream"},
                                        {"--optimizer", "sgd"},
                                        {"--optimizer", "adam"}})
        run.into(std::string(value)).set(option, {value}).succeeds();
    run.into("none").drop("--negative-rule").set("-v", {"none"}).succeeds();
    BOOST_TEST(fs::exists(run.model / "weights.safetensors"));
    BOOST_TEST(contains(lines_of(run.model / "history.csv").at(1), "1,"));
}

BOOST_AUTO_TEST_SUITE_END()
