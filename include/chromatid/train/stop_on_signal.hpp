// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/train/training_run.hpp>

#include <array>
#include <cstddef>
#include <functional>
#include <utility>

#include <signal.h>

namespace chromatid {

/// Stops training between two batches when SIGINT, SIGTERM or SIGHUP has come; `Checkpoints` then has its turn, and `fit` throws
/// `TrainingInterrupted`.
///
///     StopOnSignal{}                                     // watches itself, while training runs
///     StopOnSignal{[] { return int(received_signal); }}  // asks the program, which has handlers of its own: 0 for none
///
/// Watching itself, the second signal ends the program at once, signals that were ignored stay so (nohup), and the handlers that were there
/// come back. At most one such at a time. Where several ranks train together, a signal to any of them stops all, at the same step.
class StopOnSignal {
  public:
    static constexpr bool on_every_rank = true;

    StopOnSignal() = default;
    /// \param received  number of the signal that has come, or 0; called after each batch
    explicit StopOnSignal(std::function<int()> received) : received_(std::move(received)) {}

    void begin(TrainingRun&) {
        if (received_) return;
        noted() = 0;
        struct sigaction watch {};
        watch.sa_handler = [](int number) { noted() = number; };
        watch.sa_flags = static_cast<int>(SA_RESTART | SA_RESETHAND);
        for (std::size_t i = 0; i < signals.size(); ++i) {
            sigaction(signals[i], nullptr, &before_[i]);
            if (before_[i].sa_handler != SIG_IGN) sigaction(signals[i], &watch, nullptr);
        }
        watching_ = true;
    }
    void batch_ended(TrainingRun& run) const {
        if (const int number = received_ ? received_() : static_cast<int>(noted()); number != 0) run.interrupt(number);
    }
    void ended(TrainingRun&) {
        if (!watching_) return;
        for (std::size_t i = 0; i < signals.size(); ++i) sigaction(signals[i], &before_[i], nullptr);
        watching_ = false;
    }

  private:
    static constexpr std::array<int, 3> signals{SIGINT, SIGTERM, SIGHUP};

    static volatile sig_atomic_t& noted() {
        static volatile sig_atomic_t number = 0;
        return number;
    }

    std::function<int()> received_;
    std::array<struct sigaction, 3> before_{};
    bool watching_ = false;
};

}  // namespace chromatid
