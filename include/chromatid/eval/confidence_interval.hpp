// SPDX-License-Identifier: MIT
#pragma once

namespace chromatid {

/// Where a measure lies, by its spread over resampled data.
struct ConfidenceInterval {
    double low = 0;
    double high = 0;
    double standard_error = 0;  ///< standard deviation over the replicates
};

}  // namespace chromatid
