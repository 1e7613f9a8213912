// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

namespace chromatid {

/// The bins that a genome scan scores: `length` bases each, one every `stride` bases, counted from base 0 of each chromosome. By default
/// those of the ENCODE-DREAM challenge.
struct ScanBins {
    std::int64_t length = 200;
    std::int64_t stride = 50;

    friend bool operator==(const ScanBins&, const ScanBins&) = default;
};

}  // namespace chromatid
