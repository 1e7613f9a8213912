// SPDX-License-Identifier: MIT
// What `predict` feeds a model with: column, side input, stranded tracks and middle of the window, against the library called on inputs that are built
// by hand. The model is random, with three tasks, metadata, annotations and a pair of stranded tracks.
#include <chromatid/core/philox.hpp>
#include <chromatid/genome/chrom_sizes.hpp>
#include <chromatid/io/big_wig_writer.hpp>
#include <chromatid/network/factornet.hpp>
#include <chromatid/serialize/keras1_export.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/cli/factornet_program.hpp"

using namespace chromatid;
using namespace chromatid::test;

namespace {

constexpr std::int64_t length = 60, chromosome_length = 2000;
constexpr std::array<float, 2> meta{0.75F, -1.5F};

float number(std::uint32_t stream, std::int64_t i) {
    return Philox::uniform(Philox::block(Philox::key(7), {static_cast<std::uint32_t>(i), 0, stream, 0})[0]);
}

std::string bases() {
    std::string text;
    for (std::int64_t i = 0; i < chromosome_length; ++i) text += "ACGTN"[std::min(4, static_cast<int>(4.05F * number(0, i)))];
    return text;
}

/// Value of a track; every seventh base has none.
float signal(std::uint32_t track, std::int64_t i) { return i % 7 == 0 ? 0.0F : number(1 + track, i); }

bool in_annotation(std::size_t kind, std::int64_t start, std::int64_t end) {  // 100 bases of every 600, shifted from kind to kind
    const auto from = static_cast<std::int64_t>(100 * kind);
    for (std::int64_t i = start; i < end; ++i)
        if (i >= from && (i - from) % 600 < 100) return true;
    return false;
}

class World {
  public:
    World() : model_(make_factornet(sizes(), {0, 2})) {
        for (const char* folder : {"cell", "model", "annotations"}) std::filesystem::create_directory(scratch / folder);
        scratch.file("genome.fa", ">chr1\n" + bases() + '\n');
        std::string bed;
        for (std::int64_t start = 0, n = 0; start < chromosome_length - 110; start += 37, ++n)  // 100 and 101 long, at odd and even starts
            bed += "chr1\t" + std::to_string(start) + '\t' + std::to_string(start + 100 + n / 2 % 2) + '\n';
        scratch.file("windows.bed", bed);

        std::string list;
        for (std::uint32_t track = 0; track < 3; ++track) {
            const std::string name(track_names[track]);
            BigWigWriter file(scratch / ("cell/" + name + ".bw"), ChromSizes({{"chr1", chromosome_length}}));
            for (std::int64_t i = 0; i < chromosome_length; ++i)
                if (i % 7 != 0) file.add("chr1", i, i + 1, signal(track, i));
            file.commit();
            list += name + ".bw " + name + '\n';
        }
        scratch.file("cell/bigwig.txt", list);
        scratch.file("cell/meta.txt", "0.75 age\n-1.5\theight\n");
        for (std::size_t kind = 0; kind < 6; ++kind) {
            std::string regions;
            for (std::size_t from = 100 * kind; from + 100 <= chromosome_length; from += 600)
                regions += "chr1\t" + std::to_string(from) + '\t' + std::to_string(from + 100) + '\n';
            scratch.file("annotations/" + std::string(annotation_files[kind]), regions);
        }

        model_.initialize(3);
        save_keras1(model_, sizes(), scratch / "model");
        scratch.file("model/chip.txt", "FIRST\nSECOND\nTHIRD\n");
        scratch.file("model/feature.txt", "bigwig\nmeta\ngencode\n");
        scratch.file("model/bigwig.txt", "DNase_fwd\nUnique\nDNase_rev\n");
        scratch.file("model/meta.txt", "age\nheight\n");
    }

    /// Writes a second model, of the same tracks but with neither metadata nor annotations, and its factors in another order.
    void add_second_model() {
        std::filesystem::create_directory(scratch / "second");
        FactorNetSizes other = sizes();
        other.side = 0;
        AnyModel<> model = make_factornet(other, {0, 2});
        model.initialize(4);
        save_keras1(model, other, scratch / "second");
        scratch.file("second/chip.txt", "THIRD\nFIRST\nSECOND\n");
        scratch.file("second/feature.txt", "bigwig\n");
        scratch.file("second/bigwig.txt", "DNase_fwd\nUnique\nDNase_rev\n");
    }

    Scratch scratch;

    ProgramResult predict(const std::string& factor, const std::string& model = "model") const {
        return factornet({"predict", "-i", (scratch / "cell").string(), "-m", (scratch / model).string(), "-f", factor, "-b",
                          (scratch / "windows.bed").string(), "--genome", (scratch / "genome.fa").string(), "--annotations",
                          (scratch / "annotations").string(), "-o", (scratch / "scores").string(), "--threads", "1"});
    }

    /// A scan of bins of 100 bases every 37 into `scan.OUTPUT`.
    ProgramResult scan(const std::vector<std::string>& more, const std::string& output = "scan.tsv") const {
        std::vector<std::string> all{"scan", "-i", (scratch / "cell").string(), "-m", (scratch / "model").string(), "--genome",
                                     (scratch / "genome.fa").string(), "--annotations", (scratch / "annotations").string(), "-o",
                                     (scratch / output).string(), "--threads", "2", "--bin", "100", "--stride", "37"};
        all.insert(all.end(), more.begin(), more.end());
        return factornet(all);
    }

    /// All three probabilities of a window, or zeros where it is masked.
    std::array<float, 3> wanted(const Interval& bin) const {
        if (bin.start < length || bin.end > chromosome_length - length) return {};
        static const std::string letters = bases();
        Tensor<float> x({1, length, 7}), side({1, 8});
        const std::int64_t first = (bin.start + bin.end) / 2 - length / 2;
        for (std::int64_t t = 0; t < length; ++t) {
            const auto base = std::string("ACGT").find(letters[static_cast<std::size_t>(first + t)]);
            if (base != std::string::npos) x(Index{0}, t, static_cast<Index>(base)) = 1.0F;
            for (std::uint32_t track = 0; track < 3; ++track) x(Index{0}, t, Index{4} + track) = signal(track, first + t);
        }
        std::copy(meta.begin(), meta.end(), side.data());
        for (std::size_t kind = 0; kind < 6; ++kind) side.data()[2 + kind] = in_annotation(kind, bin.start, bin.end) ? 1.0F : 0.0F;
        const Tensor<float> y = model_.predict(x, side);
        return {y.data()[0], y.data()[1], y.data()[2]};
    }

  private:
    static constexpr std::array<const char*, 3> track_names{"DNase_fwd", "Unique", "DNase_rev"};
    static constexpr std::array<const char*, 6> annotation_files{"cpgisland.bed.gz",
                                                                 "wgEncodeGencodeBasicV19.cds.merged.bed.gz",
                                                                 "wgEncodeGencodeBasicV19.intron.merged.bed.gz",
                                                                 "wgEncodeGencodeBasicV19.promoter.merged.bed.gz",
                                                                 "wgEncodeGencodeBasicV19.utr5.merged.bed.gz",
                                                                 "wgEncodeGencodeBasicV19.utr3.merged.bed.gz"};

    static FactorNetSizes sizes() {
        return {.length = length,
                .tracks = 3,
                .filters = 8,
                .width = 6,
                .position_units = 8,
                .pool = 5,
                .lstm_units = 4,
                .dense_units = 16,
                .side = 8,
                .side_dense_units = 12,
                .tasks = 3};
    }

    AnyModel<> model_;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(plumbing)

BOOST_AUTO_TEST_CASE(scores_are_the_librarys_on_inputs_built_by_hand) {
    const World world;
    const std::array<const char*, 3> factors{"FIRST", "SECOND", "THIRD"};
    for (std::size_t task = 0; task < 3; ++task) {
        const ProgramResult result = world.predict(factors[task]);
        BOOST_REQUIRE_MESSAGE(result.code == 0, result.err);
        int odd = 0, scored = 0;
        float lowest = 1, highest = 0;
        for (const BedRecord& r : records_of(world.scratch / "scores")) {
            const std::array<float, 3> wanted = world.wanted(r.interval);
            const float found = std::stof(r.fields[3]);
            BOOST_TEST(std::abs(found - wanted[task]) < 2e-6F, r.fields[1] << ": " << found << " and " << wanted[task]);
            if (wanted[task] == 0) continue;
            ++scored;
            odd += (r.interval.start + r.interval.end) % 2 != 0;
            lowest = std::min(lowest, found);
            highest = std::max(highest, found);
        }
        BOOST_TEST(scored > 40);
        BOOST_TEST(odd > 10);
        BOOST_TEST(highest - lowest > 1e-3F);  // or the comparison would say little
    }
}

BOOST_AUTO_TEST_CASE(a_scan_gives_each_factor_a_column) {
    const World world;
    const ProgramResult result = world.scan({});
    BOOST_REQUIRE_MESSAGE(result.code == 0, result.err);
    const std::vector<std::string> lines = lines_of(world.scratch / "scan.tsv");
    BOOST_TEST(lines.front() == "#chrom\tstart\tend\tFIRST\tSECOND\tTHIRD");
    int scored = 0;
    for (const BedRecord& r : records_of(world.scratch / "scan.tsv")) {
        const std::array<float, 3> wanted = world.wanted(r.interval);
        scored += wanted[0] > 0 ? 1 : 0;
        for (std::size_t task = 0; task < 3; ++task)
            BOOST_TEST(std::abs(std::stof(r.fields[3 + task]) - wanted[task]) < 2e-6F, r.fields[1]);
    }
    BOOST_TEST(scored > 40);
}

BOOST_AUTO_TEST_CASE(a_scan_of_chosen_factors_is_a_part_of_it) {
    const World world;
    BOOST_REQUIRE_EQUAL(world.scan({}, "all.tsv").code, 0);
    BOOST_REQUIRE_EQUAL(world.scan({"-f", "THIRD,FIRST"}).code, 0);
    const std::vector<BedRecord> all = records_of(world.scratch / "all.tsv"), some = records_of(world.scratch / "scan.tsv");
    BOOST_REQUIRE_EQUAL(all.size(), some.size());
    for (std::size_t i = 0; i < all.size(); ++i) {
        BOOST_TEST(some[i].fields[3] == all[i].fields[5]);
        BOOST_TEST(some[i].fields[4] == all[i].fields[3]);
    }
}

BOOST_AUTO_TEST_CASE(factors_in_files_of_their_own_need_a_mark_in_the_name) {
    const World world;
    const ProgramResult none = world.scan({}, "scores.bw");
    BOOST_TEST(none.code == 2);
    BOOST_TEST(contains(none.err, "put {task} into the name"));
    const std::string peaks = (world.scratch / "{task}.peaks").string();
    BOOST_REQUIRE_EQUAL(world.scan({"--peaks", peaks, "--threshold", "0.4"}, "scores.{task}.bedGraph").code, 0);
    BOOST_REQUIRE_EQUAL(world.scan({"-f", "SECOND"}, "second.bedGraph").code, 0);
    for (const char* factor : {"FIRST", "SECOND", "THIRD"}) {
        BOOST_TEST(std::filesystem::exists(world.scratch / ("scores." + std::string(factor) + ".bedGraph")));
        BOOST_TEST(std::filesystem::exists(world.scratch / (std::string(factor) + ".peaks")));
    }
    BOOST_TEST(content_of(world.scratch / "scores.SECOND.bedGraph") == content_of(world.scratch / "second.bedGraph"));
    const std::string labels = (world.scratch / "windows.bed").string();
    const ProgramResult precise = world.scan({"--peaks", peaks, "--precision", "0.4", "--labels", labels});
    BOOST_TEST(precise.code == 2);
    BOOST_TEST(contains(precise.err, "--precision is for one factor"));
}

BOOST_AUTO_TEST_CASE(several_models_give_the_mean_of_their_scores) {
    World world;
    world.add_second_model();
    const std::string second = (world.scratch / "second").string();
    BOOST_REQUIRE_EQUAL(world.scan({}, "first.tsv").code, 0);
    BOOST_REQUIRE_EQUAL(world.scan({"-m", second}).code, 0);
    std::string bed;
    const std::vector<BedRecord> first = records_of(world.scratch / "first.tsv"), mean = records_of(world.scratch / "scan.tsv");
    for (const BedRecord& r : first) bed += r.fields[0] + '\t' + r.fields[1] + '\t' + r.fields[2] + '\n';
    world.scratch.file("windows.bed", bed);
    const std::array<const char*, 3> factors{"FIRST", "SECOND", "THIRD"};
    for (std::size_t task = 0; task < 3; ++task) {
        BOOST_REQUIRE_EQUAL(world.predict(factors[task], "second").code, 0);
        const std::vector<BedRecord> other = records_of(world.scratch / "scores");
        BOOST_REQUIRE_EQUAL(other.size(), mean.size());
        bool differs = false;
        for (std::size_t i = 0; i < mean.size(); ++i) {
            const double a = std::stod(first[i].fields[3 + task]), b = std::stod(other[i].fields[3]);
            differs = differs || std::abs(a - b) > 1e-3;
            BOOST_TEST(std::abs(std::stod(mean[i].fields[3 + task]) - (a + b) / 2) < 1e-7);
        }
        BOOST_TEST(differs);
    }
}

BOOST_AUTO_TEST_CASE(models_of_other_windows_or_tracks_are_not_averaged) {
    World world;
    world.add_second_model();
    const std::string second = (world.scratch / "second").string();
    world.scratch.file("second/bigwig.txt", "Unique\nDNase_fwd\nDNase_rev\n");
    const ProgramResult result = world.scan({"-m", second});
    BOOST_TEST(result.code == 2);
    BOOST_TEST(contains(result.err, "read different tracks"));
}

BOOST_AUTO_TEST_CASE(a_model_of_several_factors_needs_to_be_told_which) {
    const World world;
    const std::filesystem::path& root = world.scratch.path();
    const ProgramResult none = factornet({"predict", "-i", (root / "cell").string(), "-m", (root / "model").string(), "-b",
                                          (root / "windows.bed").string(), "--genome", (root / "genome.fa").string(), "--annotations",
                                          (root / "annotations").string(), "-o", (root / "s").string()});
    BOOST_TEST(none.code == 2);
    BOOST_TEST(contains(none.err, "name one with -f: [FIRST, SECOND, THIRD]"));
    const ProgramResult other = world.predict("FOURTH");
    BOOST_TEST(other.code == 2);
    BOOST_TEST(contains(other.err, "the model predicts FIRST, SECOND, THIRD, not FOURTH"));
}

BOOST_AUTO_TEST_CASE(a_model_with_annotations_needs_their_directory) {
    const World world;
    const std::filesystem::path& root = world.scratch.path();
    const ProgramResult none =
        factornet({"predict", "-i", (root / "cell").string(), "-m", (root / "model").string(), "-f", "FIRST", "-b",
                   (root / "windows.bed").string(), "--genome", (root / "genome.fa").string(), "-o", (root / "s").string()});
    BOOST_TEST(none.code == 2);
    BOOST_TEST(contains(none.err, "give their directory with --annotations"));
    std::filesystem::remove(root / "annotations/cpgisland.bed.gz");
    const ProgramResult incomplete = world.predict("FIRST");
    BOOST_TEST(incomplete.code == 1);
    BOOST_TEST(contains(incomplete.err, "cpgisland.bed.gz: cannot open"));
}

BOOST_AUTO_TEST_CASE(annotations_of_another_genome_are_refused) {
    const World world;
    for (const auto& entry : std::filesystem::directory_iterator(world.scratch / "annotations"))
        world.scratch.file("annotations/" + entry.path().filename().string(), "1\t100\t200\n");
    const ProgramResult result = world.predict("FIRST");
    BOOST_TEST(result.code == 2);
    BOOST_TEST(contains(result.err, "chromosome names do not match: no annotation in"));
}

BOOST_AUTO_TEST_CASE(metadata_must_be_those_of_the_model_in_its_order) {
    const World world;
    world.scratch.file("cell/meta.txt", "-1.5 height\n0.75 age\n");
    const ProgramResult result = world.predict("FIRST");
    BOOST_TEST(result.code == 2);
    BOOST_TEST(contains(result.err, "model expects metadata [age, height] in this order"));
    BOOST_TEST(contains(result.err, "meta.txt has [height, age]"));
    world.scratch.file("cell/meta.txt", "old age\n");
    BOOST_TEST(contains(world.predict("FIRST").err, "meta.txt: line 1: "));
}

BOOST_AUTO_TEST_CASE(tracks_in_another_order_are_refused) {
    const World world;
    world.scratch.file("cell/bigwig.txt", "DNase_fwd.bw DNase_fwd\nDNase_rev.bw DNase_rev\nUnique.bw Unique\n");
    const ProgramResult result = world.predict("FIRST");
    BOOST_TEST(result.code == 2);
    BOOST_TEST(contains(result.err, "model expects tracks [DNase_fwd, Unique, DNase_rev] in this order"));
    BOOST_TEST(contains(result.err, "has [DNase_fwd, DNase_rev, Unique]"));
}

BOOST_AUTO_TEST_CASE(a_stranded_track_without_its_partner_is_refused) {
    const World world;
    world.scratch.file("model/bigwig.txt", "DNase_fwd\nUnique\nOther\n");
    const ProgramResult result = world.predict("FIRST");
    BOOST_TEST(result.code == 2);
    BOOST_TEST(contains(result.err, "DNase_rev"));
}

BOOST_AUTO_TEST_SUITE_END()
