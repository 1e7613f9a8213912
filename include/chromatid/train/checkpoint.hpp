// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/error.hpp>
#include <chromatid/serialize/weights.hpp>
#include <chromatid/tensor/tensor.hpp>
#include <chromatid/train/training_run.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace chromatid {

namespace detail {

inline constexpr std::string_view checkpoint_format = "chromatid checkpoint 1";
inline constexpr const char* checkpoint_parameters = "parameters.";
inline constexpr const char* checkpoint_optimizer = "optimizer.";

/// The run's parameters as what reads and writes weights wants to see a model.
template <class T>
struct RunWeights {
    using Scalar = T;
    const Description& names;
    std::span<T> numbers;

    const Description& description() const { return names; }
    std::span<T> parameters() const { return numbers; }
};

/// The numbers of a run besides parameters and the optimizer's: integers and doubles, each list in one fixed order.
struct CheckpointNumbers {
    std::array<std::int64_t, 8> integers;
    std::array<double, 5> reals;

    static CheckpointNumbers of(TrainingRun& run) {
        return {{run.epoch, run.batch, run.batches, run.step, run.optimizer_steps(), run.sums.entries, run.sums.correct, run.sums.windows},
                {run.sums.loss, run.seconds, run.training_seconds, run.waited, run.rate}};
    }
    void put_into(TrainingRun& run) const {
        run.epoch = integers[0];
        run.batch = integers[1];
        run.batches = integers[2];
        run.step = integers[3];
        run.optimizer_steps() = integers[4];
        run.sums = {reals[0], integers[5], integers[6], integers[7]};
        run.seconds = reals[1];
        run.training_seconds = reals[2];
        run.waited = reals[3];
        run.rate = reals[4];
    }
};

/// One row of eight numbers for each epoch.
inline std::vector<double> rows_of(const History& history) {
    std::vector<double> rows;
    for (const History::Epoch& e : history.epochs)
        for (const double v :
             {e.loss, e.accuracy, e.validation_loss, e.validation_accuracy, e.rate, e.seconds, e.waiting, e.windows_per_second})
            rows.push_back(v);
    return rows;
}
inline std::vector<History::Epoch> epochs_of(const Tensor<double>& rows) {
    std::vector<History::Epoch> epochs;
    for (Index e = 0; e < rows.extent(0); ++e)
        epochs.push_back({rows(e, 0), rows(e, 1), rows(e, 2), rows(e, 3), rows(e, 4), rows(e, 5), rows(e, 6), rows(e, 7)});
    return epochs;
}

}  // namespace detail

/// Writes all that a run needs to go on: parameters, the optimizer's memory, epoch and next batch, sums of the epoch so far, and the
/// history. What earlier stood under the name stays until the new file is whole and on disk.
/// \throws Diverged rather than keep numbers that are not finite; IoError
inline void write_checkpoint(const std::filesystem::path& path, TrainingRun& run) {
    run.expect_finite();
    SafetensorsWriter file(path);
    file.text("format", std::string(detail::checkpoint_format));
    for (const auto& [key, value] : run.identity()) file.text("run " + key, value);
    std::visit(
        [&]<class T>(std::span<T> p) {
            add_weights(file, detail::RunWeights<T>{run.description(), p}, detail::checkpoint_parameters);
        },
        run.parameters());
    for (const auto& [name, numbers] : run.optimizer_arrays())
        std::visit([&, &key = name](auto values) { file.add(detail::checkpoint_optimizer + key, values); }, numbers);
    const auto numbers = detail::CheckpointNumbers::of(run);
    file.add("run.integers", numbers.integers);
    file.add("run.reals", numbers.reals);
    file.add("run.rate_factor", std::array{run.rate_factor});
    file.add("run.history", {static_cast<Index>(run.history.epochs.size()), 8}, detail::rows_of(run.history));
    file.commit();
}

/// Puts a run back to where a checkpoint was made; all of it, or nothing where the file is refused.
/// \throws IoError where there is none; FormatError for a damaged or foreign file; ModelError with what differs for the checkpoint of
///         another network, loss, optimizer, schedule or seed
inline void read_checkpoint(const std::filesystem::path& path, TrainingRun& run) {
    const SafetensorsFile file(path);
    if (const auto format = file.texts().find("format"); format == file.texts().end() || format->second != detail::checkpoint_format)
        throw FormatError(file.path(), "",
                          "is no checkpoint of a training run" + (format == file.texts().end() ? "" : ", but \"" + format->second + "\""));
    for (const auto& [key, value] : run.identity())
        if (const std::string& kept = file.text("run " + key); kept != value)
            throw ModelError(file.path() + ": the checkpoint of another run: its " + key + " is \"" + kept + "\", this run's is \"" +
                             value + "\"");
    file.verify();

    detail::CheckpointNumbers numbers{};
    file.read("run.integers", std::span<std::int64_t>(numbers.integers));
    file.read("run.reals", std::span<double>(numbers.reals));
    double rate_factor = 1;  // older files lack it
    if (file.has("run.rate_factor")) file.read("run.rate_factor", std::span(&rate_factor, 1));
    const Tensor<double> history = file.read<double>("run.history");
    const auto& n = numbers.integers;
    if (n[0] < 0 || n[1] < 0 || n[1] > n[2] || n[3] < 0 || n[4] < 0 ||
        !std::ranges::equal(history.extents(), std::array<Index, 2>{n[0], 8}))
        throw FormatError(file.path(), "", "its epoch, batch and history contradict each other");
    std::vector<std::pair<TrainingRun::Numbers, std::string>> arrays;
    for (const auto& [name, values] : run.optimizer_arrays()) {
        arrays.emplace_back(values, detail::checkpoint_optimizer + name);
        std::visit([&, &key = arrays.back().second]<class T>(std::span<T> to) {
            std::vector<T> trial(to.size());
            file.read(key, std::span(trial));
        }, values);
    }
    std::visit([&]<class T>(std::span<T> p) {
        detail::RunWeights<T> weights{run.description(), p};
        load_weights(weights, file, detail::checkpoint_parameters);
    }, run.parameters());
    for (const auto& [values, key] : arrays)
        std::visit([&, &name = key](auto to) { file.read(name, to); }, values);
    numbers.put_into(run);
    run.rate_factor = rate_factor;
    run.history.epochs = detail::epochs_of(history);
}

}  // namespace chromatid
