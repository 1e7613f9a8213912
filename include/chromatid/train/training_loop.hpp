// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/error.hpp>
#include <chromatid/train/diverged.hpp>
#include <chromatid/train/prefetcher.hpp>
#include <chromatid/train/training_interrupted.hpp>
#include <chromatid/train/training_run.hpp>

#include <chrono>
#include <cmath>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

// The loop over epochs and batches, without templates: `Trainer` supplies what depends on model, loss and optimizer.

namespace chromatid::detail {

/// A callback whose type is forgotten; functions that it lacks are null.
struct CallbackHooks {
    using Hook = void (*)(void*, TrainingRun&);
    void* callback;  // called as the type that it was given as, const or not
    Hook restore, begin, batch_ended, epoch_ended, keep, ended;
    bool on_every_rank = false;

    void call(Hook CallbackHooks::* hook, TrainingRun& run) const {
        if (this->*hook != nullptr && (run.rank == 0 || on_every_rank)) (this->*hook)(callback, run);
    }
};

template <TrainingCallback C>
CallbackHooks hooks_of(C& callback) {
    if constexpr (!HasTrainingHook<C>) {
        return callback.has_value() ? hooks_of(*callback) : CallbackHooks{nullptr, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr};
    } else {
        CallbackHooks hooks{const_cast<std::remove_const_t<C>*>(&callback), nullptr, nullptr, nullptr, nullptr, nullptr, nullptr};
        if constexpr (requires(TrainingRun& run) { callback.restore(run); })
            hooks.restore = [](void* c, TrainingRun& run) { static_cast<C*>(c)->restore(run); };
        if constexpr (requires(TrainingRun& run) { callback.begin(run); })
            hooks.begin = [](void* c, TrainingRun& run) { static_cast<C*>(c)->begin(run); };
        if constexpr (requires(TrainingRun& run) { callback.batch_ended(run); })
            hooks.batch_ended = [](void* c, TrainingRun& run) { static_cast<C*>(c)->batch_ended(run); };
        if constexpr (requires(TrainingRun& run) { callback.epoch_ended(run); })
            hooks.epoch_ended = [](void* c, TrainingRun& run) { static_cast<C*>(c)->epoch_ended(run); };
        if constexpr (requires(TrainingRun& run) { callback.keep(run); })
            hooks.keep = [](void* c, TrainingRun& run) { static_cast<C*>(c)->keep(run); };
        if constexpr (requires(TrainingRun& run) { callback.ended(run); })
            hooks.ended = [](void* c, TrainingRun& run) { static_cast<C*>(c)->ended(run); };
        if constexpr (requires { C::on_every_rank; }) hooks.on_every_rank = C::on_every_rank;
        return hooks;
    }
}

/// Batches of one kind: how many an epoch has, and how to load one.
struct Batches {
    std::function<Index(Index epoch)> count;
    Prefetcher::Load load;
};

class TrainingLoop {
  public:
    struct Step {
        std::function<TrainingRun::Sums(const Batch&)> train;     ///< one step; none, where the loss is no finite number
        std::function<TrainingRun::Sums(const Batch&)> evaluate;  ///< of a validation batch
    };

    /// What ranks that train together tell each other; not called where there is one.
    struct Ranks {
        std::function<void()> begin;  ///< the run becomes rank 0's
        std::function<void()> agree;  ///< about stopping, and what else callbacks decide
        std::function<std::vector<TrainingRun::Sums>(const TrainingRun::Sums& own)> exchange;  ///< by rank
    };

    TrainingLoop(TrainingRun& run, Step step, std::span<const CallbackHooks> callbacks, Prefetcher::Options loading, Ranks ranks = {})
        : run_(run), step_(std::move(step)), callbacks_(callbacks), loading_(loading), ranks_(std::move(ranks)) {}

    /// Trains to the last epoch or until stopped, from where the run stands.
    /// \throws TrainingInterrupted, Diverged, UsageError, and what callbacks and sources throw
    void operator()(const Batches& training, const Batches* validation) {
        try {
            go(training, validation);
        } catch (...) {
            call(&CallbackHooks::ended);
            throw;
        }
        call(&CallbackHooks::ended);
        if (run_.ranks > 1) ranks_.agree();  // that rank 0 has kept what it had to
        if (run_.signal != 0) throw TrainingInterrupted(run_.signal, "before " + run_.place());
    }

  private:
    using Clock = std::chrono::steady_clock;

    void go(const Batches& training, const Batches* validation) {
        run_.validates = validation != nullptr;
        run_.validating = run_.stopping = false;
        run_.signal = 0;
        run_.history.stopped.clear();
        call(&CallbackHooks::restore);
        call(&CallbackHooks::begin);
        if (run_.ranks > 1) ranks_.begin();
        if (run_.stopping || run_.epoch >= run_.epochs) return;

        run_.validation_batches = validation == nullptr ? 0 : validation->count(0);
        if (validation != nullptr && run_.validation_batches == 0) throw UsageError("the validation set has no batches");
        begin_epoch(training);
        std::optional<Prefetcher> train, validate;
        const bool mid = run_.batch < run_.batches, more = mid || run_.epoch + 1 < run_.epochs;
        if (more) {
            const auto following = [&](const Prefetcher::Place& at) -> std::optional<Prefetcher::Place> {
                if (at.number + 1 < training.count(at.epoch)) return Prefetcher::Place{at.epoch, at.number + 1};
                if (at.epoch + 1 < run_.epochs) return Prefetcher::Place{at.epoch + 1, 0};
                return std::nullopt;
            };
            train.emplace(training.load, following, mid ? Prefetcher::Place{run_.epoch, run_.batch} : Prefetcher::Place{run_.epoch + 1, 0},
                          loading_);
        }
        if (run_.rank < run_.validation_batches) {
            const auto following = [&run = run_](const Prefetcher::Place& at) {
                return Prefetcher::Place{0, at.number + run.ranks < run.validation_batches ? at.number + run.ranks : run.rank};
            };
            validate.emplace(validation->load, following, Prefetcher::Place{0, run_.rank}, loading_);
        }

        while (true) {
            while (run_.batch < run_.batches) {
                train_batch(*train);
                if (run_.stopping) return call(&CallbackHooks::keep);
                if (run_.batch < run_.batches) call(&CallbackHooks::keep);
            }
            if (run_.validates && !evaluate(validate)) return call(&CallbackHooks::keep);
            end_epoch();
            if (run_.epoch == run_.epochs) run_.stopping = true;
            call(&CallbackHooks::keep);
            if (run_.stopping) return;
            begin_epoch(training);
        }
    }

    void begin_epoch(const Batches& training) {
        const Index batches = training.count(run_.epoch);
        if (batches == 0) throw UsageError("the training set has no batches in epoch " + std::to_string(run_.epoch + 1));
        if (run_.batches != 0 && run_.batches != batches)
            throw UsageError("epoch " + std::to_string(run_.epoch + 1) + " has " + std::to_string(batches) +
                             " batches, but it was begun with " + std::to_string(run_.batches) +
                             ": these are not the data of the run that is continued");
        run_.batches = batches;
        clock_ = Clock::now();
    }

    void train_batch(Prefetcher& batches) {
        const TrainingRun::Sums sums = step_.train(take(batches));
        if (!std::isfinite(sums.loss)) diverged(sums.loss);
        run_.sums.add(sums);
        ++run_.batch;
        ++run_.step;
        run_.training_seconds += lap();
        call_and_agree(&CallbackHooks::batch_ended);
    }

    /// Rank r has batches r, r + ranks, ...; all ranks add all of them, in their order.
    /// \return false when stopped meanwhile
    bool evaluate(std::optional<Prefetcher>& batches) {
        run_.validating = true;
        validation_ = {};
        // Comes back to the first batch after a stop in the middle only in another run, with another prefetcher.
        for (run_.validation_batch = 0; run_.validation_batch < run_.validation_batches;) {
            TrainingRun::Sums own;
            if (run_.validation_batch + run_.rank < run_.validation_batches) own = step_.evaluate(take(*batches));
            if (run_.ranks == 1) round_.assign(1, own);
            else round_ = ranks_.exchange(own);
            for (const TrainingRun::Sums& sums : round_) {
                if (run_.validation_batch == run_.validation_batches) break;
                if (!std::isfinite(sums.loss)) diverged(sums.loss);
                validation_.add(sums);
                ++run_.validation_batch;
                lap();
                call_and_agree(&CallbackHooks::batch_ended);
                if (run_.stopping && run_.validation_batch < run_.validation_batches) {
                    run_.validating = false;
                    return false;
                }
            }
        }
        run_.validating = false;
        if (validation_.entries == 0) throw UsageError("in the validation set no entry takes part in the loss");
        return true;
    }

    void end_epoch() {
        History::Epoch epoch;
        epoch.loss = run_.sums.mean_loss();
        epoch.accuracy = run_.sums.accuracy();
        if (run_.validates) {
            epoch.validation_loss = validation_.mean_loss();
            epoch.validation_accuracy = validation_.accuracy();
        }
        epoch.rate = run_.rate;
        epoch.seconds = run_.seconds;
        epoch.waiting = run_.seconds > 0 ? run_.waited / run_.seconds : 0;
        epoch.windows_per_second = run_.training_seconds > 0 ? static_cast<double>(run_.sums.windows) / run_.training_seconds : 0;
        run_.history.epochs.push_back(epoch);
        call_and_agree(&CallbackHooks::epoch_ended);
        ++run_.epoch;
        run_.batch = run_.batches = 0;
        run_.sums = {};
        run_.seconds = run_.training_seconds = run_.waited = 0;
    }

    const Batch& take(Prefetcher& batches) {
        const double before = batches.waited();
        const Batch& batch = batches.next();
        run_.waited += batches.waited() - before;
        return batch;
    }

    /// Seconds since the last call, which also go to the epoch's.
    double lap() {
        const Clock::time_point now = Clock::now();
        const double seconds = std::chrono::duration<double>(now - clock_).count();
        clock_ = now;
        run_.seconds += seconds;
        return seconds;
    }

    [[noreturn]] void diverged(double loss) const {
        throw Diverged(
            run_.place() + ": the loss is " + std::to_string(loss) +
            "\n       a smaller learning rate or gradient-norm clipping may help, if the windows hold no such numbers themselves");
    }

    void call(CallbackHooks::Hook CallbackHooks::* hook) {
        for (const CallbackHooks& c : callbacks_) c.call(hook, run_);
    }
    void call_and_agree(CallbackHooks::Hook CallbackHooks::* hook) {
        call(hook);
        if (run_.ranks > 1) ranks_.agree();
    }

    TrainingRun& run_;
    Step step_;
    std::span<const CallbackHooks> callbacks_;
    Prefetcher::Options loading_;
    Ranks ranks_;
    TrainingRun::Sums validation_;
    std::vector<TrainingRun::Sums> round_;  // of one validation batch for each rank
    Clock::time_point clock_{};
};

}  // namespace chromatid::detail
