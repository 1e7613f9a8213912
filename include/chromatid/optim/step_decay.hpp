// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/optim/rate_schedule.hpp>

#include <cmath>
#include <cstdio>
#include <string>

namespace chromatid {

/// Learning rate times `by` after every `every` epochs: by^floor(epoch / every).
struct StepDecay {
    Index every = 10;
    double by = 0.1;

    double factor(const TrainingMoment& at) const { return std::pow(by, static_cast<double>(at.epoch / every)); }
    std::string to_text() const {
        char text[96];
        std::snprintf(text, sizeof text, "times %.17g every %lld epochs", by, static_cast<long long>(every));
        return text;
    }
};

}  // namespace chromatid
