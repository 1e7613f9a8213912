// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/error.hpp>
#include <chromatid/train/communicator.hpp>
#include <chromatid/train/training_run.hpp>

#include <algorithm>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <variant>
#include <vector>

// What ranks that train together tell each other about the run.

namespace chromatid::detail {

/// \throws UsageError where this rank's run is not rank 0's: other data, another network, optimizer or seed
template <Communicator C>
void expect_same_run(C& all, const TrainingRun& run) {
    std::map<std::string, std::string> own = run.identity();
    own["number of epochs"] = std::to_string(run.epochs);
    for (auto& [key, value] : own) {
        std::string first = value;
        broadcast(all, first);
        if (first != value)
            throw UsageError("rank " + std::to_string(run.rank) + " was started for another run than rank 0: its " + key + " is \"" +
                             value + "\", not \"" + first + "\"");
    }
}

/// The run becomes rank 0's, wherever it stands: parameters, the optimizer's memory, place, sums and history.
template <Communicator C>
void follow_first_rank(C& all, TrainingRun& run) {
    expect_same_run(all, run);
    const auto share = [&](auto&... numbers) { (broadcast(all, std::span(&numbers, 1)), ...); };
    share(run.epoch, run.batch, run.batches, run.step, run.sums, run.seconds, run.training_seconds, run.waited, run.rate, run.rate_factor,
          run.stopping, run.signal, run.optimizer_steps());
    auto epochs = static_cast<Index>(run.history.epochs.size());
    share(epochs);
    run.history.epochs.resize(static_cast<std::size_t>(epochs));
    broadcast(all, std::span(run.history.epochs));
    broadcast(all, run.history.stopped);
    const auto share_numbers = [&](TrainingRun::Numbers numbers) { std::visit([&](auto span) { broadcast(all, span); }, numbers); };
    share_numbers(run.parameters());
    for (const auto& [name, numbers] : run.optimizer_arrays()) share_numbers(numbers);
}

/// Where one rank stops all stop, for the reason of the first that does, by the greatest signal; the learning rate's factor is rank 0's.
template <Communicator C>
void agree(C& all, TrainingRun& run) {
    struct Decision {
        double rate_factor;
        std::int64_t stopping, signal;
    };
    const std::vector<Decision> decisions = exchange(all, Decision{run.rate_factor, run.stopping ? 1 : 0, run.signal});
    run.rate_factor = decisions.front().rate_factor;
    for (const Decision& decision : decisions) run.signal = std::max(run.signal, static_cast<int>(decision.signal));
    const auto stops = std::ranges::find_if(decisions, [](const Decision& decision) { return decision.stopping != 0; });
    if (stops == decisions.end()) return;
    run.stopping = true;
    broadcast(all, run.history.stopped, stops - decisions.begin());
}

}  // namespace chromatid::detail
