// SPDX-License-Identifier: MIT
#include "simulate.hpp"

#include <chromatid/core/error.hpp>
#include <chromatid/dataset/annotations.hpp>
#include <chromatid/dataset/bin.hpp>
#include <chromatid/dataset/label_rule.hpp>
#include <chromatid/dataset/peak_labels.hpp>
#include <chromatid/dataset/peak_set.hpp>
#include <chromatid/genome/chrom_sizes.hpp>
#include <chromatid/genome/interval.hpp>
#include <chromatid/genome/interval_set.hpp>
#include <chromatid/io/bgzip_writer.hpp>
#include <chromatid/io/big_wig_writer.hpp>
#include <chromatid/io/fasta_index.hpp>
#include <chromatid/io/output_file.hpp>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "interrupt.hpp"
#include "progress.hpp"
#include "simulated_genome.hpp"
#include "text.hpp"

namespace factornet {

using namespace chromatid;
namespace fs = std::filesystem;

namespace {

struct SimulateOptions {
    fs::path directory;
    std::uint64_t seed = 420;
    double size = 2e6;
    int chromosomes = 4;
    std::string cells = "A,B,C";
    std::string factors = "TF1,TF2,TF3";
    bool stranded = false;
    bool force = false;
    bool quiet = false;
};

/// Takes back the files and folders of a run that does not end well.
class Made {
  public:
    Made() = default;
    Made(const Made&) = delete;
    Made& operator=(const Made&) = delete;
    ~Made() {
        std::error_code ignored;
        for (auto path = paths_.rbegin(); path != paths_.rend(); ++path) fs::remove(*path, ignored);
    }

    void folders(const fs::path& path) {
        if (path.empty() || fs::is_directory(path)) return;
        folders(path.parent_path());
        std::error_code failure;
        if (!fs::create_directory(path, failure) && failure) throw IoError(path.string(), "cannot make the directory", failure.value());
        paths_.push_back(path);
    }
    void file(const fs::path& path) { paths_.push_back(path); }
    template <class Writer = OutputFile>
    void text(const fs::path& path, std::string_view content) {
        Writer writer(path);
        writer.write(content);
        writer.commit();
        file(path);
    }
    void keep() { paths_.clear(); }

  private:
    std::vector<fs::path> paths_;
};

/// Names separated by commas, or that many names made by `numbered`.
template <class Numbered>
std::vector<std::string> names_of(const std::string& text, const char* option, const Numbered& numbered) {
    std::vector<std::string> names;
    const auto refuse = [&](const std::string& what) { throw UsageError(std::string(option) + " " + text + ": " + what); };
    if (!text.empty() && text.size() < 5 && std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isdigit(c) != 0; })) {
        for (int i = 0; i < std::stoi(text); ++i) names.push_back(numbered(i));
    } else {
        for (std::size_t at = 0; at <= text.size();) {
            const std::size_t end = std::min(text.find(',', at), text.size());
            names.push_back(text.substr(at, end - at));
            at = end + 1;
        }
    }
    if (names.empty() || names.size() > 1000) refuse("give 1 to 1000");
    for (auto name = names.begin(); name != names.end(); ++name) {
        if (name->empty() || (*name)[0] == '.' || !std::all_of(name->begin(), name->end(), [](unsigned char c) {
                return std::isalnum(c) != 0 || c == '_' || c == '-' || c == '.';
            }))
            refuse("\"" + *name + "\" is no name; names have letters, digits, _ - and ., separated by commas");
        if (std::find(names.begin(), name, *name) != name) refuse("\"" + *name + "\" is there twice");
    }
    return names;
}

/// Chromosomes chr1, chr2, ... that get shorter, the last about half as long as the first.
ChromSizes chromosome_sizes(std::int64_t total, int count) {
    const std::int64_t parts = std::int64_t{count} * (3 * count + 1) / 2;  // 2 count + (2 count - 1) + ... + (count + 1)
    ChromSizes sizes;
    const auto share = [&](int i) { return total * (2 * count - i) / parts; };
    std::int64_t others = 0;
    for (int i = 1; i < count; ++i) others += share(i);
    for (int i = 0; i < count; ++i) sizes.add("chr" + std::to_string(i + 1), i == 0 ? total - others : share(i));
    const Chromosome& last = sizes[sizes.size() - 1];
    if (last.size < SimulatedGenome::shortest_chromosome)
        throw UsageError("--size " + std::to_string(total) + " --chromosomes " + std::to_string(count) + ": " + last.name + " would have " +
                         with_commas(last.size) + " bases; it needs " + with_commas(SimulatedGenome::shortest_chromosome));
    return sizes;
}

std::string fixed(double value, int decimals) {
    char text[64];
    std::snprintf(text, sizeof text, "%.*f", decimals, value);
    return text;
}

std::string line(const std::string& chrom, const Stretch& s, const std::string& rest = "") {
    return chrom + '\t' + std::to_string(s.start) + '\t' + std::to_string(s.end) + rest + '\n';
}

/// A line of a narrowPeak file.
std::string line(const std::string& chrom, const SimulatedGenome::Peak& peak, const Stretch& extent) {
    const std::string signal = std::to_string(peak.strength / 10) + '.' + std::to_string(peak.strength % 10);
    return line(chrom, extent,
                "\t.\t" + std::to_string(std::min(1000, 5 * peak.strength)) + "\t.\t" + signal + "\t-1\t" + signal + '\t' +
                    std::to_string(peak.summit - extent.start));
}

/// What a factor does in a cell, as text.
struct Binding {
    std::string conservative, relaxed, sites;
    std::int64_t bound = 0, peaks = 0;
    PeakLabels<ChallengeLabels> label;  ///< of bins of the last chromosome
};

/// Writes a track base by base, equal neighbours as one run.
class TrackWriter {
  public:
    TrackWriter(fs::path path, const ChromSizes& sizes) : path_(std::move(path)), file_(std::make_unique<BigWigWriter>(path_, sizes)) {}
    void add(const std::string& chrom, std::int64_t start, const std::vector<std::uint8_t>& values) {
        for (const std::uint8_t value : values) {
            if (start != end_ || value != value_) {
                flush(chrom);
                start_ = start;
                value_ = value;
            }
            end_ = ++start;
        }
    }
    void flush(const std::string& chrom) {
        if (start_ < end_) file_->add(chrom, start_, end_, value_);
        start_ = end_ = 0;
    }
    void commit(Made& made) {
        file_->commit();
        made.file(path_);
        file_.reset();
    }

  private:
    fs::path path_;
    std::unique_ptr<BigWigWriter> file_;
    std::int64_t start_ = 0, end_ = 0;
    std::uint8_t value_ = 0;
};

class Simulation {
  public:
    explicit Simulation(const SimulateOptions& options)
        : root_(options.directory),
          cells_(names_of(options.cells, "--cells",
                          [](int i) { return i < 26 ? std::string(1, static_cast<char>('A' + i)) : "cell" + std::to_string(i + 1); })),
          factors_(names_of(options.factors, "--factors", [](int i) { return "TF" + std::to_string(i + 1); })),
          genome_(options.seed, chromosome_sizes(static_cast<std::int64_t>(options.size), options.chromosomes), factors_.size()),
          quiet_(options.quiet) {
        if (options.stranded) tracks_ = {{"DGF_fwd", SimulatedGenome::Strand::forward}, {"DGF_rev", SimulatedGenome::Strand::reverse}};
        else tracks_ = {{"DGF", SimulatedGenome::Strand::both}};
        if (fs::exists(root_) && !fs::is_directory(root_)) throw IoError(root_.string(), "cannot make the directory", ENOTDIR);
        if (!options.force && fs::exists(root_) && !fs::is_empty(root_))
            throw UsageError(root_.string() + " is there and not empty: name another directory, or overwrite what is in it with --force");
    }

    void run() {
        prepare_folders();
        start();
        Progress progress("bases", genome_.sizes().total_length() * static_cast<std::int64_t>(cells_.size()), quiet_);
        for (std::size_t i = 0; i < static_cast<std::size_t>(genome_.sizes().size()); ++i) {
            check_interrupted();
            const SimulatedGenome::Chromosome c = genome_.chromosome(i);
            add_chromosome(c);
            for (std::uint32_t cell = 0; cell < cells_.size(); ++cell) add_cell(c, cell, progress);
        }
        progress.finish();
        finish();
        made_.keep();
        report();
    }

  private:
    fs::path cell_folder(std::size_t cell) const { return root_ / "cells" / cells_[cell]; }
    const std::string& held_out() const { return genome_.sizes()[genome_.sizes().size() - 1].name; }

    void prepare_folders() {
        made_.folders(fs::absolute(root_).lexically_normal());
        const auto bases = static_cast<double>(genome_.sizes().total_length());
        const auto needed =
            static_cast<std::uintmax_t>(bases * (1.02 + bytes_per_base * static_cast<double>(cells_.size() * tracks_.size())));
        if (!quiet_)
            std::fprintf(stderr, "simulate: %s bases, %zu cells (%s), %zu factors (%s), about %s MB in %s\n",
                         with_commas(genome_.sizes().total_length()).c_str(), cells_.size(), listed(cells_).c_str(), factors_.size(),
                         listed(factors_).c_str(), with_commas(static_cast<std::int64_t>(needed / 1000000 + 1)).c_str(), root_.c_str());
        std::error_code unknown;
        const fs::space_info space = fs::space(root_, unknown);
        if (!unknown && space.available < needed)
            throw IoError(root_.string(), "about " + std::to_string(needed / 1000000) + " MB are needed", ENOSPC);
        for (const char* folder : {"resources", "labels"}) made_.folders(root_ / folder);
        for (std::size_t cell = 0; cell < cells_.size(); ++cell) made_.folders(cell_folder(cell));
    }

    void start() {
        fasta_ = std::make_unique<OutputFile>(root_ / "genome.fa");
        unique_ = std::make_unique<BigWigWriter>(root_ / "resources" / "Unique35.bw", genome_.sizes());
        bindings_.assign(cells_.size(), std::vector<Binding>(factors_.size()));
        for (std::size_t cell = 0; cell < cells_.size(); ++cell)
            for (const auto& [name, strand] : tracks_) writers_.emplace_back(cell_folder(cell) / (name + ".bw"), genome_.sizes());
    }

    void add_chromosome(const SimulatedGenome::Chromosome& c) {
        std::string text = '>' + c.name + '\n';
        auto repeat = c.repeats.begin();
        for (std::int64_t i = 0; i < c.size(); ++i) {
            while (repeat != c.repeats.end() && repeat->end <= i) ++repeat;
            const bool soft = repeat != c.repeats.end() && repeat->start <= i;
            const char letter = base_letter(c.codes[static_cast<std::size_t>(i)]);
            text += soft ? static_cast<char>(letter - 'A' + 'a') : letter;
            if (i % 60 == 59 || i + 1 == c.size()) text += '\n';
            if (text.size() > (1 << 16)) {
                fasta_->write(text);
                text.clear();
            }
        }
        fasta_->write(text);

        std::int64_t sure = 0;
        for (const SimulatedGenome::Repeat& r : c.repeats) {
            if (sure < r.start) unique_->add(c.name, sure, r.start, 1);
            unique_->add(c.name, r.start, r.end, static_cast<float>(r.mappability) / 4);
            sure = r.end;
        }
        if (sure < c.size()) unique_->add(c.name, sure, c.size(), 1);

        for (const Stretch& b : c.blacklist) blacklist_ += line(c.name, b);
        for (std::size_t i = 0; i < SimulatedGenome::annotations; ++i)
            for (const Stretch& s : c.features[i]) features_[i] += line(c.name, s);
        if (c.name != held_out()) return;
        std::vector<Interval> masked;
        for (const Stretch& b : c.blacklist) masked.push_back({c.name, b.start, b.end});
        masked_ = IntervalSet(masked);
    }

    void add_cell(const SimulatedGenome::Chromosome& c, std::uint32_t cell, Progress& progress) {
        std::vector<SimulatedGenome::Site> all;
        for (std::size_t f = 0; f < factors_.size(); ++f) {
            const std::vector<SimulatedGenome::Site> bound = genome_.bound(c, f, cell);
            Binding& binding = bindings_[cell][f];
            for (const SimulatedGenome::Site& site : bound)
                binding.sites += line(c.name, site,
                                      '\t' + factors_[f] + '\t' + std::to_string(1000 * site.score / genome_.motifs()[f].best()) + '\t' +
                                          (site.reverse ? '-' : '+'));
            binding.bound += static_cast<std::int64_t>(bound.size());
            std::vector<Interval> conservative, relaxed;
            for (const SimulatedGenome::Peak& peak : genome_.peaks(c, f, cell, bound)) {
                relaxed.push_back({c.name, peak.relaxed.start, peak.relaxed.end});
                binding.relaxed += line(c.name, peak, peak.relaxed);
                if (!peak.conservative) continue;
                conservative.push_back({c.name, peak.start, peak.end});
                binding.conservative += line(c.name, peak, peak);
            }
            binding.peaks += static_cast<std::int64_t>(conservative.size());
            if (c.name == held_out()) binding.label = {PeakSet(conservative), PeakSet(relaxed)};
            all.insert(all.end(), bound.begin(), bound.end());
        }
        std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.start < b.start; });

        std::vector<std::uint8_t> cuts;
        std::size_t first = 0;
        for (std::int64_t s = 0; s < static_cast<std::int64_t>(c.slot_kind.size()); ++s) {
            while (first < all.size() && all[first].end + SimulatedGenome::slot < s * SimulatedGenome::slot) ++first;
            for (std::size_t t = 0; t < tracks_.size(); ++t) {
                genome_.cuts(c, s, cell, tracks_[t].second, all.data() + first, all.data() + all.size(), cuts);
                writers_[cell * tracks_.size() + t].add(c.name, s * SimulatedGenome::slot, cuts);
            }
            progress.advance(static_cast<std::int64_t>(cuts.size()));
            check_interrupted();
        }
        for (std::size_t t = 0; t < tracks_.size(); ++t) writers_[cell * tracks_.size() + t].flush(c.name);
    }

    void finish() {
        for (TrackWriter& writer : writers_) {
            writer.commit(made_);
            check_interrupted();
        }
        unique_->commit();
        made_.file(root_ / "resources" / "Unique35.bw");
        fasta_->commit();
        made_.file(root_ / "genome.fa");
        std::string sizes;
        for (const Chromosome& c : genome_.sizes()) sizes += c.name + '\t' + std::to_string(c.size) + '\n';
        made_.text(root_ / "chrom.sizes", sizes);
        made_.file(root_ / "genome.fa.fai");
        detail::FastaIndex(root_ / "genome.fa", false);

        made_.text<BgzipWriter>(root_ / "resources" / "blacklist.bed.gz", blacklist_);
        for (std::size_t i = 0; i < SimulatedGenome::annotations; ++i)
            made_.text<BgzipWriter>(root_ / "resources" / Annotations::file_name(i), features_[i]);
        made_.text(root_ / "motifs.meme", meme());
        for (std::size_t cell = 0; cell < cells_.size(); ++cell) write_cell(cell);
        write_held_out();
    }

    void write_cell(std::size_t cell) {
        const fs::path folder = cell_folder(cell);
        std::string chip, bigwig = "../../resources/Unique35.bw\tUnique35\n", meta;
        for (std::size_t f = 0; f < factors_.size(); ++f) {
            const std::string stem = "ChIPseq." + cells_[cell] + '.' + factors_[f],
                              conservative = stem + ".conservative.train.narrowPeak.gz", relaxed = stem + ".relaxed.narrowPeak.gz";
            made_.text<BgzipWriter>(folder / conservative, bindings_[cell][f].conservative);
            made_.text<BgzipWriter>(folder / relaxed, bindings_[cell][f].relaxed);
            made_.text<BgzipWriter>(root_ / "labels" / (cells_[cell] + '.' + factors_[f] + ".sites.bed.gz"), bindings_[cell][f].sites);
            chip += conservative + '\t' + factors_[f] + '\t' + relaxed + '\n';
        }
        for (const auto& [name, strand] : tracks_) bigwig += name + ".bw\t" + name + '\n';
        const std::vector<double> values = genome_.metadata(static_cast<std::uint32_t>(cell));
        for (std::size_t i = 0; i < values.size(); ++i) {
            meta += fixed(values[i], 6) + "\tGEPC" + std::to_string(i + 1) + '\n';
        }
        made_.text(folder / "chip.txt", chip);
        made_.text(folder / "bigwig.txt", bigwig);
        made_.text(folder / "meta.txt", meta);
    }

    /// Bins of the last chromosome for `predict`, and their labels in the challenge's form, by its rule.
    void write_held_out() {
        const std::string& chrom = held_out();
        const std::int64_t size = genome_.sizes().size_of(chrom);
        constexpr BinGrid grid;
        std::string bins;
        std::vector<std::string> labels(factors_.size(), "chr\tstart\tstop");
        for (std::string& text : labels) {
            for (const std::string& cell : cells_) text += '\t' + cell;
            text += '\n';
        }
        for (Stretch bin{0, grid.width}; bin.end <= size; bin = {bin.start + grid.step, bin.end + grid.step}) {
            if (masked_.any_overlap(chrom, bin.start, bin.end)) continue;
            bins += line(chrom, bin);
            for (std::size_t f = 0; f < factors_.size(); ++f) {
                std::string row;
                for (std::size_t cell = 0; cell < cells_.size(); ++cell)
                    row += std::string("\t") + "AUB"[1 + bindings_[cell][f].label(chrom, bin.start, bin.end)];
                labels[f] += line(chrom, bin, row);
            }
        }
        made_.text<BgzipWriter>(root_ / "labels" / (chrom + ".bins.bed.gz"), bins);
        for (std::size_t f = 0; f < factors_.size(); ++f)
            made_.text<BgzipWriter>(root_ / "labels" / (factors_[f] + '.' + chrom + ".labels.tsv.gz"), labels[f]);
    }

    std::string meme() const {
        std::string text =
            "MEME version 4\n\nALPHABET= ACGT\n\nstrands: + -\n\nBackground letter frequencies\nA 0.25 C 0.25 G 0.25 T 0.25\n";
        for (std::size_t f = 0; f < factors_.size(); ++f) {
            const SimulatedMotif& motif = genome_.motifs()[f];
            text += "\nMOTIF " + factors_[f] + "\nletter-probability matrix: alength= 4 w= " + std::to_string(SimulatedMotif::width) +
                    " nsites= 100 E= 0\n";
            for (std::size_t i = 0; i < SimulatedMotif::width; ++i)
                for (std::size_t base = 0; base < 4; ++base) text += fixed(motif.probability(i, base), 2) + (base == 3 ? '\n' : ' ');
        }
        return text;
    }

    void report() const {
        if (quiet_) return;
        std::fprintf(stderr, "cell\tfactor\tbound sites\tconservative peaks\n");
        for (std::size_t cell = 0; cell < cells_.size(); ++cell)
            for (std::size_t f = 0; f < factors_.size(); ++f)
                std::fprintf(stderr, "%s\t%s\t%s\t%s\n", cells_[cell].c_str(), factors_[f].c_str(),
                             with_commas(bindings_[cell][f].bound).c_str(), with_commas(bindings_[cell][f].peaks).c_str());
    }

    static constexpr double bytes_per_base = 0.6;  // of a track, as measured

    fs::path root_;
    std::vector<std::string> cells_, factors_;
    SimulatedGenome genome_;
    bool quiet_;
    std::vector<std::pair<std::string, SimulatedGenome::Strand>> tracks_;

    Made made_;  // before the writers, so that folders are empty when they are taken back
    std::unique_ptr<OutputFile> fasta_;
    std::unique_ptr<BigWigWriter> unique_;
    std::vector<TrackWriter> writers_;  // cell by cell
    std::string blacklist_, features_[SimulatedGenome::annotations];
    std::vector<std::vector<Binding>> bindings_;
    IntervalSet masked_;  // blacklist of the last chromosome
};

}  // namespace

void add_simulate(CLI::App& app) {
    const auto options = std::make_shared<SimulateOptions>();
    SimulateOptions& o = *options;
    CLI::App* c = app.add_subcommand("simulate", "Write a genome and cells with planted binding sites to train and test on");
    c->footer(
        "Example:\n"
        "  factornet simulate try --size 1e6 --cells A,B,C --factors 2\n\n"
        "Makes genome.fa, chrom.sizes, motifs.meme; resources (blacklist, annotations, Unique35.bw); for each cell cells/NAME with tracks, "
        "peaks and\n"
        "metadata; and labels: the sites bound in each cell (chromosome, start, end, factor, share of the best motif score in 1/1000, "
        "strand) and,\n"
        "for the last chromosome, its bins and each one's label in each cell (B bound, A ambiguous, U unbound).\n"
        "A site is bound where the motif is there and the chromatin is open; either alone is a decoy. DGF counts cuts: many in open "
        "chromatin, few\n"
        "over a bound site, many beside it. Everything follows from the seed.");
    c->add_option("directory", o.directory, "Directory to make")->required();
    c->add_option("--seed", o.seed, "Seed")->capture_default_str()->group("Content");
    c->add_option("--size", o.size, "Bases of the genome: 2e6, 100e6")
        ->check(CLI::Range(2e4, 4e9))
        ->capture_default_str()
        ->group("Content");
    c->add_option("--chromosomes", o.chromosomes, "Number of chromosomes; the last is about half as long as the first")
        ->check(CLI::Range(1, 1000))
        ->capture_default_str()
        ->group("Content");
    c->add_option("--cells", o.cells, "Names of the cells, separated by commas, or their number")->capture_default_str()->group("Content");
    c->add_option("--factors", o.factors, "Names of the factors, separated by commas, or their number")
        ->capture_default_str()
        ->group("Content");
    c->add_flag("--stranded", o.stranded, "Cuts by strand: tracks DGF_fwd and DGF_rev instead of DGF")->group("Content");
    c->add_flag("--force", o.force, "Write into a directory that is not empty")->group("Run");
    c->add_flag("--quiet", o.quiet, "Say nothing but errors")->group("Run");
    c->callback([options] { Simulation(*options).run(); });
}

}  // namespace factornet
