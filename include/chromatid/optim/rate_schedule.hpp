// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/index.hpp>

#include <concepts>
#include <functional>
#include <string>
#include <utility>

namespace chromatid {

/// Where a run stands when it is about to make a step.
struct TrainingMoment {
    Index step = 0;     ///< steps made so far
    Index epoch = 0;    ///< from 0
    double epochs = 0;  ///< epochs gone by, with the part of the one at hand: 2.5 in the middle of the third
};

/// The learning rate at each step, as a factor of the optimizer's own: any of `StepDecay`, `ExponentialDecay`, `CosineDecay`, `Warmup`, or
/// a type of one's own with `double factor(const TrainingMoment&) const` and `std::string to_text() const`. Without one the factor is 1.
class RateSchedule {
  public:
    RateSchedule() = default;
    template <class S>
        requires requires(const S& schedule, const TrainingMoment& moment) {
            { schedule.factor(moment) } -> std::convertible_to<double>;
            { schedule.to_text() } -> std::convertible_to<std::string>;
        } && (!std::same_as<S, RateSchedule>)
    RateSchedule(S schedule)
        : text_(schedule.to_text()), factor_([s = std::move(schedule)](const TrainingMoment& at) { return s.factor(at); }) {}

    double factor(const TrainingMoment& at) const { return factor_ ? factor_(at) : 1.0; }
    /// Its name and options, equal for equal schedules.
    const std::string& to_text() const { return text_; }

  private:
    std::string text_ = "constant";
    std::function<double(const TrainingMoment&)> factor_;
};

}  // namespace chromatid
