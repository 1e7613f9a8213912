// SPDX-License-Identifier: MIT
#include "scan.hpp"

#include "bin_table.hpp"
#include "contig_names.hpp"
#include "output_check.hpp"
#include "peak_writer.hpp"
#include "progress.hpp"
#include "scan_plan.hpp"
#include "scan_store.hpp"
#include "scan_threshold.hpp"
#include "scan_writer.hpp"
#include "text.hpp"

#include <chromatid/core/error.hpp>
#include <chromatid/core/parallel.hpp>
#include <chromatid/scan/genome_scan.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace factornet {

using namespace chromatid;

namespace {

void check_together(const ScanOptions& o) {
    if (o.resume && o.output.empty()) throw UsageError("--resume needs -o");
    if (!o.peaks.empty() && !o.threshold && !o.precision)
        throw UsageError("--peaks needs to know where peaks begin: give --threshold, or --precision with --labels");
    if (o.peaks.empty() && (o.threshold || o.precision))
        throw UsageError("--threshold and --precision are for --peaks FILE, which is missing");
    if (o.threshold && o.precision) throw UsageError("--threshold and --precision both say where peaks begin: give one of them");
    if (o.precision && o.labels.empty())
        throw UsageError("--precision is measured on labels: give --labels with a table of B, U and A, or a --threshold without them");
    if (!o.precision && !o.labels.empty()) throw UsageError("--labels are for --precision, which is missing");
    if (!o.label_cell.empty() && o.labels.empty()) throw UsageError("--cell names a column of --labels, which is missing");
    if (o.threshold && !(*o.threshold > 0 && std::isfinite(*o.threshold)))
        throw UsageError("--threshold must be above 0: that is the score of masked bins");
    if (o.precision && !(*o.precision > 0 && *o.precision <= 1)) throw UsageError("--precision must be above 0 and at most 1");
}

/// Checks the names of what will be written, for all factors.
void check_outputs(const ScanOptions& o, const ScanPlan& plan) {
    const bool several = plan.factors.size() > 1, merged = format_of(o) != ScanOptions::Format::table;
    const std::string way_out = "the scan is of " + std::to_string(plan.factors.size()) + " factors, [" + listed(plan.factors) +
                                "], and each gets a file: put {task} into the name, or name one factor with -f";
    if (several && merged && !names_task(o.output)) throw UsageError(o.output.string() + ": " + way_out);
    if (several && !o.peaks.empty() && !names_task(o.peaks)) throw UsageError(o.peaks.string() + ": " + way_out);
    if (several && o.precision) throw UsageError("--precision is for one factor, that of the labels: name it with -f");
    std::vector<std::filesystem::path> taken = plan.inputs;
    const auto take = [&](const std::filesystem::path& file) {
        check_output(file, taken);
        if (std::ranges::count(taken, file) > 0)
            throw UsageError(file.string() + ": would be written twice; give each output a name of its own");
        taken.push_back(file);
    };
    if (merged)
        for (const std::string& factor : plan.factors) take(file_for(o.output, factor));
    else take(file_for(o.output, "all"));
    if (!o.peaks.empty())
        for (const std::string& factor : plan.factors) take(file_for(o.peaks, factor));
}

std::filesystem::path store_folder(const ScanOptions& o) {
    std::filesystem::path folder = file_for(o.output, "all");
    folder += ".partial";
    return folder;
}

std::optional<BinTable> read_labels(const ScanOptions& o) {
    if (!o.precision) return std::nullopt;
    BinTable labels = read_label_table(o.labels, o.label_cell, {}, o.quiet);
    const ContigNames names(o.chrom_prefix);
    for (BinTable::Chromosome& c : labels.chromosomes) c.name = names.in_genome(c.name);
    return labels;
}

/// Scans the chromosomes that the store lacks.
class StoreFiller {
  public:
    StoreFiller(ScanPlan& plan, ScanStore& store, bool quiet)
        : plan_(plan), store_(store), missing_(plan.chromosomes()), progress_("windows", without_finished(), quiet) {}

    void run(ThreadPool& on) {
        std::vector<ScanModel> models;
        for (std::size_t m = 0; m < plan_.models.size(); ++m)
            models.push_back({&plan_.models[m].loaded.model,
                              [this, m](const Interval& bin, std::span<float> side) { plan_.side(m, bin, side); }});
        GenomeScan scan({plan_.genome.clone(), std::move(plan_.tracks), plan_.masked}, std::move(models), plan_.columns);
        for (const Index chromosome : missing_) {
            ScanStore::Writer writer = store_.begin(chromosome);
            scan.run(on, plan_.regions.on(chromosome), [&](const ScanScores& some) {
                check_interrupted();
                writer.add(some.scores, some.masked);
                progress_.advance(some.bins.count);
            });
            writer.commit();
        }
        if (!missing_.empty()) progress_.finish();
        seconds_ = progress_.seconds();
    }

    /// Seconds that it took, and bins.
    double seconds() const { return seconds_; }
    std::int64_t windows() const { return windows_; }

  private:
    std::int64_t without_finished() {
        std::erase_if(missing_, [&](Index chromosome) { return store_.has(chromosome); });
        for (const ScanRegions::Run& run : plan_.regions.runs())
            if (std::ranges::binary_search(missing_, run.chromosome)) windows_ += run.count;
        return windows_;
    }

    ScanPlan& plan_;
    ScanStore& store_;
    std::vector<Index> missing_;
    std::int64_t windows_ = 0;
    Progress progress_;
    double seconds_ = 0;
};

/// What was written.
struct Written {
    std::vector<std::string> outputs;
    std::vector<std::pair<std::string, std::int64_t>> peaks;  ///< file, number of peaks
    std::int64_t masked = 0;
};

Written write_outputs(const ScanOptions& o, const ScanPlan& plan, const ScanStore& store, double threshold, ThreadPool& on) {
    using Format = ScanOptions::Format;
    const Format format = format_of(o);
    std::vector<std::unique_ptr<ScanWriter>> writers;
    std::vector<const PeakWriter*> peak_writers;
    Written written;
    const int threads = on.threads() > 1 && (format == Format::table || plan.factors.size() == 1) ? static_cast<int>(on.threads()) : 0;
    if (format == Format::table) {
        written.outputs.push_back(file_for(o.output, "all").string());
        writers.push_back(make_table_writer(written.outputs.back(), plan.regions, plan.factors, threads));
    }
    for (std::size_t i = 0; i < plan.factors.size(); ++i) {
        const auto column = static_cast<Index>(i);
        if (format != Format::table) {
            written.outputs.push_back(file_for(o.output, plan.factors[i]).string());
            writers.push_back(make_merged_writer(written.outputs.back(), plan.regions, column, format, o.overlap == "max", threads));
        }
        if (o.peaks.empty()) continue;
        written.peaks.emplace_back(file_for(o.peaks, plan.factors[i]).string(), 0);
        auto peaks = std::make_unique<PeakWriter>(written.peaks.back().first, plan.regions, column, plan.factors[i], threshold);
        peak_writers.push_back(peaks.get());
        writers.push_back(std::move(peaks));
    }
    written.masked = store.read(plan.regions, [&](const ScanRegions::Run& bins, View<const float> scores) {
        check_interrupted();
        on.run(static_cast<Index>(writers.size()), [&](Index w) { writers[static_cast<std::size_t>(w)]->write(bins, scores); });
    });
    check_interrupted();
    for (const auto& writer : writers) writer->commit();
    for (std::size_t i = 0; i < peak_writers.size(); ++i) written.peaks[i].second = peak_writers[i]->peaks();
    return written;
}

void announce(const ScanOptions& o, const ScanPlan& plan, const Device& device, Index threads) {
    std::string models = plan.models.front().title();
    if (plan.models.size() > 1) models = "the mean of " + std::to_string(plan.models.size()) + " models, the first " + models;
    std::fprintf(stderr, "factornet scan: %s with %s, on %s, %td thread%s\n", listed(plan.factors).c_str(), models.c_str(),
                 device.text().c_str(), threads, threads == 1 ? "" : "s");
    const std::size_t chromosomes = plan.chromosomes().size();
    std::fprintf(stderr, "%s windows on %zu chromosome%s of %s; masked: %s\n", with_commas(plan.regions.size()).c_str(), chromosomes,
                 chromosomes == 1 ? "" : "s", o.genome.c_str(), plan.mask_text.c_str());
}

}  // namespace

void scan(const ScanOptions& o) {
    check_together(o);
    const Device device = Device::open(o.device);
    ScanPlan plan = plan_scan(o);
    if (!device.is_cpu()) plan.identity["arithmetic"] = device.arithmetic() + " of cuda";
    for (ModelFile& m : plan.models) m.loaded.model = device.place(std::move(m.loaded.model), m.loaded.sizes, m.directory.swapped_tracks());
    check_outputs(o, plan);
    std::optional<BinTable> labels = read_labels(o);
    ThreadPool on(o.threads > 0 ? o.threads : hardware_threads());
    if (!o.quiet) announce(o, plan, device, on.threads());
    ScanStore store(store_folder(o), plan.identity, static_cast<Index>(plan.factors.size()), o.resume);
    const std::int64_t before = store.finished();
    if (before > 0 && !o.quiet)
        std::fprintf(stderr, "%s chromosome%s of an earlier run in %s: not scanned again\n", with_commas(before).c_str(),
                     before == 1 ? "" : "s", store.folder().c_str());
    const auto kept = [&] {
        const std::int64_t n = store.finished();
        return n == 0 ? "" : with_commas(n) + " of " + with_commas(static_cast<std::int64_t>(plan.chromosomes().size())) +
                                 " chromosomes are finished and kept in " + store.folder().string() +
                                 "\n       go on behind them with the same command and --resume";
    };
    StoreFiller filler(plan, store, o.quiet);
    std::optional<PrecisionRecall> chosen;
    Written written;
    try {
        filler.run(on);
        if (labels) chosen = threshold_of_precision(*o.precision, plan.regions, store, std::move(*labels));
        const double threshold = chosen ? static_cast<double>(chosen->threshold) : o.threshold.value_or(0);
        written = write_outputs(o, plan, store, threshold, on);
    } catch (const Interrupted& by) {
        throw ScanInterrupted(by, store.finished() == 0 ? "interrupted: nothing was written" : "interrupted: " + kept());
    } catch (...) {
        if (const std::string text = kept(); !text.empty()) std::fprintf(stderr, "%s\n", text.c_str());
        throw;
    }
    store.remove();

    if (!o.quiet) {
        std::fprintf(stderr, "%s masked windows have score 0; wrote %s\n", with_commas(written.masked).c_str(),
                     listed(written.outputs).c_str());
        if (chosen)
            std::fprintf(stderr, "threshold %.6g: precision %.4f, recall %.4f on %s\n", static_cast<double>(chosen->threshold),
                         chosen->precision, chosen->recall, o.labels.c_str());
        for (const auto& [file, peaks] : written.peaks) std::fprintf(stderr, "%s peaks in %s\n", with_commas(peaks).c_str(), file.c_str());
    }
    if (!o.json) return;
    nlohmann::ordered_json json{{"outputs", written.outputs},
                                {"factors", plan.factors},
                                {"models", plan.models.size()},
                                {"windows", plan.regions.size()},
                                {"scanned", filler.windows()},
                                {"masked", written.masked},
                                {"seconds", filler.seconds()},
                                {"windows_per_second", static_cast<double>(filler.windows()) / std::max(filler.seconds(), 1e-9)},
                                {"device", device.name()},
                                {"arithmetic", device.arithmetic()},
                                {"threads", on.threads()}};
    if (chosen)
        json["threshold"] = {{"value", chosen->threshold}, {"precision", chosen->precision}, {"recall", chosen->recall}};
    for (const auto& [file, peaks] : written.peaks) json["peaks"].push_back({{"file", file}, {"peaks", peaks}});
    std::printf("%s\n", json.dump().c_str());
}

}  // namespace factornet
