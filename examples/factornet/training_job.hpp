// SPDX-License-Identifier: MIT
#pragma once

#include "processes.hpp"

#include <chromatid/core/index.hpp>
#include <chromatid/dataset/batch.hpp>
#include <chromatid/network/any_model.hpp>
#include <chromatid/network/factornet_sizes.hpp>
#include <chromatid/optim/adam.hpp>
#include <chromatid/optim/sgd.hpp>
#include <chromatid/train/callback_list.hpp>
#include <chromatid/train/trainer.hpp>

#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace factornet {

/// Batches of a source whose type is forgotten; it must outlive this.
class AnyBatches {
  public:
    template <chromatid::BatchSource S>
    explicit AnyBatches(const S& source)
        : batches_([&source](chromatid::Index epoch) { return static_cast<chromatid::Index>(source.batches(epoch)); }),
          load_([&source](chromatid::Index epoch, chromatid::Index number, chromatid::Batch& batch) { source.load(epoch, number, batch); }),
          text_(source.to_text()) {}

    chromatid::Index batches(chromatid::Index epoch) const { return batches_(epoch); }
    void load(chromatid::Index epoch, chromatid::Index number, chromatid::Batch& batch) const { load_(epoch, number, batch); }
    const std::string& to_text() const { return text_; }

  private:
    std::function<chromatid::Index(chromatid::Index)> batches_;
    std::function<void(chromatid::Index, chromatid::Index, chromatid::Batch&)> load_;
    std::string text_;
};

/// A training run, whatever it runs on.
struct TrainingJob {
    chromatid::AnyModel<>& model;  ///< has the first weights, and gets the last ones
    chromatid::FactorNetSizes sizes;
    std::vector<chromatid::Index> swapped_tracks;
    std::variant<chromatid::Adam, chromatid::Sgd> optimizer;
    chromatid::TrainerOptions how;
    AnyBatches training;
    std::optional<AnyBatches> validation;
    chromatid::CallbackList callbacks;
    std::optional<Processes> processes;  ///< that share each batch, on the processor
};

}  // namespace factornet
