// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/error.hpp>
#include <chromatid/train/checkpoint.hpp>

#include <concepts>
#include <filesystem>
#include <functional>
#include <span>
#include <utility>
#include <variant>

namespace chromatid {

/// Saves the model at the end of each epoch whose validation loss is below that of all before it.
///
///     BestWeights{"run/best.safetensors"}
///     BestWeights{[&] { save_factornet(model, "run/model"); }}     // with a function of one's own
class BestWeights {
  public:
    /// \param file  gets the weights as `save_weights` writes them; there is a whole one at any time
    explicit BestWeights(std::filesystem::path file)
        : save_([file = std::move(file)](TrainingRun& run) {
              std::visit(
                  [&]<class T>(std::span<T> p) {
                      save_weights(detail::RunWeights<T>{run.description(), p}, file);
                  },
                  run.parameters());
          }) {}
    explicit BestWeights(const char* file) : BestWeights(std::filesystem::path(file)) {}
    template <std::invocable F>
    explicit BestWeights(F save) : save_([save = std::move(save)](TrainingRun&) { save(); }) {}

    /// \throws UsageError without validation
    void begin(TrainingRun& run) const {
        if (!run.validates) throw UsageError("BestWeights looks at the validation loss: give fit a validation set");
    }
    /// \throws Diverged rather than save numbers that are not finite; IoError
    void epoch_ended(TrainingRun& run) const {
        if (run.history.best() != run.epoch) return;
        run.expect_finite();
        save_(run);
    }

  private:
    std::function<void(TrainingRun&)> save_;
};

}  // namespace chromatid
