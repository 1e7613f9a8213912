// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/train/history.hpp>

#include <variant>

#include "training_job.hpp"

namespace factornet {

/// Trains a network, which may live on any backend.
/// \param trainer_of  called with the optimizer, gives the `Trainer`
template <class F>
chromatid::History run_training(const TrainingJob& job, const F& trainer_of) {
    return std::visit(
        [&](const auto& optimizer) -> chromatid::History {
            auto trainer = trainer_of(optimizer);
            if (!job.validation) return trainer.fit(job.training, job.callbacks);
            return trainer.fit(job.training, *job.validation, job.callbacks);
        },
        job.optimizer);
}

}  // namespace factornet
