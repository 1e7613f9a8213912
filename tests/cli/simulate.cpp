// SPDX-License-Identifier: MIT
// factornet simulate: what it writes is what the readers read, the labels are true, and neither sequence nor signal alone gives them away.
#include <chromatid/dataset/annotations.hpp>
#include <chromatid/dataset/cell_directory.hpp>
#include <chromatid/eval/auprc.hpp>
#include <chromatid/genome/base_code.hpp>
#include <chromatid/genome/interval_set.hpp>
#include <chromatid/genome/sequence_source.hpp>
#include <chromatid/genome/signal_source.hpp>
#include <chromatid/io/big_wig.hpp>
#include <chromatid/io/chrom_sizes_file.hpp>
#include <chromatid/io/fasta.hpp>
#include <chromatid/io/narrow_peak.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <csignal>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <span>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "tests/cli/factornet_program.hpp"

using namespace chromatid;
using namespace chromatid::test;
namespace fs = std::filesystem;

namespace {

ProgramResult simulate(const fs::path& directory, std::vector<std::string> more = {}) {
    more.insert(more.begin(), {"simulate", directory.string()});
    return factornet(std::move(more));
}

/// A small simulation: two chromosomes.
struct Simulated {
    Scratch scratch;
    fs::path root = scratch / "sim";
    explicit Simulated(const std::vector<std::string>& more = {}, const std::string& size = "4e5") {
        std::vector<std::string> all{"--size", size, "--chromosomes", "2", "--quiet"};
        all.insert(all.end(), more.begin(), more.end());
        const ProgramResult made = simulate(root, all);
        BOOST_REQUIRE_MESSAGE(made.code == 0, made.err);
        BOOST_TEST(made.err == "");
    }
};

/// Log-odds of one motif of motifs.meme: 12 columns.
class Motif {
  public:
    Motif(const fs::path& meme, const std::string& name) {
        std::ifstream file(meme);
        std::string text;
        while (std::getline(file, text) && text != "MOTIF " + name) {
        }
        std::getline(file, text);
        for (auto& column : odds_)
            for (std::size_t base = 0; base < 4; ++base) {
                double p = 0;
                file >> p;
                column[base] = std::log2(p / 0.25);
            }
        BOOST_REQUIRE(!file.fail());
        for (const auto& column : odds_) best += *std::max_element(column.begin(), column.begin() + 4);
    }
    /// The better of both strands for the 12 bases from here on.
    double score(const std::uint8_t* codes) const {
        double forward = 0, reverse = 0;
        for (std::size_t i = 0; i < 12; ++i) {
            forward += odds_[i][codes[i]];
            reverse += odds_[11 - i][complement_code(codes[i])];
        }
        return std::max(forward, reverse);
    }
    double best = 0;

  private:
    std::array<std::array<double, 5>, 12> odds_{{{0, 0, 0, 0, -100}}};
};

std::vector<std::uint8_t> codes_of(const fs::path& fasta, const Chromosome& c) {
    Fasta genome(fasta);
    return fetch_codes(genome, {c.name, 0, c.size});
}

std::vector<float> track_of(const fs::path& file, const Chromosome& c) {
    BigWig track(file);
    return fetch_values(track, {c.name, 0, c.size});
}

double sum_over(const std::vector<float>& values, std::int64_t start, std::int64_t end) {
    return std::accumulate(values.begin() + start, values.begin() + end, 0.0);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(simulate_command)

BOOST_AUTO_TEST_CASE(the_example_of_its_help_works) {
    const Scratch scratch;
    const ProgramResult help = factornet({"simulate", "--help"});
    BOOST_TEST(contains(help.out, "  factornet simulate try --size 1e6 --cells A,B,C --factors 2\n"));
    const ProgramResult made = simulate(scratch / "try", {"--size", "1e6", "--cells", "A,B,C", "--factors", "2"});
    BOOST_TEST(made.code == 0);
    BOOST_TEST(contains(made.err, "simulate: 1,000,000 bases, 3 cells (A, B, C), 2 factors (TF1, TF2), about "));
    BOOST_TEST(read_chrom_sizes(scratch / "try/chrom.sizes").total_length() == 1000000);
}

BOOST_AUTO_TEST_CASE(everything_follows_from_the_seed) {
    const Simulated one, same, other({"--seed", "421"});
    for (const std::string& path : listing(one.root)) {
        if (!fs::is_regular_file(path)) continue;
        const fs::path name = fs::relative(path, one.root);
        BOOST_TEST(content_of(path) == content_of(same.root / name), name);
    }
    for (const char* name : {"genome.fa", "motifs.meme", "cells/A/DGF.bw", "cells/A/meta.txt", "resources/Unique35.bw"})
        BOOST_TEST(content_of(one.root / name) != content_of(other.root / name), name);
    BOOST_TEST(lines_of(one.root / "genome.fa")[1] == "AAAAATACACTGATTACTGGCCAAGTGCACTATTACCCTGCGCGGGTAGGGGATCATAAT");  // on any machine
}

BOOST_AUTO_TEST_CASE(cells_are_laid_out_as_their_readers_expect) {
    const Simulated s({"--cells", "liver,K-562", "--factors", "MAX,TF.2"});
    const ChromSizes sizes = read_chrom_sizes(s.root / "chrom.sizes");
    BOOST_TEST(sizes.size() == 2);
    BOOST_TEST((read_chrom_sizes(s.root / "genome.fa.fai") == sizes));
    for (const char* name : {"liver", "K-562"}) {
        const CellDirectory cell(s.root / "cells" / name);
        const auto tracks = cell.tracks();
        BOOST_REQUIRE(tracks.size() == 2U);
        BOOST_TEST(tracks[0].name == "Unique35");
        BOOST_TEST(tracks[1].name == "DGF");
        for (const auto& track : tracks) BOOST_TEST((BigWig(track.file).chromosomes() == sizes));
        BOOST_TEST(cell.meta().size() == 8U);
        const auto peaks = cell.peaks();
        BOOST_REQUIRE(peaks.size() == 2U);
        BOOST_TEST(peaks[0].factor == "MAX");
        for (const auto& p : peaks) {
            const auto strong = read_narrow_peaks(p.file), all = read_narrow_peaks(p.relaxed);
            BOOST_TEST(strong.size() > 40U);
            BOOST_TEST(all.size() > strong.size());
            std::vector<Interval> relaxed;
            for (const NarrowPeak& peak : all) {
                relaxed.push_back(peak.interval);
                BOOST_TEST(peak.interval.end <= sizes.size_of(peak.interval.chrom));
                BOOST_TEST(peak.summit < peak.interval.length());
            }
            const IntervalSet inside(relaxed);
            for (const NarrowPeak& peak : strong) BOOST_TEST(inside.covered_length(peak.interval) == peak.interval.length());
        }
    }
    BOOST_CHECK_NO_THROW(read_annotations(s.root / "resources"));
    BOOST_TEST(read_bed(s.root / "resources" / Annotations::file_name(3)).size() > 10U);
    BOOST_TEST(read_bed(s.root / "resources" / "blacklist.bed.gz").size() >= 2U);
}

BOOST_AUTO_TEST_CASE(bound_sites_have_a_motif_and_a_footprint_in_open_chromatin) {
    const Simulated s({"--cells", "1"}, "1e6");
    const ChromSizes sizes = read_chrom_sizes(s.root / "chrom.sizes");
    const Motif motif(s.root / "motifs.meme", "TF2");
    const auto codes = codes_of(s.root / "genome.fa", sizes[0]);
    const auto cuts = track_of(s.root / "cells/A/DGF.bw", sizes[0]), unique = track_of(s.root / "resources/Unique35.bw", sizes[0]);
    double over = 0, beside = 0, around = 0, sites = 0;
    for (const BedRecord& record : records_of(s.root / "labels/A.TF2.sites.bed.gz")) {
        const auto& [chrom, start, end] = record.interval;
        if (chrom != sizes[0].name) continue;
        BOOST_TEST(motif.score(codes.data() + start) >= 0.649 * motif.best);
        BOOST_TEST(unique[static_cast<std::size_t>(start)] == 1.0F);
        ++sites;
        over += sum_over(cuts, start, end) / 12;
        beside += (sum_over(cuts, start - 8, start) + sum_over(cuts, end, end + 8)) / 16;
        around += (sum_over(cuts, start - 60, start - 20) + sum_over(cuts, end + 20, end + 60)) / 80;
    }
    const double everywhere = sum_over(cuts, 0, sizes[0].size) / static_cast<double>(sizes[0].size);
    BOOST_TEST(sites > 100);
    BOOST_TEST(beside > 5 * over);
    BOOST_TEST(beside > 1.5 * around);
    BOOST_TEST(around / sites > 2 * everywhere);
}

BOOST_AUTO_TEST_CASE(motif_and_signal_together_find_bound_bins_and_neither_alone_does) {
    const Simulated s({}, "1e6");
    const ChromSizes sizes = read_chrom_sizes(s.root / "chrom.sizes");
    const Chromosome& held_out = sizes[1];
    const auto codes = codes_of(s.root / "genome.fa", held_out);
    for (const char* factor : {"TF1", "TF3"})
        for (const std::size_t cell : {std::size_t{0}, std::size_t{2}}) {
            const auto cuts = track_of(s.root / "cells" / std::string(1, "ABC"[cell]) / "DGF.bw", held_out);
            const Motif motif(s.root / "motifs.meme", factor);
            std::vector<float> sequence, signal, both;
            std::vector<std::int8_t> labels;
            const auto bins = lines_of(s.root / "labels" / (std::string(factor) + ".chr2.labels.tsv.gz"));
            BOOST_TEST(bins[0] == "chr\tstart\tstop\tA\tB\tC");
            for (const std::string& bin : std::span(bins).subspan(1)) {
                std::istringstream words(bin);
                std::string chrom, label;
                std::int64_t start = 0, end = 0;
                words >> chrom >> start >> end;
                for (std::size_t column = 0; column <= cell; ++column) words >> label;
                double best = 0;
                for (std::int64_t i = std::max<std::int64_t>(start - 20, 0); i + 12 <= std::min(end + 20, held_out.size); ++i)
                    best = std::max(best, motif.score(codes.data() + i));
                const double mean = sum_over(cuts, start, end) / 200;
                sequence.push_back(static_cast<float>(best));
                signal.push_back(static_cast<float>(mean));
                both.push_back(static_cast<float>(std::max(best - 0.55 * motif.best, 0.0) * mean));
                labels.push_back(label == "B" ? 1 : label == "U" ? 0 : -1);
            }
            const double together = auprc(both, labels), alone = std::max(auprc(sequence, labels), auprc(signal, labels));
            BOOST_TEST_MESSAGE(factor << " in cell " << cell << ": auPR " << together << " together, " << auprc(sequence, labels)
                                      << " sequence, " << auprc(signal, labels) << " signal");
            BOOST_TEST(together > 0.9);
            BOOST_TEST(alone < 0.6);
        }
}

BOOST_AUTO_TEST_CASE(cuts_by_strand_stand_on_the_two_sides_of_a_site) {
    const Simulated s({"--cells", "1", "--stranded"}, "1e6");
    const Chromosome first = read_chrom_sizes(s.root / "chrom.sizes")[0];
    BOOST_TEST(lines_of(s.root / "cells/A/bigwig.txt")[1] == "DGF_fwd.bw\tDGF_fwd");
    BOOST_TEST(!fs::exists(s.root / "cells/A/DGF.bw"));
    const auto forward = track_of(s.root / "cells/A/DGF_fwd.bw", first), reverse = track_of(s.root / "cells/A/DGF_rev.bw", first);
    double forward_left = 0, forward_right = 0, reverse_left = 0, reverse_right = 0;
    for (const BedRecord& record : records_of(s.root / "labels/A.TF1.sites.bed.gz")) {
        const auto& [chrom, start, end] = record.interval;
        if (chrom != first.name) continue;
        forward_left += sum_over(forward, start - 8, start);
        forward_right += sum_over(forward, end, end + 8);
        reverse_left += sum_over(reverse, start - 8, start);
        reverse_right += sum_over(reverse, end, end + 8);
    }
    BOOST_TEST(forward_left > 2 * forward_right);
    BOOST_TEST(reverse_right > 2 * reverse_left);
}

BOOST_AUTO_TEST_CASE(a_directory_that_is_not_empty_is_left_alone_unless_forced) {
    const Simulated s;
    const auto before = content_of(s.root / "genome.fa");
    const std::vector<std::string> small{"--size", "1e5", "--chromosomes", "1", "--cells", "1", "--factors", "1"};
    const ProgramResult refused = simulate(s.root, small);
    BOOST_TEST(refused.code == 2);
    BOOST_TEST(contains(refused.err, "is there and not empty"));
    BOOST_TEST(contains(refused.err, "--force"));
    BOOST_TEST((content_of(s.root / "genome.fa") == before));
    std::vector<std::string> forced = small;
    forced.emplace_back("--force");
    BOOST_TEST(simulate(s.root, forced).code == 0);
    BOOST_TEST((content_of(s.root / "genome.fa") != before));
    BOOST_TEST(read_chrom_sizes(s.root / "genome.fa.fai").total_length() == 100000);

    const fs::path file = s.scratch.file("file", "");
    const ProgramResult no_directory = simulate(file, small);
    BOOST_TEST(no_directory.code == 1);
    BOOST_TEST(contains(no_directory.err, "cannot make the directory"));
}

BOOST_AUTO_TEST_CASE(options_that_make_no_sense_are_refused) {
    const Scratch scratch;
    const std::vector<std::pair<std::vector<std::string>, const char*>> cases{
        {{"--cells", "A,A"}, "\"A\" is there twice"},
        {{"--cells", "A,"}, "\"\" is no name"},
        {{"--cells", "../A"}, "\"../A\" is no name"},
        {{"--cells", "0"}, "give 1 to 1000"},
        {{"--factors", "TF 1"}, "\"TF 1\" is no name"},
        {{"--size", "1e5", "--chromosomes", "10"}, "it needs 20,000"},
        {{"--size", "5"}, "--size"},
        {{"--chromosomes", "0"}, "--chromosomes"},
        {{"--chromosome", "5"}, "did you mean --chromosomes?"},
    };
    for (const auto& [options, words] : cases) {
        const ProgramResult result = simulate(scratch / "sim", options);
        BOOST_TEST(result.code == 2, words);
        BOOST_TEST(contains(result.err, words));
    }
    BOOST_TEST(scratch.files() == 0);
}

BOOST_AUTO_TEST_CASE(an_interrupted_run_leaves_nothing) {
    const Scratch scratch;
    for (const auto& [signal, code] : {std::pair{SIGINT, 130}, {SIGTERM, 143}}) {
        RunningProgram program(factornet_command({"simulate", (scratch / "new/sim").string(), "--size", "50e6"}));
        BOOST_TEST(program.wait_for([&] { return fs::exists(scratch / "new/sim/cells/C"); }));
        program.send(signal);
        const ProgramResult result = program.wait();
        BOOST_TEST(result.code == code);
        BOOST_TEST(contains(result.err, "interrupted: nothing was written"));
        BOOST_TEST(scratch.files() == 0);
    }
}

BOOST_AUTO_TEST_CASE(a_full_disk_is_an_error_and_leaves_nothing) {
    const Scratch scratch;
    for (const rlim_t bytes : {100000UL, 400000UL}) {  // in a track; in the genome, when the tracks are done
        const rlimit limit{bytes, bytes};
        const ProgramResult result =
            factornet({"simulate", (scratch / "sim").string(), "--size", "6e5", "--quiet"}, [&] { ::setrlimit(RLIMIT_FSIZE, &limit); });
        BOOST_TEST(result.code == 1);
        BOOST_TEST(contains(result.err, "cannot write"));
        BOOST_TEST(scratch.files() == 0);
    }
}

BOOST_AUTO_TEST_CASE(memory_goes_with_a_chromosome_and_not_with_the_genome) {
    const Scratch scratch;
    const auto peak = [&](const char* name, const char* size, const char* chromosomes) {
        const ProgramResult result =
            simulate(scratch / name, {"--size", size, "--chromosomes", chromosomes, "--cells", "1", "--factors", "1", "--quiet"});
        BOOST_TEST(result.code == 0);
        return result.peak_kilobytes;
    };
    const long small = peak("small", "1e6", "1"), large = peak("large", "8e6", "8");
    BOOST_TEST_MESSAGE("peak memory: " << small << " kB for 1 Mb, " << large << " kB for 8 Mb");
    BOOST_TEST(large < small + 60000);
}

BOOST_AUTO_TEST_SUITE_END()
