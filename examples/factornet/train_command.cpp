// SPDX-License-Identifier: MIT
#include <chromatid/core/error.hpp>
#include <chromatid/io/text_reader.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "train.hpp"
#include "train_options.hpp"

namespace factornet {

namespace {

constexpr const char* example =
    "Example, on what \"factornet simulate try\" makes:\n"
    "  factornet train -i try/cells/A try/cells/B -f TF1 --genome try/genome.fa --annotations try/resources -v chr3 -t chr4 -L 200 -e 10 "
    "-o model\n\n"
    "Trains on the peaks that each cell's chip.txt lists for the factor; without -f on all factors of one cell at once (multi-task). "
    "Chromosomes of -v\n"
    "tell when the network is at its best, those of -t are left alone. The model directory gets the best network, chip.txt, bigwig.txt, "
    "feature.txt,\n"
    "meta.txt, the history as CSV and JSON, and a checkpoint: --resume MODEL goes on with a run that was stopped, to the same bits.\n\n"
    "Letters are those of the published program; -vi, -ep, -lr, -mo and -oc are --validinputdirs, --patience, --learningrate, --motif and "
    "--outputdirc.\n"
    "Presets, the tables of the paper's supplement (a value given as well takes precedence):\n"
    "  S1  learning curves  -v chr16 chr18 chr20 chrX -e 200 -ep 200 -lr 0.00001 -n 1 -L 1000 -w 26 -k 32 -r 32 -d 128 -p 0.5 -g\n"
    "  S2  multi-task       -v chr11 -e 20 -ep 20 -lr 0.001 -L 1000 -w 26 -k 128 -r 128 -d 256\n"
    "  S3  single task      -v chr11 -e 100 -ep 20 -lr 0.001 -L 1000 -w 26 -k 32 -r 32 -d 128\n"
    "  upstream             negatives, epochs, annotations and labels by the published program's rules to the letter: --negative-rule "
    "upstream\n"
    "                       --epoch-rule stream --annotation-rule peak; may stand with another: --preset S3 upstream";

CLI::Validator number_where(bool (*holds)(double), const char* what, const char* name) {
    const auto check = [=](const std::string& text) {
        double value = 0;
        return CLI::detail::lexical_cast(text, value) && holds(value) ? std::string() : "\"" + text + "\" is not " + what;
    };
    return CLI::Validator(check, name);
}

const CLI::Validator positive = number_where([](double v) { return v > 0; }, "a number above 0", "POSITIVE");
const CLI::Validator not_negative = number_where([](double v) { return v >= 0; }, "a number from 0 on", "NONNEGATIVE");

using Preset = std::function<void(TrainOptions&)>;

const std::map<std::string, Preset>& presets() {
    static const std::map<std::string, Preset> all{
        {"S1",
         [](TrainOptions& o) {
             o.validation = {"chr16", "chr18", "chr20", "chrX"}, o.epochs = o.patience = 200, o.rate = 0.00001, o.gencode = true;
         }},
        {"S2", [](TrainOptions& o) { o.epochs = o.patience = 20, o.kernels = o.recurrent = 128, o.dense = 256; }},
        {"S3", [](TrainOptions&) {}},
        {"upstream", [](TrainOptions& o) { o.negative_rule = "upstream", o.epoch_rule = "stream", o.annotation_rule = "peak"; }}};
    return all;
}

/// Everything that one parse of the command fills in.
struct Parsed {
    TrainOptions options;
    TrainRunOptions run;
    std::vector<std::string> presets;
    std::string resume, output, outputdirc;
};

void add_data(CLI::App& c, TrainOptions& o) {
    const auto in = [](CLI::Option* option) { return option->group("Data"); };
    in(c.add_option("-i,--inputdirs,--input", o.cells, "Cell directories: bigwig.txt, chip.txt, meta.txt"));
    in(c.add_option("--validinputdirs", o.validation_cells, "Cell directories to validate on (-vi; default: those of -i)"));
    in(c.add_option("-f,--factor", o.factor, "Transcription factor of chip.txt (default: all of one cell)"));
    in(c.add_option("--genome", o.genome, "Genome: FASTA (plain, bgzip, gzip) or 2bit")->check(CLI::ExistingFile));
    in(c.add_option("--sizes", o.sizes, "chrom.sizes: train on these chromosomes alone (default: all of the genome)")
           ->check(CLI::ExistingFile));
    in(c.add_option("--annotations", o.annotations, "Directory of the six annotation BED files, and of blacklist.bed.gz")
           ->check(CLI::ExistingDirectory));
    in(c.add_option("--blacklist", o.blacklist,
                    "Regions to leave out, BED; \"none\" for none (default: blacklist.bed.gz of --annotations, if there)"));
    in(c.add_option("-v,--validchroms", o.validation, "Validation chromosomes; \"none\" for none")->capture_default_str());
    in(c.add_option("-t,--testchroms", o.test, "Chromosomes held out; \"none\" for none")->capture_default_str());
    in(c.add_flag("-m,--meta", o.meta, "Use the cells' metadata"));
    in(c.add_flag("-g,--gencode", o.gencode, "Use annotations: CpG island, CDS, intron, promoter, 5' UTR, 3' UTR"));
    in(c.add_flag("--no-tracks", o.no_tracks, "Use the sequence alone"));
    in(c.add_flag("--motif", o.motif, "Begin with the factor's motif of --motifs in the first two kernels (-mo)"));
    in(c.add_option("--motifs", o.motifs, "Motifs in MEME format, for --motif")->check(CLI::ExistingFile));
    in(c.add_option("-n,--negatives", o.negatives, "Negatives per positive and epoch; -1 with --negative-rule tiled: all free bins")
           ->capture_default_str());
    in(c.add_option("--negative-rule", o.negative_rule,
                    "fresh: anywhere free, anew in each epoch; upstream: no two of a run overlap; gc: fresh, with the positives' G + C; "
                    "tiled: each free bin before one returns")
           ->check(CLI::IsMember({"fresh", "upstream", "gc", "tiled"}))
           ->capture_default_str());
    in(c.add_option("--epoch-rule", o.epoch_rule, "whole: all positives in each epoch; stream: upstream's whole batches of one stream")
           ->check(CLI::IsMember({"whole", "stream"}))
           ->capture_default_str());
    in(c.add_option("--label-rule", o.label_rule,
                    "What labels bins, for several factors: factornet (half of the bin) or challenge (half of the bin or peak; ambiguous "
                    "bins take no part)")
           ->check(CLI::IsMember({"factornet", "challenge"}))
           ->capture_default_str());
    in(c.add_option("--annotation-rule", o.annotation_rule,
                    "What a positive's annotations are taken from: the bin shown or, as upstream, the peak")
           ->check(CLI::IsMember({"bin", "peak"}))
           ->capture_default_str());
    in(c.add_option("--margin", o.margin, "Bases around peaks where no negative lies")
           ->check(not_negative)
           ->capture_default_str());
    in(c.add_option("--shift", o.shift, "With several factors: bases by which windows are moved at most")
           ->check(not_negative)
           ->capture_default_str());
    in(c.add_flag("--reverse-complement", o.reverse_complement, "Show half of the training windows from the other strand"));
}

void add_network(CLI::App& c, TrainOptions& o) {
    const auto in = [](CLI::Option* option) { return option->capture_default_str()->group("Network"); };
    in(c.add_option("-L,--seqlen", o.length, "Bases of a window")->check(positive));
    in(c.add_option("-w,--motifwidth", o.width, "Bases that a kernel reads")->check(positive));
    in(c.add_option("-k,--kernels", o.kernels, "Kernels, and units of the dense layer at each position")->check(positive));
    in(c.add_option("-r,--recurrent", o.recurrent, "LSTM units each way; 0: pooling alone, -1: the largest value of the window")
           ->check(CLI::Range(-1, 65536)));
    in(c.add_option("-d,--dense", o.dense, "Units of the dense layer")->check(positive));
    in(c.add_option("--pool", o.pool, "Positions pooled; 0: half of a kernel's width")->check(not_negative));
    in(c.add_option("-p,--dropout", o.dropout, "Share dropped behind the LSTM and the dense layer")->check(CLI::Range(0.0, 0.99)));
    in(c.add_option("--lstm-dropout", o.lstm_dropout, "Share dropped within the LSTM, of inputs and state")->check(CLI::Range(0.0, 0.99)));
    in(c.add_option("--gates", o.gates, "Gates of the LSTM")->check(CLI::IsMember({"hard_sigmoid", "logistic"})));
    in(c.add_option("--init", o.init, "First weights: as Keras 1 drew them, or the standard ones")
           ->check(CLI::IsMember({"keras1", "standard"})));
}

void add_training(CLI::App& c, TrainOptions& o) {
    const auto in = [](CLI::Option* option) { return option->capture_default_str()->group("Training"); };
    in(c.add_option("-e,--epochs", o.epochs, "Epochs at most")->check(positive));
    in(c.add_option("--patience", o.patience, "Epochs without a better validation loss before training stops (-ep)")
           ->check(not_negative));
    in(c.add_option("--learningrate", o.rate, "Learning rate (-lr)")->check(positive));
    in(c.add_option("--batch", o.batch, "Windows of a batch")->check(positive));
    in(c.add_option("-s,--seed", o.seed, "Seed of weights, windows and dropout: the same seed gives the same bits"));
    in(c.add_option("--optimizer", o.optimizer, "Adam as Keras 1 has it, as its paper has it, or SGD with momentum 0.9")
           ->check(CLI::IsMember({"adam-keras1", "adam", "sgd"})));
    in(c.add_option("--clip", o.clip, "Largest norm of the gradient; 0: no limit")->check(not_negative));
    add_arithmetic_option(c, o.arithmetic, "--precision,--arithmetic", "Training");
}

void add_run(CLI::App& c, Parsed& p) {
    const auto out = [](CLI::Option* option) { return option->group("Output"); };
    const auto run = [](CLI::Option* option) { return option->group("Run"); };
    CLI::Option* fresh = out(c.add_option("-o,--outputdir", p.output, "Model directory to make; must not hold a model"));
    CLI::Option* over = out(c.add_option("--outputdirc", p.outputdirc, "The same, but what is there is replaced (-oc)"));
    CLI::Option* resume = out(
        c.add_option("--resume", p.resume, "Go on with the run in this directory; its options count, only those of \"Run\" may be given")
            ->check(CLI::ExistingDirectory));
    fresh->excludes(over)->excludes(resume);
    over->excludes(resume);
    out(c.add_option("--checkpoint-minutes", p.options.checkpoint_minutes,
                     "Minutes between checkpoints; there is one at the end of each epoch too")
            ->check(not_negative)
            ->capture_default_str());
    add_device_option(c, p.run.device);
    run(c.add_option("--devices", p.run.device.devices, "Numbers of CUDA devices that share each batch, separated by commas")
            ->delimiter(',')
            ->allow_extra_args(false)
            ->check(not_negative)
            ->excludes("--device"));
    run(c.add_option("--threads", p.run.threads, "Threads (default: all cores); results do not depend on them")
            ->check(CLI::Range(1, 1024)));
    run(c.add_option("--memory", p.run.memory, "Most memory for genome and tracks, such as 8G; what is more goes into a temporary file"));
    run(c.add_option("--scratch", p.run.scratch, "Folder of that file (default: the system's)")->check(CLI::ExistingDirectory));
    run(c.add_flag("--dry-run", p.run.dry_run, "Say what would be trained, and stop"));
    run(c.add_flag("--quiet", p.run.quiet, "Say nothing but errors"));
    run(c.add_flag("--json", p.run.json, "Print what was done, or with --dry-run would be, as JSON on stdout"));
}

/// Values of presets where the command line has none.
void apply_presets(CLI::App& c, Parsed& p) {
    TrainOptions wanted;
    for (const std::string& name : p.presets) presets().at(name)(wanted);
    const auto take = [&](const char* option, auto member) {
        if (c.get_option(option)->count() == 0) p.options.*member = wanted.*member;
    };
    take("--validchroms", &TrainOptions::validation);
    take("--epochs", &TrainOptions::epochs);
    take("--patience", &TrainOptions::patience);
    take("--learningrate", &TrainOptions::rate);
    take("--kernels", &TrainOptions::kernels);
    take("--recurrent", &TrainOptions::recurrent);
    take("--dense", &TrainOptions::dense);
    take("--gencode", &TrainOptions::gencode);
    take("--negative-rule", &TrainOptions::negative_rule);
    take("--epoch-rule", &TrainOptions::epoch_rule);
    take("--annotation-rule", &TrainOptions::annotation_rule);
}

TrainOptions options_of_run(const std::filesystem::path& directory) {
    const std::filesystem::path file = directory / "train.json";
    std::ifstream in(file);
    if (!in) throw chromatid::UsageError(directory.string() + ": has no train.json: no training run was begun there");
    try {
        TrainOptions options = nlohmann::json::parse(in).at("options").get<TrainOptions>();
        options.output = std::filesystem::absolute(directory).lexically_normal().string();
        return options;
    } catch (const nlohmann::json::exception& error) {
        throw chromatid::FormatError(file.string(), "", std::string("is not what factornet train wrote: ") + error.what());
    }
}

void make_absolute(std::string& path) {
    if (!path.empty() && path != "none") path = std::filesystem::absolute(path).lexically_normal().string();
}

void run_train(CLI::App& c, Parsed& p) {
    if (!p.resume.empty()) {
        for (const CLI::Option* option : c.get_options([](const CLI::Option* o) { return o->count() > 0; }))
            if (option->get_group() != "Run" && option->get_name() != "--resume")
                throw chromatid::UsageError("--resume goes on with the options of the run; " + option->get_name() +
                                            " cannot be changed\n       leave it out, or begin another run with -o");
        p.run.resume = true;
        return train(options_of_run(p.resume), p.run);
    }
    apply_presets(c, p);
    TrainOptions& o = p.options;
    p.run.overwrite = !p.outputdirc.empty();
    o.output = p.run.overwrite ? p.outputdirc : p.output;
    if (o.cells.empty()) throw chromatid::UsageError("train needs cell directories: -i CELL...");
    if (o.genome.empty()) throw chromatid::UsageError("train needs the genome: --genome FILE");
    if (o.output.empty() && !p.run.dry_run) throw chromatid::UsageError("train needs a directory for the model: -o DIRECTORY");
    if (o.motif && o.motifs.empty()) throw chromatid::UsageError("--motif needs the motifs: --motifs FILE in MEME format");
    if (o.gencode && o.annotations.empty()) throw chromatid::UsageError("-g needs the annotations: --annotations DIRECTORY");
    for (auto* names : {&o.validation, &o.test})
        if (*names == std::vector<std::string>{"none"}) names->clear();
    for (std::string* path : {&o.genome, &o.sizes, &o.annotations, &o.blacklist, &o.motifs, &o.output}) make_absolute(*path);
    for (auto* cells : {&o.cells, &o.validation_cells})
        for (std::string& cell : *cells) make_absolute(cell);
    train(o, p.run);
}

}  // namespace

void add_train(CLI::App& app) {
    CLI::App* c = app.add_subcommand("train", "Train a FactorNet on peaks, tracks and sequence");
    c->footer(example);
    const auto parsed = std::make_shared<Parsed>();
    add_data(*c, parsed->options);
    add_network(*c, parsed->options);
    add_training(*c, parsed->options);
    c->add_option("--preset", parsed->presets, "S1, S2, S3, upstream: values of the paper's tables, see above")
        ->check(CLI::IsMember({"S1", "S2", "S3", "upstream"}))
        ->group("Training");
    add_run(*c, *parsed);
    c->callback([c, parsed] { run_train(*c, *parsed); });
}

std::vector<std::string> spelled_out(std::vector<std::string> arguments) {
    static const std::map<std::string, std::string> long_names{
        {"-vi", "--validinputdirs"}, {"-ep", "--patience"}, {"-lr", "--learningrate"}, {"-mo", "--motif"}, {"-oc", "--outputdirc"}};
    if (arguments.empty() || arguments.front() != "train") return arguments;
    for (std::string& word : arguments)
        if (const auto found = long_names.find(word); found != long_names.end()) word = found->second;
    return arguments;
}

}  // namespace factornet
