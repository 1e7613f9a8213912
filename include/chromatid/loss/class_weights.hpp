// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/error.hpp>
#include <chromatid/core/host_device.hpp>
#include <chromatid/core/index.hpp>

#include <cstdio>
#include <string>
#include <vector>

namespace chromatid {

/// Class weights as the entries of a loss read them, in the memory of whatever backend that runs on; null means 1.
struct WeightsView {
    const double* positive = nullptr;
    const double* negative = nullptr;

    CHROMATID_HOST_DEVICE double positive_of(Index task) const { return positive == nullptr ? 1.0 : positive[task]; }
    CHROMATID_HOST_DEVICE double negative_of(Index task) const { return negative == nullptr ? 1.0 : negative[task]; }
};

/// How much the bound and the unbound windows of each task count; each list has one weight per task, or none, which means 1.
struct ClassWeights {
    std::vector<double> positive{};
    std::vector<double> negative{};

    /// As long as the lists live and do not change.
    WeightsView view() const { return {positive.empty() ? nullptr : positive.data(), negative.empty() ? nullptr : negative.data()}; }

    /// \throws ShapeError when a list is neither empty nor as long as there are tasks
    void check(Index tasks) const {
        for (const std::vector<double>* list : {&positive, &negative})
            if (!list->empty() && static_cast<Index>(list->size()) != tasks)
                throw ShapeError(std::to_string(list->size()) + " class weights for " + std::to_string(tasks) +
                                 " tasks: give one for each, or none");
    }

    /// " weighted 2 1 against 1 0.5", nothing where all are 1.
    std::string to_text() const {
        if (positive.empty() && negative.empty()) return "";
        return " weighted" + text_of(positive) + " against" + text_of(negative);
    }

  private:
    static std::string text_of(const std::vector<double>& list) {
        if (list.empty()) return " 1";
        std::string text;
        char number[32];
        for (const double w : list) {
            std::snprintf(number, sizeof number, " %.17g", w);
            text += number;
        }
        return text;
    }
};

}  // namespace chromatid
