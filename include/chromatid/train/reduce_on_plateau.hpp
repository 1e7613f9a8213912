// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/error.hpp>
#include <chromatid/train/training_run.hpp>

#include <algorithm>
#include <limits>

namespace chromatid {

/// Learning rate times `by` whenever the validation loss has not come below its least value for `patience` epochs. It looks at the history
/// alone.
struct ReduceOnPlateau {
    Index patience = 10;
    double by = 0.1;
    double least = 0;  ///< factor below which the rate does not fall

    /// \throws UsageError without validation
    void begin(TrainingRun& run) const {
        if (!run.validates) throw UsageError("ReduceOnPlateau looks at the validation loss: give fit a validation set");
        run.rate_factor = factor(run.history);
    }
    void epoch_ended(TrainingRun& run) const { run.rate_factor = factor(run.history); }

    double factor(const History& history) const {
        double factor = 1, best = std::numeric_limits<double>::infinity();
        Index waiting = 0;
        for (const History::Epoch& epoch : history.epochs) {
            if (epoch.validation_loss < best) {
                best = epoch.validation_loss;
                waiting = 0;
            } else if (++waiting >= patience) {
                factor = std::max(factor * by, least);
                waiting = 0;
            }
        }
        return factor;
    }
};

}  // namespace chromatid
