// SPDX-License-Identifier: MIT
#include "scan_plan.hpp"

#include "bed_survey.hpp"
#include "cell_inputs.hpp"
#include "contig_names.hpp"
#include "file_digest.hpp"
#include "genome_files.hpp"
#include "text.hpp"
#include "track_source.hpp"

#include <chromatid/core/error.hpp>
#include <chromatid/genome/blacklist.hpp>
#include <chromatid/io/bed.hpp>
#include <chromatid/io/chrom_sizes_file.hpp>
#include <chromatid/io/sequence_file.hpp>
#include <chromatid/version.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace factornet {

using namespace chromatid;

namespace {

/// Opens the models, and checks that they read the same windows.
std::vector<ModelFile> open_models(const ScanOptions& options) {
    std::vector<ModelFile> models;
    for (const std::filesystem::path& path : options.models) models.push_back(open_model(path, options.kernels));
    const ModelFile& first = models.front();
    for (std::size_t m = 1; m < models.size(); ++m) {
        const ModelFile& other = models[m];
        const std::string both = options.models.front().string() + " and " + options.models[m].string();
        if (other.directory.tracks() != first.directory.tracks())
            throw UsageError(both + " read different tracks, [" + listed(first.directory.tracks()) + "] and [" +
                             listed(other.directory.tracks()) + "]\n       scan with each of them, or average models of the same tracks");
        if (other.loaded.model.input_shape() != first.loaded.model.input_shape())
            throw UsageError(both + " read windows of " + std::to_string(first.loaded.model.input_shape()[0]) + " and " +
                             std::to_string(other.loaded.model.input_shape()[0]) + " bases\n       average models of the same length");
    }
    return models;
}

/// For each factor its output in each model.
std::vector<ScanColumn> columns_of(const std::vector<std::string>& factors, const std::vector<ModelFile>& models) {
    std::vector<ScanColumn> columns;
    for (const std::string& factor : factors) {
        if (std::ranges::count(factors, factor) > 1) throw UsageError("-f " + factor + " is given twice");
        ScanColumn& column = columns.emplace_back();
        for (std::size_t m = 0; m < models.size(); ++m) column.push_back({static_cast<Index>(m), models[m].directory.task(factor)});
    }
    return columns;
}

ScanRegions regions_of(const ScanOptions& options, const ChromSizes& sizes, const ChromSizes& genome) {
    const ContigNames names(options.chrom_prefix);
    const ScanBins bins{options.bin, options.stride};
    if (!options.regions.empty()) {
        const BedSurvey bed(options.regions);
        if (const auto missing = missing_contigs(bed, names, genome); !missing.empty())
            throw UsageError(genome_mismatch(options.regions.string(), names, missing, options.genome.string(), genome));
        if (const auto missing = missing_contigs(bed, names, sizes); !missing.empty())
            throw UsageError(
                name_mismatch(options.sizes.string(), options.genome.string(), names.in_genome(missing.front()->name), sizes));
        std::vector<Interval> regions = read_bed(options.regions);
        for (Interval& region : regions) region.chrom = names.in_genome(region.chrom);
        return {sizes, IntervalSet(regions), bins};
    }
    std::vector<std::string> chromosomes = options.chromosomes;
    if (options.challenge) chromosomes = {"chr1", "chr8", "chr21"};
    if (chromosomes.empty()) return ScanRegions::whole(sizes, bins);
    for (std::string& name : chromosomes) {
        name = names.in_genome(name);
        sizes.place_of(name, options.sizes.empty() ? options.genome.string() : options.sizes.string());
    }
    return ScanRegions::whole(sizes, chromosomes, bins);
}

void check_regions(const ScanOptions& options, const ScanRegions& regions) {
    if (regions.size() > 0) return;
    const std::string bins = "no bin of " + with_commas(options.bin) + " bases that starts at a multiple of " + with_commas(options.stride);
    if (options.regions.empty()) throw UsageError(bins + " fits on the chromosomes\n       give a smaller --bin");
    throw UsageError(options.regions.string() + ": " + bins +
                     " lies in its regions\n       widen them, or give a smaller --bin or --stride");
}

std::string digest_of(const std::vector<Interval>& intervals) {
    Digest digest;
    for (const Interval& i : intervals) digest.add_item(to_string(i));
    return digest.text();
}

std::string digest_of(const ScanRegions& regions) {
    Digest digest;
    for (const ScanRegions::Run& run : regions.runs()) digest.add_item(to_string(regions.bin(run, 0)) + " " + std::to_string(run.count));
    return with_commas(regions.size()) + " " + digest.text();
}

std::string digest_of(const ModelFile& model) {
    Digest digest;
    const std::span<const float> values = model.loaded.model.parameters();
    digest.add_item({reinterpret_cast<const char*>(values.data()), values.size_bytes()});
    for (const LayerDescription& layer : model.loaded.model.description().layers()) digest.add_item(layer.name);
    for (const Index track : model.directory.swapped_tracks()) digest.add_item(std::to_string(track));
    return digest.text();
}

/// Which factors in what order, and where each model has them.
std::string text_of(const std::vector<std::string>& factors, const std::vector<ScanColumn>& columns) {
    std::string text;
    for (std::size_t i = 0; i < factors.size(); ++i) {
        text += (i > 0 ? ", " : "") + factors[i];
        for (const ScanOutput& output : columns[i]) text += ":" + std::to_string(output.task);
    }
    return text;
}

}  // namespace

std::vector<Index> ScanPlan::chromosomes() const {
    std::vector<Index> places;
    for (const ScanRegions::Run& run : regions.runs())
        if (places.empty() || places.back() != run.chromosome) places.push_back(run.chromosome);
    return places;
}

void ScanPlan::side(std::size_t model, const Interval& bin, std::span<float> values) const {
    const auto rest = std::copy(meta[model].begin(), meta[model].end(), values.begin());
    if (models[model].directory.has_annotations())
        std::ranges::transform(annotations->of(bin), rest, [](bool overlaps) { return overlaps ? 1.0F : 0.0F; });
}

ScanPlan plan_scan(const ScanOptions& options) {
    const CellDirectory cell(options.cell);
    std::vector<ModelFile> models = open_models(options);
    std::vector<std::string> factors = options.factors.empty() ? models.front().directory.tasks() : options.factors;
    std::vector<ScanColumn> columns = columns_of(factors, models);
    const std::vector<CellDirectory::Track> tracks = checked_tracks(cell, models.front().directory.tracks());
    std::vector<std::vector<float>> meta;
    bool annotated = false;
    for (const ModelFile& model : models) {
        meta.push_back(checked_meta(cell, model.directory.meta()));
        annotated = annotated || model.directory.has_annotations();
    }
    if (annotated && options.annotations.empty())
        throw UsageError("the model was trained with genome annotations: give their directory with --annotations");

    AnySequence genome = open_sequence(options.genome);
    ChromSizes sizes = options.sizes.empty() ? genome.chromosomes() : read_chrom_sizes(options.sizes);
    if (!options.sizes.empty()) check_sizes(sizes, options.sizes.string(), genome.chromosomes(), options.genome.string());
    ScanRegions regions = regions_of(options, sizes, genome.chromosomes());
    check_regions(options, regions);
    ScanPlan plan{.models = std::move(models),
                  .meta = std::move(meta),
                  .annotations = std::nullopt,
                  .factors = std::move(factors),
                  .columns = std::move(columns),
                  .genome = std::move(genome),
                  .tracks = {},
                  .masked = {},
                  .mask_text = {},
                  .regions = std::move(regions),
                  .inputs = {},
                  .identity = {}};

    std::vector<std::string> used;
    for (const Index place : plan.chromosomes()) {
        used.push_back(sizes[place].name);
        if (!plan.genome.chromosomes().contains(used.back()))
            throw UsageError(name_mismatch(options.genome.string(), options.sizes.string(), used.back(), plan.genome.chromosomes()));
    }
    for (const CellDirectory::Track& track : tracks) {
        TrackSource source(track.file);
        const auto warnings = check_track(track, source.chromosomes(), used, plan.genome.chromosomes(), options.genome.string());
        for (const std::string& warning : warnings)
            if (!options.quiet) std::fprintf(stderr, "warning: %s\n", warning.c_str());
        plan.tracks.push_back(std::move(source));
        plan.inputs.push_back(track.file);
    }
    if (annotated) plan.annotations = annotations_of(options.annotations, options.genome.string(), sizes);
    const std::vector<Interval> raw =
        blacklisted_regions(options.blacklist, options.annotations, options.genome.string(), sizes, plan.mask_text);
    plan.masked = blacklist(IntervalSet(raw), sizes, plan.models.front().loaded.model.input_shape()[0]);

    nlohmann::ordered_json& id = plan.identity;
    id["chromatid"] = std::string(version);
    id["factors"] = text_of(plan.factors, plan.columns);
    for (const ModelFile& model : plan.models) id["models"].push_back(digest_of(model));
    id["genome"] = file_digest(options.genome);
    id["tracks"] = nlohmann::ordered_json::array();
    for (const CellDirectory::Track& track : tracks) id["tracks"].push_back(track.name + " " + file_digest(track.file));
    id["metadata"] = plan.meta;
    id["annotations"] = nlohmann::ordered_json::array();
    if (annotated)
        for (std::size_t i = 0; i < Annotations::count; ++i)
            id["annotations"].push_back(file_digest(options.annotations / Annotations::file_name(i)));
    id["blacklist"] = digest_of(plan.masked.intervals());
    id["bins"] = std::to_string(options.bin) + " every " + std::to_string(options.stride);
    id["regions"] = digest_of(plan.regions);

    plan.inputs.insert(plan.inputs.end(), {options.genome, options.sizes, options.blacklist, options.regions, options.labels});
    for (const char* list : {"bigwig.txt", "meta.txt", "chip.txt"}) plan.inputs.push_back(options.cell / list);
    for (const ModelFile& model : plan.models) plan.inputs.insert(plan.inputs.end(), {model.loaded.architecture, model.loaded.weights});
    return plan;
}

}  // namespace factornet
