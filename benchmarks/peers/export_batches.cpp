// SPDX-License-Identifier: MIT
//
// Writes what a run of `factornet train` shows to its network, for another program to train on the same: bases and tracks as one long array
// each, and for every epoch the place, cell, strand and targets of each window in order; also the first weights, the network's sizes, and
// the loss and gradients of the first step, so that the other program can prove that it computes the same.
//
//     export_batches RUN OUT [--epochs N] [--bed WINDOWS] [--cell DIRECTORY]
//
// RUN is the run's directory (its train.json is read). WINDOWS are scored by the other program after training, with the tracks of DIRECTORY
// (default: the run's first cell).
//
// OUT gets data.json and:
//     codes.npy             (n) bases 0 to 3, 4 unknown; chromosomes one after another, each between stretches of `length` unknown bases
//     track_K.npy           (n) float32, one for each bigWig file
//     train_E.windows.npy   (windows, 3) int32 for epoch E: place of the first base in these arrays, cell, 1 where shown from the other strand
//     train_E.targets.npy   (windows, tasks) float32; train_E.side.npy where there is a side input
//     validation.*.npy      the same
//     test.windows.npy, test.bed, test.masked.npy   WINDOWS; 1 where `factornet predict` would not score
//     initial.safetensors   the weights before the first step
//     step.safetensors      the gradient of the first batch, its loss among the texts
#include <chromatid/core/error.hpp>
#include <chromatid/dataset/batch.hpp>
#include <chromatid/dataset/genome_store.hpp>
#include <chromatid/dataset/window.hpp>
#include <chromatid/dataset/window_batches.hpp>
#include <chromatid/genome/reverse_complement.hpp>
#include <chromatid/io/bed.hpp>
#include <chromatid/io/npy.hpp>
#include <chromatid/io/output_file.hpp>
#include <chromatid/loss/binary_cross_entropy.hpp>
#include <chromatid/serialize/factornet_json.hpp>
#include <chromatid/serialize/safetensors_writer.hpp>
#include <chromatid/serialize/weights.hpp>
#include <chromatid/train/batch_gradient.hpp>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>
#include <xtensor/xadapt.hpp>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <span>
#include <string>
#include <unistd.h>
#include <utility>
#include <vector>

#include "examples/factornet/model_file.hpp"
#include "examples/factornet/train_options.hpp"
#include "examples/factornet/train_plan.hpp"

using namespace chromatid;
using namespace factornet;
namespace fs = std::filesystem;

namespace {

template <class T>
void write_array(const fs::path& path, const std::vector<T>& values, std::size_t columns = 0) {
    const std::vector<std::size_t> shape = columns == 0 ? std::vector{values.size()} : std::vector{values.size() / columns, columns};
    write_npy(path, xt::adapt(values, shape));
}

void write_text(const fs::path& path, const std::string& text) {
    OutputFile file(path);
    file.write(text);
    file.commit();
}

/// The chromosomes one after another, with `gap` places before, between and after them.
class Line {
  public:
    Line(const ChromSizes& sizes, std::int64_t gap) : sizes_(sizes) {
        for (const Chromosome& c : sizes) {
            offsets_.push_back(length_ + gap);
            length_ += gap + c.size;
        }
        length_ += gap;
        if (length_ > INT32_MAX) throw UsageError("the chromosomes are too long together: place numbers have 32 bits");
    }
    std::int64_t length() const { return length_; }
    std::int64_t offset(Index chromosome) const { return offsets_[static_cast<std::size_t>(chromosome)]; }
    const ChromSizes& chromosomes() const { return sizes_; }

  private:
    ChromSizes sizes_;
    std::vector<std::int64_t> offsets_;
    std::int64_t length_ = 0;
};

void write_genome(const fs::path& out, const Line& line, AnySequence& genome, std::vector<NamedSignal> tracks) {
    std::vector<std::uint8_t> codes(static_cast<std::size_t>(line.length()), unknown_base);
    for (Index c = 0; c < line.chromosomes().size(); ++c) {
        const Chromosome& chromosome = line.chromosomes()[c];
        genome.fetch({chromosome.name, 0, chromosome.size},
                     std::span(codes).subspan(static_cast<std::size_t>(line.offset(c)), static_cast<std::size_t>(chromosome.size)));
    }
    write_array(out / "codes.npy", codes);
    for (std::size_t t = 0; t < tracks.size(); ++t) {
        std::vector<float> values(static_cast<std::size_t>(line.length()));
        for (Index c = 0; c < line.chromosomes().size(); ++c) {
            const Chromosome& chromosome = line.chromosomes()[c];
            if (tracks[t].signal.chromosomes().contains(chromosome.name))
                tracks[t].signal.fetch(
                    {chromosome.name, 0, chromosome.size},
                    std::span(values).subspan(static_cast<std::size_t>(line.offset(c)), static_cast<std::size_t>(chromosome.size)));
        }
        std::replace_if(values.begin(), values.end(), [](float v) { return v != v; }, 0.0F);
        write_array(out / ("track_" + std::to_string(t) + ".npy"), values);
    }
}

/// One epoch of a source.
void write_epoch(const fs::path& out, const std::string& name, const Line& line, const GenomeStore& store, const WindowBatches& source,
                 Index epoch) {
    std::vector<std::int32_t> windows;
    std::vector<float> targets, side;
    Batch batch;
    const auto append = [](std::vector<float>& to, View<const float> from) { to.insert(to.end(), from.data(), from.data() + from.size()); };
    for (Index b = 0; b < source.batches(epoch); ++b) {
        source.load(epoch, b, batch);
        append(targets, batch.labels());
        if (source.side_size() > 0) append(side, batch.sides());
    }
    for (Index i = 0; i < source.windows(epoch); ++i) {
        const WindowBatches::Window w = source.window(epoch, i);
        const Index chromosome = *line.chromosomes().find(store.chromosomes()[w.bin.chromosome].name);
        const std::int64_t start = centered_window({{}, w.bin.start, w.bin.start + 200}, source.length()).start;
        for (const std::int64_t number : {line.offset(chromosome) + start, std::int64_t{w.cell}, std::int64_t{w.reverse}})
            windows.push_back(static_cast<std::int32_t>(number));
    }
    write_array(out / (name + ".windows.npy"), windows, 3);
    write_array(out / (name + ".targets.npy"), targets, static_cast<std::size_t>(source.tasks()));
    if (source.side_size() > 0) write_array(out / (name + ".side.npy"), side, static_cast<std::size_t>(source.side_size()));
}

/// Loss and gradient of the first batch.
void write_step(const fs::path& out, const TrainPlan& plan, const TrainOptions& options, const WindowBatches& training) {
    Batch batch;
    training.load(0, 0, batch);
    AnyModel<> slopes = make_factornet(plan.sizes, plan.names.swapped_tracks());
    Cpu<>::Context on(1);
    BatchGradient gradient(plan.model, batch.size);
    const double loss = gradient(on, batch, BinaryCrossEntropy{}, {.seed = options.seed, .step = 0}, slopes.parameters());
    SafetensorsWriter file(out / "step.safetensors");
    add_weights(file, slopes);
    char text[32];
    std::snprintf(text, sizeof text, "%.17g", loss);
    file.text("loss", text);
    file.commit();
}

void write_test(const fs::path& out, const Line& line, const TrainPlan& plan, const fs::path& bed, std::int64_t length, Index cell) {
    std::vector<std::int32_t> windows;
    std::vector<std::uint8_t> masked;
    std::string text;
    for (const Interval& interval : read_bed(bed)) {
        const Index chromosome = line.chromosomes().place_of(interval.chrom, bed.string());
        windows.push_back(static_cast<std::int32_t>(
            line.offset(chromosome) + std::clamp(centered_window(interval, length).start, -length, line.chromosomes()[chromosome].size)));
        windows.push_back(static_cast<std::int32_t>(cell));
        windows.push_back(0);
        masked.push_back(plan.data.masked().any_overlap(interval));
        text += interval.chrom + '\t' + std::to_string(interval.start) + '\t' + std::to_string(interval.end) + '\n';
    }
    write_array(out / "test.windows.npy", windows, 3);
    write_array(out / "test.masked.npy", masked);
    write_text(out / "test.bed", text);
}

void run(const fs::path& run_directory, const fs::path& out, Index epochs, const fs::path& bed, const fs::path& cell) {
    std::ifstream stored(run_directory / "train.json");
    if (!stored) throw UsageError(run_directory.string() + ": has no train.json: name a directory that factornet train wrote");
    const auto options = nlohmann::json::parse(stored).at("options").get<TrainOptions>();
    TrainPlan plan = make_plan(options, {});
    const TrainingCells& cells = plan.data.cells();
    if (!bed.empty() && plan.sizes.side > 0) throw UsageError("--bed: windows to score have no side input here");
    fs::create_directories(out);

    std::vector<std::string> chromosomes = plan.data.chromosomes();
    const GenomeStore store(plan.genome.clone(), cells.open_tracks(), chromosomes, {.threads = plan.threads});
    std::vector<NamedSignal> tracks = cells.open_tracks();
    std::vector<std::vector<Index>> tracks_of;
    for (Index c = 0; c < cells.size(); ++c) tracks_of.emplace_back(cells.tracks_of(c).begin(), cells.tracks_of(c).end());
    if (!bed.empty()) {
        for (const Interval& interval : read_bed(bed))
            if (std::find(chromosomes.begin(), chromosomes.end(), interval.chrom) == chromosomes.end())
                chromosomes.push_back(interval.chrom);
        if (!cell.empty()) {
            const TrainingCells other({CellDirectory(cell)});
            if (other.track_names() != cells.track_names()) throw UsageError(cell.string() + ": its tracks are not those of the run");
            std::vector<Index>& places = tracks_of.emplace_back();
            for (NamedSignal& track : other.open_tracks()) {
                places.push_back(static_cast<Index>(tracks.size()));
                tracks.push_back(std::move(track));
            }
        }
    }
    ChromSizes sizes;
    for (const std::string& name : chromosomes) sizes.add(name, plan.genome.chromosomes().size_of(name));
    const Line line(sizes, plan.sizes.length);
    const std::size_t files = tracks.size();
    write_genome(out, line, plan.genome, std::move(tracks));

    const WindowBatches training = plan.data.training(store), validation = plan.data.validation(store);
    for (Index e = 0; e < epochs; ++e) {
        write_epoch(out, "train_" + std::to_string(e), line, store, training, e);
        if (isatty(STDERR_FILENO) != 0) std::fprintf(stderr, "\repoch %td of %td%s", e + 1, epochs, e + 1 == epochs ? "\n" : "");
    }
    write_epoch(out, "validation", line, store, validation, 0);
    if (!bed.empty()) write_test(out, line, plan, bed, plan.sizes.length, cell.empty() ? 0 : cells.size());
    save_weights(plan.model, out / "initial.safetensors");
    write_step(out, plan, options, training);

    nlohmann::ordered_json data{{"network", detail::sizes_to_json(plan.sizes)},
                                {"partners", track_partners(cells.track_names())},
                                {"factors", plan.data.factors()},
                                {"tracks", files},
                                {"cells", tracks_of},
                                {"batch", options.batch},
                                {"epochs", epochs},
                                {"patience", options.patience},
                                {"rate", options.rate},
                                {"optimizer", options.optimizer},
                                {"clip", options.clip},
                                {"seed", options.seed}};
    write_text(out / "data.json", data.dump(1) + "\n");
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app("Writes what a run of factornet train shows to its network, for another program to train on the same.");
    fs::path run_directory, out, bed, cell;
    Index epochs = 0;
    app.add_option("run", run_directory, "Directory of the run")->required();
    app.add_option("out", out, "Directory to write")->required();
    app.add_option("--epochs", epochs, "Epochs to write")->required();
    app.add_option("--bed", bed, "Windows to score after training")->check(CLI::ExistingFile);
    app.add_option("--cell", cell, "Cell directory whose tracks they are scored with")->check(CLI::ExistingDirectory);
    CLI11_PARSE(app, argc, argv);
    try {
        run(run_directory, out, epochs, bed, cell);
        return 0;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "error: %s\n", error.what());
        return 1;
    }
}
