// SPDX-License-Identifier: MIT
#include "predict.hpp"

#include "bed_survey.hpp"
#include "cell_inputs.hpp"
#include "contig_names.hpp"
#include "genome_files.hpp"
#include "interrupt.hpp"
#include "model_file.hpp"
#include "output_check.hpp"
#include "progress.hpp"
#include "score_writer.hpp"
#include "text.hpp"
#include "window_scorer.hpp"

#include <chromatid/dataset/annotations.hpp>
#include <chromatid/dataset/cell_directory.hpp>
#include <chromatid/genome/blacklist.hpp>
#include <chromatid/io/chrom_sizes_file.hpp>
#include <chromatid/io/sequence_file.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace factornet {

using namespace chromatid;

namespace {

void warn(const PredictOptions& options, const std::string& message) {
    if (!options.quiet) std::fprintf(stderr, "warning: %s\n", message.c_str());
}

Index task_of(const std::string& factor, const ModelDirectory& model) {
    if (!factor.empty()) return model.task(factor);
    if (model.tasks().size() > 1)
        throw UsageError("the model predicts " + std::to_string(model.tasks().size()) + " factors, name one with -f: [" +
                         listed(model.tasks()) + "]");
    return 0;
}

/// Checks the output against all files that are read.
void check_output(const PredictOptions& options, const ModelFile& model, const std::vector<CellDirectory::Track>& tracks) {
    std::vector<std::filesystem::path> inputs{options.bed, options.genome, options.sizes, options.blacklist, model.loaded.architecture,
                                              model.loaded.weights};
    for (const char* list : {"bigwig.txt", "meta.txt", "chip.txt"}) inputs.push_back(options.cell / list);
    for (const CellDirectory::Track& track : tracks) inputs.push_back(track.file);
    factornet::check_output(options.output, inputs);
}

IntervalSet mask(const PredictOptions& options, const ChromSizes& sizes, Index window, std::string& described) {
    return blacklist(IntervalSet(blacklisted_regions(options.blacklist, options.annotations, options.genome.string(), sizes, described)),
                     sizes, window);
}

std::optional<Annotations> annotations(const PredictOptions& options, const ModelDirectory& model, const ChromSizes& sizes) {
    if (!model.has_annotations()) return std::nullopt;
    return annotations_of(options.annotations, options.genome.string(), sizes);
}

/// A window on the genome's own chromosome name.
Interval on_genome(const Interval& window, const ContigNames& names) { return {names.in_genome(window.chrom), window.start, window.end}; }

}  // namespace

void predict(const PredictOptions& options) {
    using Format = PredictOptions::Format;
    const Device device = Device::open(options.device);
    const CellDirectory cell(options.cell);
    ModelFile file = open_model(options.model, options.kernels);
    const Index task = task_of(options.factor, file.directory);
    const std::string& factor = file.directory.tasks()[static_cast<std::size_t>(task)];
    const std::vector<CellDirectory::Track> tracks = checked_tracks(cell, file.directory.tracks());
    check_output(options, file, tracks);
    std::vector<float> meta = checked_meta(cell, file.directory.meta());
    if (file.directory.has_annotations() && options.annotations.empty())
        throw UsageError("the model was trained with genome annotations: give their directory with --annotations");

    AnySequence genome = open_sequence(options.genome);
    const ContigNames names(options.chrom_prefix);
    const BedSurvey bed(options.bed);
    if (const auto missing = missing_contigs(bed, names, genome.chromosomes()); !missing.empty())
        throw UsageError(genome_mismatch(options.bed.string(), names, missing, options.genome.string(), genome.chromosomes()));
    ChromSizes sizes = options.sizes.empty() ? genome.chromosomes() : read_chrom_sizes(options.sizes);
    if (!options.sizes.empty()) {
        check_sizes(sizes, options.sizes.string(), genome.chromosomes(), options.genome.string());
        if (const auto missing = missing_contigs(bed, names, sizes); !missing.empty())
            throw UsageError(name_mismatch(options.sizes.string(), options.genome.string(), names.in_genome(missing.front()->name), sizes));
    }
    std::vector<std::string> used;
    for (const BedSurvey::Contig& contig : bed.contigs) used.push_back(names.in_genome(contig.name));
    std::vector<TrackSource> sources;
    for (const CellDirectory::Track& track : tracks) {
        sources.emplace_back(track.file);
        for (const std::string& warning :
             check_track(track, sources.back().chromosomes(), used, genome.chromosomes(), options.genome.string()))
            warn(options, warning);
    }
    const bool merges = options.format == Format::bedgraph || options.format == Format::bigwig;
    if (merges && bed.first_unsorted_line != 0)
        throw UsageError(options.bed.string() + ": line " + std::to_string(bed.first_unsorted_line) +
                         ": windows must be sorted for this format\n       sort -k1,1 -k2,2n " + options.bed.string());
    for (const BedSurvey::Contig& contig : bed.contigs)
        if (const std::int64_t size = sizes.size_of(names.in_genome(contig.name)); contig.largest_end > size)
            warn(options, options.bed.string() + ": line " + std::to_string(contig.largest_end_line) + ": a window ends at " +
                              with_commas(contig.largest_end) + ", " + contig.name + " has " + with_commas(size) +
                              " bases; windows past an end score 0");

    ChromSizes written;
    for (const BedSurvey::Contig& contig : bed.contigs)
        written.add(names.in_genome(contig.name), sizes.size_of(names.in_genome(contig.name)));
    const std::unique_ptr<ScoreWriter> writer = make_score_writer(options, written);

    std::string mask_text;
    std::optional<Annotations> annotated = annotations(options, file.directory, sizes);
    IntervalSet masked = mask(options, sizes, file.loaded.model.input_shape()[0], mask_text);
    const Index threads = options.threads > 0 ? options.threads : hardware_threads();
    file.loaded.model = device.place(std::move(file.loaded.model), file.loaded.sizes, file.directory.swapped_tracks());
    WindowScorer scorer(file.loaded.model,
                        {.genome = std::move(genome), .tracks = std::move(sources), .sizes = std::move(sizes), .masked = std::move(masked),
                         .meta = std::move(meta),
                         .annotations = std::move(annotated), .task = task},
                        threads, device.batch(threads));

    if (!options.quiet) {
        std::fprintf(stderr, "factornet predict: %s with %s, on %s, %td thread%s\n", factor.c_str(), file.title().c_str(),
                     device.text().c_str(), threads, threads == 1 ? "" : "s");
        std::fprintf(stderr, "%s windows on %zu chromosome%s of %s; masked: %s\n", with_commas(bed.windows).c_str(), bed.contigs.size(),
                     bed.contigs.size() == 1 ? "" : "s", options.genome.c_str(), mask_text.c_str());
    }

    Progress progress("windows", bed.windows, options.quiet);
    std::int64_t masked_windows = 0;
    std::vector<BedRecord> records;
    std::vector<Interval> bins;
    std::vector<float> scores;
    BedReader reader(options.bed);
    for (const BedRecord* record = reader.next(); record != nullptr;) {
        constexpr std::size_t chunk = 16384;
        records.clear();
        bins.clear();
        for (; record != nullptr && records.size() < chunk; record = reader.next()) {
            records.push_back(*record);
            bins.push_back(on_genome(record->interval, names));
        }
        scores.resize(records.size());
        masked_windows += scorer.score(bins, scores, [&](std::int64_t done) {
            check_interrupted();
            progress.advance(done);
        });
        for (std::size_t i = 0; i < records.size(); ++i) writer->write(records[i], bins[i].chrom, scores[i]);
    }
    check_interrupted();
    writer->commit();
    progress.finish();
    if (!options.quiet)
        std::fprintf(stderr, "%s masked windows have score 0; wrote %s\n", with_commas(masked_windows).c_str(), options.output.c_str());
    if (options.json)
        std::printf("%s\n", nlohmann::json{{"output", options.output.string()},
                                           {"factor", factor},
                                           {"windows", bed.windows},
                                           {"masked", masked_windows},
                                           {"seconds", progress.seconds()},
                                           {"windows_per_second", progress.rate()},
                                           {"device", device.name()},
                                           {"arithmetic", device.arithmetic()},
                                           {"threads", threads}}
                                .dump()
                                .c_str());
}

}  // namespace factornet
