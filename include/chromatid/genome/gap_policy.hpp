// SPDX-License-Identifier: MIT
#pragma once

#include <limits>

namespace chromatid {

/// What a base of a signal file reads as where the file holds no value (a gap) or a NaN: 0 by default, as FactorNet has it.
struct GapPolicy {
    float value = 0;

    static constexpr GapPolicy zero() { return {}; }
    static constexpr GapPolicy nan() { return {std::numeric_limits<float>::quiet_NaN()}; }
    static constexpr GapPolicy fill(float value) { return {value}; }
};

}  // namespace chromatid
