// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/optim/rate_schedule.hpp>

#include <cmath>
#include <cstdio>
#include <string>

namespace chromatid {

/// Learning rate times `per_epoch`^epochs, step by step.
struct ExponentialDecay {
    double per_epoch = 0.95;

    double factor(const TrainingMoment& at) const { return std::pow(per_epoch, at.epochs); }
    std::string to_text() const {
        char text[64];
        std::snprintf(text, sizeof text, "exponential, %.17g per epoch", per_epoch);
        return text;
    }
};

}  // namespace chromatid
