// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/index.hpp>
#include <chromatid/scan/scan_regions.hpp>
#include <chromatid/tensor/view.hpp>

namespace chromatid {

/// Scores of neighbouring bins, as a scan gives them out; the memory is the scan's.
struct ScanScores {
    ScanRegions::Run bins;
    View<const float> scores;  ///< (bins.count, columns)
    Index masked = 0;          ///< bins among them that score 0 without being looked at
};

}  // namespace chromatid
