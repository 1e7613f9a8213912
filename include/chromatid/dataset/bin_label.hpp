// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

namespace chromatid {

/// What is known of a bin for one factor in one cell: the challenge's B, U and A. As a number it is the target of `Batch` and the label that the
/// measures of eval/ take.
enum class BinLabel : std::int8_t {
    ambiguous = -1,  ///< neither bound nor unbound for sure: takes no part in training and scoring
    unbound = 0,
    bound = 1
};

}  // namespace chromatid
