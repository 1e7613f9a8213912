// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/optim/rate_schedule.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numbers>
#include <string>

namespace chromatid {

/// Learning rate along half a cosine, from 1 down to `last` of it over so many epochs, step by step; Loshchilov and Hutter 2017.
///
///     factor = last + (1 - last) (1 + cos(pi min(1, epochs gone by / epochs))) / 2
struct CosineDecay {
    double epochs = 100;
    double last = 0;

    double factor(const TrainingMoment& at) const {
        const double part = epochs > 0 ? std::min(1.0, at.epochs / epochs) : 1.0;
        return last + (1 - last) * (1 + std::cos(std::numbers::pi * part)) / 2;
    }
    std::string to_text() const {
        char text[96];
        std::snprintf(text, sizeof text, "cosine to %.17g over %.17g epochs", last, epochs);
        return text;
    }
};

}  // namespace chromatid
