// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/train/training_loop.hpp>

#include <vector>

namespace chromatid {

/// Several callbacks as one, of a type that does not depend on theirs: for `fit` behind a function that is compiled elsewhere.
///
///     ProgressBar bar;
///     EarlyStopping early{.patience = 20};
///     train_somewhere(CallbackList(bar, early));
///
/// They are called in the order in which they were given, as `fit` would, on the ranks on which `fit` would, and must outlive this.
class CallbackList {
  public:
    static constexpr bool on_every_rank = true;

    template <TrainingCallback... Callbacks>
    explicit CallbackList(Callbacks&... callbacks) : hooks_{detail::hooks_of(callbacks)...} {}

    void restore(TrainingRun& run) const { call(&detail::CallbackHooks::restore, run); }
    void begin(TrainingRun& run) const { call(&detail::CallbackHooks::begin, run); }
    void batch_ended(TrainingRun& run) const { call(&detail::CallbackHooks::batch_ended, run); }
    void epoch_ended(TrainingRun& run) const { call(&detail::CallbackHooks::epoch_ended, run); }
    void keep(TrainingRun& run) const { call(&detail::CallbackHooks::keep, run); }
    void ended(TrainingRun& run) const { call(&detail::CallbackHooks::ended, run); }

  private:
    void call(detail::CallbackHooks::Hook detail::CallbackHooks::*hook, TrainingRun& run) const {
        for (const detail::CallbackHooks& callback : hooks_) callback.call(hook, run);
    }

    std::vector<detail::CallbackHooks> hooks_;
};

}  // namespace chromatid
