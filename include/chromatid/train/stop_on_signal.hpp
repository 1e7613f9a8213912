// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/train/training_run.hpp>

#include <array>
#include <atomic>
#include <cstddef>
#include <functional>
#include <mutex>
#include <set>
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
/// come back when the last run ends that watches. Where several ranks train together, a signal to any of them stops all, at the same step.
class StopOnSignal {
  public:
    static constexpr bool on_every_rank = true;

    StopOnSignal() = default;
    /// \param received  number of the signal that has come, or 0; called after each batch
    explicit StopOnSignal(std::function<int()> received) : received_(std::move(received)) {}

    void begin(TrainingRun& run) const {
        if (!received_) Watch::of_process().begin(run);
    }
    void batch_ended(TrainingRun& run) const {
        if (const int number = received_ ? received_() : Watch::noted().load(); number != 0) run.interrupt(number);
    }
    void ended(TrainingRun& run) const {
        if (!received_) Watch::of_process().end(run);
    }

  private:
    /// The handlers of the process, while any run watches: ranks may be threads.
    class Watch {
      public:
        static Watch& of_process() {
            static Watch watch;
            return watch;
        }
        static std::atomic<int>& noted() {
            static std::atomic<int> number = 0;
            static_assert(std::atomic<int>::is_always_lock_free);
            return number;
        }

        void begin(const TrainingRun& run) {
            const std::lock_guard lock(mutex_);
            if (runs_.empty()) start();
            runs_.insert(&run);
        }
        void end(const TrainingRun& run) {
            const std::lock_guard lock(mutex_);
            if (runs_.erase(&run) == 0 || !runs_.empty()) return;
            for (std::size_t i = 0; i < signals.size(); ++i) sigaction(signals[i], &before_[i], nullptr);
        }

      private:
        static constexpr std::array<int, 3> signals{SIGINT, SIGTERM, SIGHUP};

        void start() {
            noted() = 0;
            struct sigaction watch {};
            watch.sa_handler = [](int number) { noted() = number; };
            watch.sa_flags = static_cast<int>(SA_RESTART | SA_RESETHAND);
            for (std::size_t i = 0; i < signals.size(); ++i) {
                sigaction(signals[i], nullptr, &before_[i]);
                if (before_[i].sa_handler != SIG_IGN) sigaction(signals[i], &watch, nullptr);
            }
        }

        std::mutex mutex_;
        std::set<const TrainingRun*> runs_;
        std::array<struct sigaction, 3> before_{};
    };

    std::function<int()> received_;
};

}  // namespace chromatid
