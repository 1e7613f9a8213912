// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/error.hpp>
#include <chromatid/train/training_run.hpp>

#include <limits>
#include <string>

namespace chromatid {

/// Ends training when the validation loss has not come below its least value by more than `least_gain` for `patience` epochs and one more,
/// as Keras 1 counts. It looks at the history alone, so a run that is continued stops where it would have.
struct EarlyStopping {
    Index patience = 20;
    double least_gain = 0;

    /// \throws UsageError without validation
    void begin(TrainingRun& run) const {
        if (!run.validates) throw UsageError("EarlyStopping looks at the validation loss: give fit a validation set");
        epoch_ended(run);
    }
    void epoch_ended(TrainingRun& run) const {
        const Index waiting = epochs_without_gain(run.history);
        if (waiting > patience) run.stop("no lower validation loss in " + std::to_string(waiting) + " epochs");
    }

    /// Epochs since the last that was better than all before it by more than `least_gain`.
    Index epochs_without_gain(const History& history) const {
        Index waiting = 0;
        double least = std::numeric_limits<double>::infinity();
        for (const History::Epoch& epoch : history.epochs) {
            if (epoch.validation_loss < least - least_gain) {
                least = epoch.validation_loss;
                waiting = 0;
            } else {
                ++waiting;
            }
        }
        return waiting;
    }
};

}  // namespace chromatid
