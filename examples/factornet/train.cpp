// SPDX-License-Identifier: MIT
#include <chromatid/core/error.hpp>
#include <chromatid/io/output_file.hpp>
#include <chromatid/optim/adam.hpp>
#include <chromatid/optim/sgd.hpp>
#include <chromatid/serialize/factornet_save.hpp>
#include <chromatid/serialize/weights.hpp>
#include <chromatid/train/best_weights.hpp>
#include <chromatid/train/checkpoints.hpp>
#include <chromatid/train/communicator.hpp>
#include <chromatid/train/diverged.hpp>
#include <chromatid/train/early_stopping.hpp>
#include <chromatid/train/history_files.hpp>
#include <chromatid/train/progress_bar.hpp>
#include <chromatid/train/stop_on_signal.hpp>
#include <chromatid/train/training_run.hpp>
#include <chromatid/version.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "device.hpp"
#include "genome_files.hpp"
#include "interrupt.hpp"
#include "model_file.hpp"
#include "named_batches.hpp"
#include "processes.hpp"
#include "progress.hpp"
#include "text.hpp"
#include "train_options.hpp"
#include "train_plan.hpp"
#include "training_job.hpp"

namespace factornet {

using namespace chromatid;

namespace {

constexpr const char *checkpoint_name = "checkpoint.safetensors", *options_name = "train.json";

nlohmann::ordered_json as_json(const TrainOptions& options) { return nlohmann::ordered_json(nlohmann::json(options)); }

/// "8G" as bytes.
std::uint64_t bytes_of(const std::string& text) {
    std::size_t used = 0;
    double number = -1;
    try {
        number = std::stod(text, &used);
    } catch (const std::exception&) {
    }
    std::string unit = text.substr(used);
    if (unit.ends_with("B")) unit.pop_back();
    if (unit.ends_with("i")) unit.pop_back();
    const std::string units = "KMGT";
    const std::size_t power = unit.empty() ? 0 : unit.size() == 1 ? units.find(unit[0]) + 1 : 0;
    const double bytes = number * std::pow(1024.0, static_cast<double>(power));
    if (!(bytes >= 0 && bytes < 0x1p63) || (!unit.empty() && (unit.size() != 1 || units.find(unit[0]) == std::string::npos)))
        throw UsageError("--memory \"" + text + "\" is no amount of memory: write 500M or 8G");
    return static_cast<std::uint64_t>(bytes);
}

/// Whether this process is the one that reads and writes the model directory.
bool writes(const std::optional<Processes>& processes) { return !processes || processes->rank() == 0; }

/// Refuses a directory that a run cannot use, before anything is read.
void check_output(const TrainOptions& options, const TrainRunOptions& run) {
    const std::filesystem::path folder = options.output;
    if (std::filesystem::exists(folder) && !std::filesystem::is_directory(folder))
        throw UsageError(folder.string() + ": is a file; -o names a directory");
    if (run.resume) {
        if (!std::filesystem::exists(folder / checkpoint_name))
            throw UsageError(folder.string() + ": has no " + checkpoint_name +
                             ": the run was stopped before its first one\n       begin again with -oc " + folder.string());
        return;
    }
    for (const char* file : {options_name, "model.json", "best_model.hdf5", "final_model.hdf5"})
        if (!run.overwrite && std::filesystem::exists(folder / file))
            throw UsageError(
                (folder / file).string() +
                ": a model is there already\n       give -o a directory of its own, replace it with -oc, or go on with --resume " +
                folder.string());
}

/// Makes the directory and says in it what the run is; from here on --resume knows it.
void begin_output(const TrainOptions& options) {
    const std::filesystem::path folder = options.output;
    std::filesystem::create_directories(folder);
    for (const char* file : {checkpoint_name, "history.csv", "history.json", "final.safetensors"}) std::filesystem::remove(folder / file);
    OutputFile file(folder / options_name);
    file.write(
        nlohmann::ordered_json{{"format", "factornet train"}, {"chromatid_version", version}, {"options", as_json(options)}}.dump(2) +
        "\n");
    file.commit();
}

/// What model.json says about where the model comes from. Files and cells go by their names alone, since a model is passed on; train.json,
/// from which a run is continued, keeps the paths.
nlohmann::ordered_json provenance(const TrainOptions& options, const TrainPlan& plan, const History& history) {
    const auto name_of = [](const std::string& path) { return std::filesystem::path(path).filename().string(); };
    TrainOptions named = options;
    for (std::string* path : {&named.genome, &named.sizes, &named.annotations, &named.blacklist, &named.motifs, &named.output})
        *path = name_of(*path);
    const TrainingCells& cells = plan.data.cells();
    named.cells.clear();
    named.validation_cells.clear();
    for (Index c = 0; c < cells.size(); ++c) (cells.trains(c) ? named.cells : named.validation_cells).push_back(cells.name(c));
    nlohmann::ordered_json json{
        {"command", "factornet train"}, {"options", as_json(named)}, {"positives", plan.data.positives(Part::training)}};
    if (history.epochs.empty()) return json;
    json["epoch"] = history.epochs.size();
    json["loss"] = history.last().loss;
    if (!std::isnan(history.last().validation_loss)) json["validation_loss"] = history.last().validation_loss;
    return json;
}

std::variant<Adam, Sgd> optimizer_of(const TrainOptions& options) {
    if (options.optimizer == "sgd") return Sgd{.rate = options.rate, .momentum = 0.9};
    return Adam{.rate = options.rate, .form = options.optimizer == "adam" ? Adam::Form::standard : Adam::Form::keras1};
}

/// The run, and the network with its weights, which may live on a device.
class RunningNetwork {
  public:
    explicit RunningNetwork(AnyModel<>& model) : model_(model) {}
    void begin(TrainingRun& run) { run_ = &run; }

    const History& history() const { return run_->history; }
    /// The network with the weights of now.
    const AnyModel<>& current() const {
        const auto now = std::get<std::span<float>>(run_->parameters());
        if (now.data() != model_.parameters().data()) std::ranges::copy(now, model_.parameters().begin());
        return model_;
    }

  private:
    AnyModel<>& model_;
    TrainingRun* run_ = nullptr;
};

/// Trains, and leaves the model in its directory.
History fit(TrainPlan& plan, const Device& device, const std::optional<Processes>& processes, const TrainOptions& options,
            const TrainRunOptions& run, const GenomeStore& store) {
    const std::filesystem::path folder = options.output;
    TrainerOptions how{.seed = options.seed, .epochs = static_cast<Index>(options.epochs), .threads = plan.threads};
    if (options.clip > 0) how.clip = ClipNorm{options.clip};
    std::vector<std::string> inputs{options.genome};
    for (const CellDirectory::Track& track : plan.data.cells().files()) inputs.push_back(track.file.string());
    const NamedBatches training(plan.data.training(store), inputs), validation(plan.data.validation(store), inputs);
    if (const Index first = training.windows(0), last = training.windows(static_cast<Index>(options.epochs) - 1);
        last < first && !run.quiet)
        std::fprintf(stderr,
                     "warning: the chromosomes have no room for the negatives of %s epochs that do not overlap: the last one has %s "
                     "windows, the first one %s\n"
                     "         use --negative-rule fresh, fewer epochs or fewer negatives\n",
                     with_commas(options.epochs).c_str(), with_commas(last).c_str(), with_commas(first).c_str());
    // A run that was stopped saves the same model again where it ends; the history it is saved with is the run's own.
    RunningNetwork network(plan.model);
    const auto save = [&] { save_factornet(network.current(), plan.sizes, plan.names, provenance(options, plan, network.history())); };

    std::FILE* const out = run.quiet ? std::fopen("/dev/null", "w") : stderr;
    ProgressBar bar(out);
    HistoryFiles files{folder / "history.csv", folder / "history.json"};
    Checkpoints checkpoints{
        .file = folder / checkpoint_name, .every_minutes = options.checkpoint_minutes, .every_epochs = 1, .resume = run.resume};
    StopOnSignal signals([] { return static_cast<int>(received_signal); });
    struct SaveEachEpoch {
        std::function<void()> save;
        void epoch_ended(TrainingRun& r) const {
            r.expect_finite();
            save();
        }
    } each{save};

    BestWeights best{save};
    EarlyStopping early{.patience = static_cast<Index>(options.patience)};
    const bool validates = validation.windows(0) > 0;
    const TrainingJob job{.model = plan.model,
                          .sizes = plan.sizes,
                          .swapped_tracks = plan.names.swapped_tracks(),
                          .optimizer = optimizer_of(options),
                          .how = how,
                          .training = AnyBatches(training),
                          .validation = validates ? std::optional(AnyBatches(validation)) : std::nullopt,
                          .callbacks = validates ? CallbackList(network, bar, files, best, early, signals, checkpoints)
                                                 : CallbackList(network, bar, files, each, signals, checkpoints),
                          .processes = processes};
    const History result = [&] {
        try {
            return device.train(job);
        } catch (const Diverged& error) {
            const bool kept = std::filesystem::exists(folder / checkpoint_name);
            throw Diverged(
                std::string(error.what()) + "\n       " + options.output +
                (kept ? " keeps the network and the checkpoint of before" : ": no epoch of this run was over, so it left no network"));
        } catch (const TrainingInterrupted& error) {
            throw TrainingInterrupted(error.signal(),
                                      std::string(error.what()).substr(12) + "; go on with: factornet train --resume " + options.output);
        }
    }();
    if (run.quiet) std::fclose(out);
    if (writes(processes)) save_weights(plan.model, folder / "final.safetensors");
    return result;
}

/// \param processes  that do the same beside this one, each with data of its own
void train(const TrainOptions& options, const TrainRunOptions& run, const std::optional<Processes>& processes) {
    StoreOptions how{};
    if (!run.memory.empty()) how.memory = bytes_of(run.memory);
    if (!run.scratch.empty()) how.folder = run.scratch;
    if (!run.dry_run && writes(processes)) check_output(options, run);
    DeviceOptions where = run.device;
    // a run that was begun on a CUDA device may go on here, in float32
    const bool comes_from_device = run.resume && where.device == "cpu" && where.devices.empty() && options.arithmetic != where.arithmetic;
    if (!comes_from_device) where.arithmetic = options.arithmetic;
    else if (!run.quiet)
        std::fprintf(stderr, "warning: this run was begun on a CUDA device with %s; it goes on here on the processor, in float32\n",
                     options.arithmetic.c_str());
    const Device device = Device::open(where);
    if (processes && !device.is_cpu())
        throw UsageError("under mpirun factornet trains on the processor: for several CUDA devices give --devices, without mpirun");
    TrainPlan plan = make_plan(options, run);
    plan.device = device.text();
    if (run.dry_run && run.json) {
        nlohmann::ordered_json counts = nlohmann::ordered_json::array();
        for (const WindowCount& c : plan.data.counts())
            counts.push_back({{"cell", c.cell},
                              {"chromosome", c.chromosome},
                              {"part", c.part == Part::training ? "training" : "validation"},
                              {"positives", c.positives}});
        const nlohmann::ordered_json json{{"factors", plan.data.factors()},
                                          {"tracks", plan.names.tracks()},
                                          {"parameters", plan.model.parameters().size()},
                                          {"positives", counts},
                                          {"options", as_json(options)}};
        std::printf("%s\n", json.dump(2).c_str());
        return;
    }
    if (!run.quiet || run.dry_run) print_plan(plan, options, run.dry_run ? stdout : stderr);
    if (run.dry_run) return;
    Progress progress("bases", plan.bases, run.quiet);
    std::int64_t decoded = 0;
    how.threads = plan.threads;
    how.progress = [&](std::int64_t done, std::int64_t) {
        check_interrupted();
        progress.advance(done - decoded);
        decoded = done;
    };
    const GenomeStore store(std::move(plan.genome), plan.data.cells().open_tracks(), plan.data.chromosomes(), how);
    progress.finish();
    for (const std::string& warning : store.warnings())
        if (!run.quiet) std::fprintf(stderr, "warning: %s\n", warning.c_str());
    if (!run.quiet && store.bytes_in_file() > 0)
        std::fprintf(stderr, "%s MB in memory, %s MB in a temporary file\n",
                     with_commas(static_cast<std::int64_t>(store.bytes_in_memory() >> 20)).c_str(),
                     with_commas(static_cast<std::int64_t>(store.bytes_in_file() >> 20)).c_str());

    check_interrupted();
    if (!run.resume && writes(processes)) begin_output(options);
    const History history = fit(plan, device, processes, options, run, store);

    const Index best = history.best();
    if (!run.quiet) {
        std::fprintf(stderr, "%zu epochs", history.epochs.size());
        if (best >= 0)
            std::fprintf(stderr, "; the best is epoch %td, validation loss %.4f", best + 1,
                         history.epochs[static_cast<std::size_t>(best)].validation_loss);
        std::fprintf(stderr, "; wrote %s\n", options.output.c_str());
    }
    if (run.json) {
        nlohmann::ordered_json json{
            {"model", options.output}, {"epochs", history.epochs.size()}, {"parameters", plan.model.parameters().size()},
            {"device", device.name()}, {"arithmetic", device.arithmetic()}};
        if (best >= 0)
            json["best_epoch"] = best + 1, json["best_validation_loss"] = history.epochs[static_cast<std::size_t>(best)].validation_loss;
        std::printf("%s\n", json.dump().c_str());
    }
}

}  // namespace

void train(const TrainOptions& options, const TrainRunOptions& run) {
    std::optional<Processes> processes = started_by_mpirun();
    if (!processes) return train(options, run, processes);
    std::optional<TrainingInterrupted> stopped;
    try {
        together(*processes, [&] {
            TrainRunOptions here = run;
            if (!writes(processes)) {
                if (run.dry_run) return;
                here.quiet = true;
                here.json = false;
            }
            train(options, here, processes);
        });
    } catch (const TrainingInterrupted& error) {
        stopped = error;
    }
    processes.reset();  // MPI ends before any of them does
    if (stopped) throw *stopped;
}

}  // namespace factornet
