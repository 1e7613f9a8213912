// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/error.hpp>
#include <chromatid/eval/average_ranks.hpp>

#include <cmath>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace chromatid {

/// FactorNet's bagging: the mean over models of the ranks of their scores, scaled so that 0 is the lowest rank and 1 the highest. Ranks do
/// not depend on how a model spreads its probabilities. Equal scores share the mean of their ranks; a model whose scores are all equal adds
/// 0.5.
class RankAverage {
  public:
    /// Adds the scores of a model.
    /// \param weight  how much the model counts, above 0
    /// \throws UsageError for another number of scores than before, NaN, or a weight that is not above 0
    void add(std::span<const float> scores, double weight = 1) {
        if (!(weight > 0) || !std::isfinite(weight)) throw UsageError("weight " + std::to_string(weight) + ": weights are numbers above 0");
        if (weights_ > 0) detail::check_as_many(scores.size(), sums_.size(), "scores of the models before");
        sums_.resize(scores.size());
        const std::vector<double> ranks = average_ranks(scores);
        const double span = static_cast<double>(scores.size()) - 1;
        for (std::size_t i = 0; i < ranks.size(); ++i) sums_[i] += weight * (span > 0 ? (ranks[i] - 1) / span : 0.5);
        weights_ += weight;
    }

    /// The average, one number in [0, 1] for each element.
    /// \throws UsageError where no model was added
    std::vector<float> result() const {
        if (weights_ == 0) throw UsageError("an average needs at least one model");
        std::vector<float> average(sums_.size());
        for (std::size_t i = 0; i < sums_.size(); ++i) average[i] = static_cast<float>(sums_[i] / weights_);
        return average;
    }

  private:
    std::vector<double> sums_;
    double weights_ = 0;
};

}  // namespace chromatid
