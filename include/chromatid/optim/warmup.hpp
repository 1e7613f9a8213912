// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/optim/rate_schedule.hpp>

#include <algorithm>
#include <string>

namespace chromatid {

/// Learning rate that rises in equal parts over the first `steps` steps, 1/steps at the first, and follows another schedule meanwhile and
/// after.
struct Warmup {
    Index steps = 1000;
    RateSchedule then{};

    double factor(const TrainingMoment& at) const {
        const double risen = steps > 0 ? std::min(1.0, static_cast<double>(at.step + 1) / static_cast<double>(steps)) : 1.0;
        return risen * then.factor(at);
    }
    std::string to_text() const { return "rising over " + std::to_string(steps) + " steps, then " + then.to_text(); }
};

}  // namespace chromatid
