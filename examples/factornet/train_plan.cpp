// SPDX-License-Identifier: MIT
#include "train_plan.hpp"

#include <chromatid/core/error.hpp>
#include <chromatid/dataset/cell_directory.hpp>
#include <chromatid/io/chrom_sizes_file.hpp>
#include <chromatid/io/meme.hpp>
#include <chromatid/io/sequence_file.hpp>
#include <chromatid/loss/binary_cross_entropy.hpp>
#include <chromatid/network/motif_injection.hpp>
#include <chromatid/train/batch_gradient.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <map>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "genome_files.hpp"
#include "model_file.hpp"
#include "text.hpp"

namespace factornet {

using namespace chromatid;

namespace {

TrainingCells open_cells(const TrainOptions& options) {
    std::vector<CellDirectory> training, validation;
    for (const std::string& path : options.cells) training.emplace_back(path);
    for (const std::string& path : options.validation_cells) validation.emplace_back(path);
    return TrainingCells(std::move(training), std::move(validation), {.tracks = !options.no_tracks, .meta = options.meta});
}

DataOptions data_options(const TrainOptions& o, std::shared_ptr<const Annotations> annotations) {
    const bool several = o.factor.empty();
    DataOptions d{.length = static_cast<Index>(o.length),
                  .validation = o.validation,
                  .test = o.test,
                  .negatives = static_cast<Index>(o.negatives),
                  .epochs = static_cast<Index>(o.epochs),
                  .batch = static_cast<Index>(o.batch),
                  .seed = o.seed};
    // upstream draws negatives for several factors anywhere free, with replacement: that is the rule of fresh ones
    if (o.negative_rule == "upstream") d.negative_rule = several ? NegativeRule::fresh : NegativeRule::non_overlapping;
    else if (o.negative_rule == "gc") d.negative_rule = NegativeRule::gc_matched;
    else if (o.negative_rule == "tiled") d.negative_rule = NegativeRule::tiled;
    d.epoch_rule = o.epoch_rule == "stream" ? EpochRule::stream : EpochRule::whole;
    d.annotations = std::move(annotations);
    d.annotation_rule = o.annotation_rule == "peak" ? AnnotationRule::peak : AnnotationRule::shown_bin;
    d.reverse_complement = o.reverse_complement;
    d.margin = o.margin;
    d.shift = o.shift;
    return d;
}

FactorNetData open_data(const TrainOptions& o, const ChromSizes& sizes, const IntervalSet& blacklisted,
                        std::shared_ptr<const Annotations> annotations) {
    DataOptions options = data_options(o, std::move(annotations));
    if (!o.factor.empty()) return FactorNetData::single_task(o.factor, open_cells(o), sizes, blacklisted, std::move(options));
    if (o.label_rule == "challenge")
        return FactorNetData::multi_task({}, open_cells(o), sizes, blacklisted, std::move(options), ChallengeLabels{});
    return FactorNetData::multi_task({}, open_cells(o), sizes, blacklisted, std::move(options));
}

FactorNetSizes network_sizes(const TrainOptions& o, const ModelDirectory& names) {
    using Structure = FactorNetSizes::Structure;
    const auto drop = static_cast<float>(o.dropout), within = static_cast<float>(o.lstm_dropout);
    const Index side = names.side_size();
    if (o.width > o.length)
        throw UsageError("kernels of " + std::to_string(o.width) + " bases (-w) are wider than windows of " + std::to_string(o.length) +
                         " (-L)");
    const std::int64_t positions = o.length - o.width + 1, pool = o.pool > 0 ? o.pool : std::max<std::int64_t>(1, o.width / 2);
    if (o.recurrent >= 0 && pool > positions)
        throw UsageError("--pool " + std::to_string(pool) + " is more than the " + std::to_string(positions) +
                         " positions that kernels of " + std::to_string(o.width) + " bases have in windows of " + std::to_string(o.length));
    FactorNetSizes s{
        .structure = o.recurrent > 0    ? Structure::recurrent
                     : o.recurrent == 0 ? Structure::pooled
                                        : Structure::global_max,
        .gates = o.gates == "logistic" ? FactorNetSizes::Gates::logistic : FactorNetSizes::Gates::hard_sigmoid,
        .length = static_cast<Index>(o.length),
        .tracks = static_cast<Index>(names.tracks().size()),
        .filters = static_cast<Index>(o.kernels),
        .width = static_cast<Index>(o.width),
        .position_units = static_cast<Index>(o.kernels),
        .pool = static_cast<Index>(pool),
        .lstm_units = static_cast<Index>(std::max<std::int64_t>(1, o.recurrent)),
        .dense_units = static_cast<Index>(o.dense),
        .side = side,
        .side_dense_units = side > 0 ? static_cast<Index>(o.dense) : 0,
        .tasks = static_cast<Index>(names.tasks().size()),
        .dropout = {.after_conv = 0.1F, .after_features = drop, .after_dense = drop, .lstm_input = within, .lstm_state = within}};
    if (side > 0) {  // upstream: a light one where metadata joins, the strong one behind the layer that reads it
        s.dropout.after_dense = 0.0F;
        s.dropout.after_side = 0.1F;
        s.dropout.after_second_dense = drop;
    }
    return s;
}

/// Starts the first two kernels from the factor's motif; says what was done.
std::string start_from_motif(AnyModel<>& model, const TrainOptions& o, const FactorNetSizes& sizes) {
    if (!o.motif) return "";
    if (o.factor.empty()) throw UsageError("--motif begins with the motif of one factor: name it with -f");
    const std::vector<MemeMotif> motifs = read_meme(o.motifs);
    const MemeMotif* motif = find_motif(motifs, o.factor);
    if (motif == nullptr) return o.motifs + " has none of " + o.factor + ": all kernels begin at random";
    std::span<float> kernel, bias;
    model.visit_parameters([&](const std::string& name, const ParameterSpec&, std::span<float> values) {
        if (name == "conv1d_1.kernel") kernel = values;
        if (name == "conv1d_1.bias") bias = values;
    });
    inject_motif<float>(motif->probabilities, kernel, sizes.width, sizes.channels(), sizes.filters, bias);
    return "the first two kernels begin with " + motif->id + " " + motif->name + ", " + std::to_string(motif->width()) + " positions";
}

/// Windows per second of a training step with random inputs, on all threads.
double measured_rate(const TrainPlan& plan, Index batch_size) {
    Batch batch{.x = Tensor<float>({batch_size, plan.sizes.length, plan.sizes.channels()}),
                .targets = Tensor<float>({batch_size, plan.sizes.tasks}),
                .size = batch_size};
    if (plan.sizes.side > 0) batch.side = Tensor<float>({batch_size, plan.sizes.side});
    for (Index i = 0; i < batch.x.size(); ++i) batch.x.data()[i] = i % plan.sizes.channels() == i / plan.sizes.channels() % 4 ? 1.0F : 0.0F;
    BatchGradient gradient(plan.model, batch_size);
    Cpu<>::Context on(plan.threads);
    std::vector<float> slopes(plan.model.parameters().size());
    gradient(on, batch, BinaryCrossEntropy{}, {}, slopes);  // memory is taken in the first one
    using Clock = std::chrono::steady_clock;
    const Clock::time_point start = Clock::now();
    gradient(on, batch, BinaryCrossEntropy{}, {}, slopes);
    return static_cast<double>(batch_size) / std::chrono::duration<double>(Clock::now() - start).count();
}

std::string chromosomes_of(const FactorNetData& data, Part part) {
    std::vector<std::string> names;
    for (const Index c : data.split().places(part)) names.push_back(data.split().sizes()[c].name);
    return names.empty() ? "none" : listed(names);
}

void print_counts(const FactorNetData& data, std::FILE* out) {
    std::map<std::string, std::pair<Index, std::string>> by_cell;  // positives, and the share of each chromosome
    for (const Part part : {Part::training, Part::validation}) {
        by_cell.clear();
        for (const WindowCount& c : data.counts())
            if (c.part == part) {
                auto& [all, text] = by_cell[c.cell];
                all += c.positives;
                text += (text.empty() ? "" : ", ") + c.chromosome + " " + with_commas(c.positives);
            }
        for (const auto& [cell, found] : by_cell)
            std::fprintf(out, "  %-10s %-12s %10s positives: %s\n", part == Part::training ? "training" : "validation", cell.c_str(),
                         with_commas(found.first).c_str(), found.second.c_str());
    }
}

/// Checks the chromosomes of -v or -t, whose defaults are those of the published models, human and mouse.
void expect_chromosomes(const std::vector<std::string>& wanted, const char* option, const ChromSizes& sizes, const std::string& where) {
    constexpr std::size_t most_listed = 12;
    for (const std::string& name : wanted) {
        if (sizes.contains(name)) continue;
        std::vector<std::string> there;
        for (const Chromosome& c : sizes)
            if (there.size() < most_listed) there.push_back(c.name);
        const auto meant = sizes.suggest(name);
        const std::string more = sizes.size() > static_cast<Index>(most_listed) ? ", ..." : "";
        throw UsageError(std::string(option) + ": " + where + " has no chromosome \"" + name + "\"" +
                         (meant ? "; did you mean \"" + *meant + "\"?" : "") + "\n       it has [" + listed(there) + more + "]; \"" +
                         option + " none\" asks for none");
    }
}

}  // namespace

TrainPlan make_plan(const TrainOptions& options, const TrainRunOptions& run) {
    AnySequence genome = open_sequence(options.genome);
    ChromSizes sizes = genome.chromosomes();
    if (!options.sizes.empty()) {
        sizes = read_chrom_sizes(options.sizes);
        check_sizes(sizes, options.sizes, genome.chromosomes(), options.genome);
    }
    const std::string& where = options.sizes.empty() ? options.genome : options.sizes;
    expect_chromosomes(options.validation, "-v", sizes, where);
    expect_chromosomes(options.test, "-t", sizes, where);
    std::string masked;
    const IntervalSet blacklisted(blacklisted_regions(options.blacklist, options.annotations, options.genome, sizes, masked));
    std::shared_ptr<const Annotations> annotations;
    if (options.gencode) annotations = std::make_shared<const Annotations>(annotations_of(options.annotations, options.genome, sizes));

    FactorNetData data = open_data(options, sizes, blacklisted, std::move(annotations));
    ModelDirectory names(options.output, data.factors(), data.cells().track_names(), data.cells().meta_names(), options.gencode);
    const FactorNetSizes network = network_sizes(options, names);
    AnyModel<> model = make_factornet(network, names.swapped_tracks());
    model.initialize(options.seed, options.init == "keras1" ? Initialization::keras1 : Initialization::standard);

    std::string motif = start_from_motif(model, options, network);

    TrainPlan plan{std::move(genome),
                   std::move(data),
                   std::move(names),
                   network,
                   std::move(model),
                   std::move(masked),
                   std::move(motif),
                   0,
                   run.threads > 0 ? run.threads : hardware_threads(),
                   "cpu"};
    for (const std::string& c : plan.data.chromosomes()) plan.bases += sizes.size_of(c);
    return plan;
}

void print_plan(const TrainPlan& plan, const TrainOptions& options, std::FILE* out) {
    const FactorNetData& data = plan.data;
    const auto line = [&](const char* what, const std::string& text) { std::fprintf(out, "%-12s %s\n", what, text.c_str()); };
    std::fprintf(out, "factornet train: %s, on %s, %td thread%s\n", listed(data.factors()).c_str(), plan.device.c_str(), plan.threads,
                 plan.threads == 1 ? "" : "s");
    line("training", chromosomes_of(data, Part::training));
    line("validation", chromosomes_of(data, Part::validation));
    line("held out", chromosomes_of(data, Part::test));
    line("masked", plan.masked);
    line("tracks", plan.names.tracks().empty() ? "none" : listed(plan.names.tracks()));
    if (!plan.names.meta().empty()) line("metadata", listed(plan.names.meta()));
    if (plan.names.has_annotations()) line("annotations", "CpG island, CDS, intron, promoter, 5' UTR, 3' UTR");
    if (!plan.motif.empty()) line("motif", plan.motif);
    line("windows", std::to_string(options.length) + " bp; " +
                        (options.negatives < 0 ? std::string("all free bins as negatives")
                                               : std::to_string(options.negatives) +
                                                     (options.negatives == 1 ? " negative per positive" : " negatives per positive")) +
                        " (" + options.negative_rule + ")");
    print_counts(data, out);
    if (data.factors().size() > 1)
        for (std::size_t t = 0; t < data.factors().size(); ++t)
            std::fprintf(out, "  %-23s %10s bound windows for training, %s for validation\n", data.factors()[t].c_str(),
                         with_commas(data.bound(static_cast<Index>(t), Part::training)).c_str(),
                         with_commas(data.bound(static_cast<Index>(t), Part::validation)).c_str());
    if (data.masked_peaks() > 0)
        std::fprintf(out, "  %s peaks meet the mask and give no window\n", with_commas(data.masked_peaks()).c_str());
    line("network", with_commas(static_cast<std::int64_t>(plan.model.parameters().size())) + " parameters, batches of " +
                        std::to_string(options.batch) + " windows");
    if (out != stdout) return;

    std::fprintf(out, "\n%s\n", plan.model.summary().c_str());
    const auto tiles = static_cast<std::int64_t>(BatchGradient<AnyModel<>>::share_of({}).tiles(static_cast<Index>(options.batch)));
    const auto parameters = static_cast<std::int64_t>(plan.model.parameters().size());
    const auto files = static_cast<std::int64_t>(data.cells().files().size());
    line("memory", "about " + with_commas((plan.bases / 4 + plan.bases * files) >> 20) + " MB for genome and tracks (" +
                       with_commas(files) + " files, one byte per base of most), " + with_commas((parameters * (4 + tiles) * 4) >> 20) +
                       " MB for weights and gradients");
    if (options.negatives >= 0 && plan.device == "cpu") {
        const double rate = measured_rate(plan, static_cast<Index>(options.batch));
        const double windows = static_cast<double>(data.positives(Part::training)) * static_cast<double>(1 + options.negatives);
        char text[128];
        std::snprintf(text, sizeof text, "about %.0f s an epoch (%.0f windows at %.0f/s), %.1f h for all %lld epochs", windows / rate,
                      windows, rate, windows / rate * static_cast<double>(options.epochs) / 3600, static_cast<long long>(options.epochs));
        line("time", text);
    }
}

}  // namespace factornet
