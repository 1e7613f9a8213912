// SPDX-License-Identifier: MIT
#pragma once

#include "training_job.hpp"

#include <chromatid/loss/binary_cross_entropy.hpp>
#include <chromatid/train/history.hpp>
#include <chromatid/train/trainer.hpp>

#include <variant>

namespace factornet {

/// Trains a network, which may live on any backend.
/// \param on  what its `Trainer` takes first: the context of a device, or nothing
template <class M, class... On>
chromatid::History run_training(const TrainingJob& job, M& model, On&... on) {
    return std::visit(
        [&](const auto& optimizer) -> chromatid::History {
            chromatid::Trainer trainer(on..., model, chromatid::BinaryCrossEntropy{}, optimizer, job.how);
            if (!job.validation) return trainer.fit(job.training, job.callbacks);
            return trainer.fit(job.training, *job.validation, job.callbacks);
        },
        job.optimizer);
}

}  // namespace factornet
