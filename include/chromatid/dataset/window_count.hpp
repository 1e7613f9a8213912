// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/index.hpp>
#include <chromatid/dataset/chromosome_split.hpp>

#include <string>

namespace chromatid {

/// Windows of one cell on one chromosome, for a look before training. Negatives are not drawn beforehand; an epoch has so many per
/// positive.
struct WindowCount {
    std::string cell;
    std::string chromosome;
    Part part = Part::training;
    Index positives = 0;
};

}  // namespace chromatid
