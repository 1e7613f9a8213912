// SPDX-License-Identifier: MIT
#include "scan.hpp"

#include <CLI/CLI.hpp>

#include <map>
#include <memory>
#include <string>

namespace factornet {

namespace {

constexpr const char* examples =
    "Example, on what \"factornet demo try\" makes:\n"
    "  factornet scan -i try/cell -m try/model --genome try/genome.fa -o try/scores.bw --peaks try/peaks.narrowPeak --threshold 0.5\n"
    "The challenge's chromosomes with the published models, averaged:\n"
    "  factornet scan -i HeLa -m models/MAX/onePeak_Unique35_DGF -m models/MAX/multiTask_Unique35_DGF -f MAX --challenge \\\n"
    "      --genome hg19.fa --annotations resources -o MAX.tsv.gz\n\n"
    "A bin of --bin bases every --stride bases is scored at the model's length around its middle, on both strands, as predict scores a\n"
    "window. Bins begin at multiples of the stride, and lie whole in a chromosome or a region. Those that meet the blacklist (grown by\n"
    "the model's length) or lie within the model's length of a chromosome's end score 0. Layers that neighbouring windows have in common\n"
    "run once, which makes a scan several times faster than predict.\n"
    "Formats: table     bins and their scores, a column for each factor, below a header; bgzip if the name ends in .gz\n"
    "         bedgraph  disjoint runs: a base gets the mean (or the largest) score of the bins over it; bgzip if the name ends in .gz\n"
    "         bigwig    the same runs as a bigWig, with zoom levels\n"
    "Several factors are columns of a table, and files of their own else: {task} in a name stands for the factor.\n"
    "Finished chromosomes are kept in OUTPUT.partial until all are; a scan that was stopped goes on with the same command and --resume.";

void add_input(CLI::App& c, ScanOptions& o) {
    const auto in = [](CLI::Option* option) { return option->group("Input"); };
    in(c.add_option("-i,--input", o.cell, "Cell directory: bigwig.txt lists its tracks, meta.txt its metadata")->required());
    in(c.add_option("-m,--model", o.models, "Model directory, in either format; give several to have their scores averaged")
           ->required()
           ->allow_extra_args(false));
    in(c.add_option("-f,--factor", o.factors, "Transcription factors, separated by commas (default: all that the model predicts)")
           ->delimiter(',')
           ->allow_extra_args(false));
    in(c.add_option("--genome", o.genome, "Genome: FASTA (plain, bgzip, gzip) or 2bit")->required()->check(CLI::ExistingFile));
    in(c.add_option("--sizes", o.sizes, "chrom.sizes (default: the chromosomes of the genome)")->check(CLI::ExistingFile));
    in(c.add_option("--annotations", o.annotations, "Directory of the six annotation BED files, and of blacklist.bed.gz")
           ->check(CLI::ExistingDirectory));
    in(c.add_option("--blacklist", o.blacklist,
                    "Regions to mask, BED; \"none\" for none (default: blacklist.bed.gz of --annotations, if there)"));
    in(c.add_option("--kernels", o.kernels,
                    "How the file stores convolution kernels: theano (all published models) or tensorflow (Kipoi's)")
           ->check(CLI::IsMember({"theano", "tensorflow"}))
           ->capture_default_str());
}

void add_bins(CLI::App& c, ScanOptions& o) {
    const auto in = [](CLI::Option* option) { return option->group("What to scan (default: the whole genome)"); };
    CLI::Option* const regions = in(c.add_option("--regions", o.regions, "Regions: BED, plain, gzip or bgzip")->check(CLI::ExistingFile));
    CLI::Option* const chromosomes =
        in(c.add_option("--chroms", o.chromosomes, "Whole chromosomes, separated by commas")->delimiter(',')->allow_extra_args(false));
    CLI::Option* const challenge = in(c.add_flag("--challenge", o.challenge, "The challenge's test set: chr1, chr8 and chr21"));
    regions->excludes(chromosomes)->excludes(challenge);
    chromosomes->excludes(challenge);
    in(c.add_option("--chrom-prefix", o.chrom_prefix,
                    "Put before these chromosome names and those of labels to find them in the genome (chr), or taken off them (-chr)"));
    in(c.add_option("--bin", o.bin, "Bases of a bin")->check(CLI::Range(1, 1'000'000))->capture_default_str());
    in(c.add_option("--stride", o.stride, "Bases from one bin to the next")->check(CLI::Range(1, 1'000'000))->capture_default_str());
}

void add_output(CLI::App& c, ScanOptions& o) {
    using Format = ScanOptions::Format;
    static const std::map<std::string, Format> formats{
        {"table", Format::table}, {"bedgraph", Format::bedgraph}, {"bigwig", Format::bigwig}};
    const auto in = [](CLI::Option* option) { return option->group("Output"); };
    in(c.add_option("-o,--output", o.output, "File to write; it appears when it is whole")->required());
    in(c.add_option_function<std::string>(
            "--format", [&o](const std::string& name) { o.format = formats.at(name); },
            "What to write (default: as the name ends, bigwig for .bw and .bigWig, bedgraph for .bedGraph, .bdg and .bg, else table)")
           ->check(CLI::IsMember(formats)));
    in(c.add_option("--overlap", o.overlap, "What a base gets where bins overlap, for bedgraph and bigwig")
           ->check(CLI::IsMember({"mean", "max"}))
           ->capture_default_str());
}

void add_peaks(CLI::App& c, ScanOptions& o) {
    const auto in = [](CLI::Option* option) { return option->group("Peaks"); };
    in(c.add_option("--peaks", o.peaks,
                    "File for peaks, narrowPeak: bins above a threshold, merged; the summit is the middle of the best bin"));
    in(c.add_option("--threshold", o.threshold, "Score from which on a bin belongs to a peak"));
    in(c.add_option("--precision", o.precision, "Instead, the smallest threshold of this precision on --labels")
           ->check([](const std::string& value) {
               return is_arithmetic(value) ? value + " is no precision of peaks; for that of a CUDA device write --arithmetic " + value
                                           : std::string();
           }));
    in(c.add_option("--labels", o.labels, "Labels of bins in the challenge's format: chr, start, stop, and B, U or A for each cell")
           ->check(CLI::ExistingFile));
    in(c.add_option("--cell", o.label_cell, "Column of --labels, where there are several"));
}

}  // namespace

void add_scan(CLI::App& app) {
    const auto options = std::make_shared<ScanOptions>();
    ScanOptions& o = *options;
    CLI::App* c = app.add_subcommand("scan", "Score the bins of whole chromosomes or regions, and call peaks");
    c->footer(examples);
    add_input(*c, o);
    add_bins(*c, o);
    add_output(*c, o);
    add_peaks(*c, o);
    c->add_option("--threads", o.threads, "Threads (default: all cores); results do not depend on them")
        ->check(CLI::Range(1, 1024))
        ->group("Run");
    add_device_option(*c, o.device);
    add_arithmetic_option(*c, o.device.arithmetic, "--arithmetic", "Run");  // --precision is that of peaks
    c->add_flag("--resume", o.resume, "Go on behind the chromosomes that an earlier run has finished")->group("Run");
    c->add_flag("--quiet", o.quiet, "Say nothing but errors")->group("Run");
    c->add_flag("--json", o.json, "Print what was done as JSON on stdout")->group("Run");
    c->callback([options] { scan(*options); });
}

}  // namespace factornet
