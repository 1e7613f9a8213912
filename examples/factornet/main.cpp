// SPDX-License-Identifier: MIT
#include "demo.hpp"
#include "device.hpp"
#include "ensemble.hpp"
#include "evaluate.hpp"
#include "export.hpp"
#include "inspect.hpp"
#include "interrupt.hpp"
#include "predict.hpp"
#include "scan.hpp"
#include "simulate.hpp"
#include "train.hpp"

#include <chromatid/core/error.hpp>
#include <chromatid/train/training_interrupted.hpp>
#include <chromatid/version.hpp>

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <map>
#include <memory>
#include <new>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace factornet;

/// Help that begins with what the command does and an example (the footer), before the list of options.
class ExampleFirst : public CLI::Formatter {
  public:
    std::string make_description(const CLI::App* app) const override {
        return app->get_description() + "\n\n" + app->get_footer() + "\n\n";
    }
    std::string make_footer(const CLI::App*) const override { return ""; }
};

constexpr int done = 0, failed = 1, wrong_usage = 2;

void add_predict(CLI::App& app, PredictOptions& o) {
    CLI::App* c = app.add_subcommand("predict", "Score the windows of a BED file: how likely the factor binds in each");
    c->footer(
        "Example, on what \"factornet demo try\" makes:\n"
        "  factornet predict -i try/cell -m try/model -b try/windows.bed --genome try/genome.fa -o try/scores.tsv.gz\n\n"
        "Each window is scored at the model's length around its middle, on both strands. Windows that meet the blacklist (grown by the\n"
        "model's length) or lie within the model's length of a chromosome's end score 0, as in the published program.\n"
        "Formats: table     the BED file's columns with the score in column 4, bgzip\n"
        "         upstream  the same with the score as %.3e\n"
        "         bedgraph  disjoint runs; overlapping windows are merged (bgzip if the name ends in .gz)\n"
        "         bigwig    the same runs as a bigWig");
    c->add_option("-i,--input", o.cell, "Cell directory: bigwig.txt lists its tracks, meta.txt its metadata")->required()->group("Input");
    c->add_option("-m,--model", o.model,
                  "Model directory: chromatid's own, or Keras 1's model.json, best_model.hdf5 or final_model.hdf5, bigwig.txt, chip.txt, "
                  "feature.txt")
        ->required()
        ->group("Input");
    c->add_option("-f,--factor", o.factor, "Transcription factor; may be left out where the model has only one")->group("Input");
    c->add_option("-b,--bed", o.bed, "Windows: BED, plain, gzip or bgzip")->required()->check(CLI::ExistingFile)->group("Input");
    c->add_option("--genome", o.genome, "Genome: FASTA (plain, bgzip, gzip) or 2bit")->required()->check(CLI::ExistingFile)->group("Input");
    c->add_option("--sizes", o.sizes, "chrom.sizes (default: the chromosomes of the genome)")->check(CLI::ExistingFile)->group("Input");
    c->add_option("--annotations", o.annotations, "Directory of the six annotation BED files, and of blacklist.bed.gz")
        ->check(CLI::ExistingDirectory)
        ->group("Input");
    c->add_option("--blacklist", o.blacklist,
                  "Regions to mask, BED; \"none\" for none (default: blacklist.bed.gz of --annotations, if there)")
        ->group("Input");
    c->add_option("--chrom-prefix", o.chrom_prefix,
                  "Put before the BED file's chromosome names to find them in the genome (chr), or taken off them (-chr)")
        ->group("Input");
    c->add_option("--kernels", o.kernels, "How the file stores convolution kernels: theano (all published models) or tensorflow (Kipoi's)")
        ->check(CLI::IsMember({"theano", "tensorflow"}))->capture_default_str()->group("Input");
    c->add_option("-o,--output", o.output, "File to write; it appears when it is whole")->required()->group("Output");
    static const std::map<std::string, PredictOptions::Format> formats{{"table", PredictOptions::Format::table},
                                                                       {"upstream", PredictOptions::Format::upstream},
                                                                       {"bedgraph", PredictOptions::Format::bedgraph},
                                                                       {"bigwig", PredictOptions::Format::bigwig}};
    c->add_option_function<std::string>("--format", [&o](const std::string& name) { o.format = formats.at(name); }, "What to write")
        ->check(CLI::IsMember(formats))->default_str("table")->group("Output");
    c->add_option("--overlap", o.overlap, "What a base gets where windows overlap, for bedgraph and bigwig")
        ->check(CLI::IsMember({"mean", "max"}))->capture_default_str()->group("Output");
    add_device_option(*c, o.device);
    add_arithmetic_option(*c, o.device.arithmetic, "--precision,--arithmetic", "Run");
    c->add_option("--threads", o.threads, "Threads (default: all cores); results do not depend on them")
        ->check(CLI::Range(1, 1024))
        ->group("Run");
    c->add_flag("--quiet", o.quiet, "Say nothing but errors")->group("Run");
    c->add_flag("--json", o.json, "Print what was done as JSON on stdout")->group("Run");
    c->callback([&o] { predict(o); });
}

void add_inspect(CLI::App& app, InspectOptions& o) {
    CLI::App* c = app.add_subcommand("inspect", "Show a model: architecture, sizes, tracks, metadata, parameters");
    c->footer("Example, on what \"factornet demo try\" makes:\n  factornet inspect try/model");
    c->add_option("model", o.model, "Model directory")->required();
    c->add_flag("--json", o.json, "Print JSON");
    c->callback([&o] { inspect(o); });
}

void add_export(CLI::App& app, ExportOptions& o) {
    CLI::App* c = app.add_subcommand("export", "Write a model in another format: chromatid's own, or Keras 1's");
    c->footer("Example, on what \"factornet demo try\" makes:\n"
              "  factornet export -m try/model -o try/native --format native\n\n"
              "Formats: native  model.json and weights.safetensors, with a self-test that is run whenever the model is opened\n"
              "         keras1  model.json and final_model.hdf5, as the published program reads them\n"
              "Both give the same scores. The text files (chip.txt, feature.txt, bigwig.txt, meta.txt) are written too.");
    c->add_option("-m,--model", o.model, "Model directory, in either format")->required()->group("Input");
    c->add_option("--kernels", o.kernels,
                  "How a Keras 1 file stores convolution kernels: theano (all published models) or tensorflow (Kipoi's)")
        ->check(CLI::IsMember({"theano", "tensorflow"}))
        ->capture_default_str()
        ->group("Input");
    c->add_option("-o,--output", o.output, "Directory to make")->required()->group("Output");
    c->add_option("--format", o.format, "What to write")->required()->check(CLI::IsMember({"native", "keras1"}))->group("Output");
    c->add_flag("--quiet", o.quiet, "Say nothing but errors")->group("Run");
    c->callback([&o] { export_model(o); });
}

void add_demo(CLI::App& app, DemoOptions& o) {
    CLI::App* c = app.add_subcommand("demo", "Write a small genome, cell and model to try the other commands on");
    c->footer(
        "Example:\n  factornet demo try && factornet predict -i try/cell -m try/model -b try/windows.bed --genome try/genome.fa -o "
        "try/scores.tsv.gz");
    c->add_option("directory", o.directory, "Directory to make")->required();
    c->add_option("--seed", o.seed, "Seed of the random genome")->capture_default_str();
    c->callback([&o] { write_demo(o); });
}

std::size_t edit_distance(const std::string& a, const std::string& b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0]++;
        for (std::size_t j = 1; j <= b.size(); ++j)
            diagonal = std::exchange(row[j], std::min({row[j] + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)}));
    }
    return row.back();
}

/// " (did you mean --genome?)" for a word that looks like a known option or command.
std::string suggestion(const CLI::App& app, const std::string& word) {
    std::vector<std::string> known;
    const auto given = app.get_subcommands();
    std::vector<const CLI::App*> looked_at(given.begin(), given.end());
    if (given.empty()) looked_at = app.get_subcommands([](const CLI::App*) { return true; });
    for (const CLI::App* sub : looked_at) {
        if (given.empty()) known.push_back(sub->get_name());
        for (const CLI::Option* option : sub->get_options())
            for (const std::string& name : option->get_lnames()) known.push_back("--" + name);
    }
    const auto nearest = std::min_element(known.begin(), known.end(), [&](const std::string& a, const std::string& b) {
        return edit_distance(a, word) < edit_distance(b, word);
    });
    return nearest != known.end() && edit_distance(*nearest, word) <= 3 ? " (did you mean " + *nearest + "?)" : "";
}

int fail(const std::exception& error, int code) {
    std::fprintf(stderr, "error: %s\n", error.what());
    return code;
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app("FactorNet: where transcription factors bind in a cell type, from sequence and signal tracks.", "factornet");
    app.footer(
        "Example:\n"
        "  factornet predict -i HeLa -m models/MAX/onePeak_Unique35_DGF -b windows.bed -o scores.tsv.gz --genome hg19.fa --annotations "
        "resources\n"
        "\"factornet demo try\" makes a genome, a cell and a model to try it on; \"factornet simulate try\" makes several cells with "
        "peaks, to train on.");
    app.formatter(std::make_shared<ExampleFirst>());  // the commands inherit it
    app.set_version_flag("--version",
                         "factornet (chromatid " + std::string(chromatid::version) + (Device::has_cuda ? ", with CUDA)" : ")"));
    app.require_subcommand(1);
    PredictOptions predict_options;
    InspectOptions inspect_options;
    ExportOptions export_options;
    DemoOptions demo_options;
    add_predict(app, predict_options);
    add_scan(app);
    add_inspect(app, inspect_options);
    add_export(app, export_options);
    add_demo(app, demo_options);
    add_train(app);
    add_simulate(app);
    add_evaluate(app);
    add_ensemble(app);
    watch_signals();
    try {
        std::vector<std::string> arguments = spelled_out({argv + 1, argv + argc});
        std::reverse(arguments.begin(), arguments.end());  // CLI11 takes the last one first
        app.parse(std::move(arguments));
        return done;
    } catch (const CLI::ParseError& error) {
        if (error.get_exit_code() == 0) return app.exit(error);
        std::string text = error.what();
        for (const std::string& word : app.remaining(true)) {
            const bool is_option = word.starts_with("-");
            if (!is_option && !app.get_subcommands().empty()) continue;  // a stray value; what matters is the option before it
            const std::string name = word.substr(0, word.find('='));
            text = (is_option ? "unknown option " : "unknown command ") + name + suggestion(app, name);
            break;
        }
        std::fprintf(stderr, "error: %s\n       factornet --help lists the commands, factornet COMMAND --help their options\n",
                     text.c_str());
        return wrong_usage;
    } catch (const chromatid::TrainingInterrupted& error) {
        std::fprintf(stderr, "\n%s\n", error.what());
        return error.exit_code();
    } catch (const ScanInterrupted& error) {
        std::fprintf(stderr, "\n%s\n", error.what());
        return error.exit_code();
    } catch (const Interrupted& error) {
        std::fprintf(stderr, "\ninterrupted: nothing was written\n");
        return error.exit_code();
    } catch (const chromatid::UsageError& error) {
        return fail(error, wrong_usage);
    } catch (const std::bad_alloc&) {
        std::fprintf(stderr, "error: out of memory\n       a smaller --batch or fewer --threads need less\n");
        return failed;
    } catch (const std::exception& error) {
        return fail(error, failed);
    }
}
