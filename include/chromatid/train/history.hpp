// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/index.hpp>

#include <cmath>
#include <cstddef>
#include <limits>
#include <string>
#include <vector>

namespace chromatid {

/// What a training run came to, epoch by epoch.
struct History {
    static constexpr double none = std::numeric_limits<double>::quiet_NaN();

    struct Epoch {
        double loss = none;                ///< mean over the entries that take part, with dropout, while the parameters changed
        double accuracy = none;            ///< share of entries that are on the target's side; NaN for a loss without such a thing
        double validation_loss = none;     ///< of the parameters at the end of the epoch; NaN without validation, as the next
        double validation_accuracy = none;
        double rate = none;                ///< learning rate of the last step
        double seconds = 0;                ///< with validation
        double waiting = 0;                ///< share of that time in which no batch was ready
        double windows_per_second = 0;     ///< in training
    };

    std::vector<Epoch> epochs;
    std::string stopped;  ///< why training ended before the last epoch; empty where it did not

    bool empty() const { return epochs.empty(); }
    const Epoch& last() const { return epochs.back(); }

    /// The epoch with the least validation loss, counted from 0, the first of equals; -1 where there is none.
    Index best() const {
        Index at = -1;
        for (std::size_t e = 0; e < epochs.size(); ++e)
            if (const double loss = epochs[e].validation_loss;
                !std::isnan(loss) && (at < 0 || loss < epochs[static_cast<std::size_t>(at)].validation_loss))
                at = static_cast<Index>(e);
        return at;
    }
};

}  // namespace chromatid
