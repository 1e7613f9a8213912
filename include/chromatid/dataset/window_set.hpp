// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/index.hpp>
#include <chromatid/dataset/bin.hpp>

#include <cstdint>
#include <vector>

namespace chromatid {

/// The positives of a part of a data set, and what is common to its windows.
struct WindowSet {
    struct Positive {
        Bin bin;
        std::int64_t shift = 0;  ///< the bin moves by up to so many bases
        Index cell = 0;
    };

    std::vector<Positive> positives;
    std::vector<Index> chromosomes;  ///< where windows may lie, as places in the list of chromosomes

    /// (positives, tasks): 1, 0 or -1 (`ambiguous`); empty where all are 1.
    std::vector<std::int8_t> labels;
    /// (cells, tasks): labels of a cell's negatives, 0, or -1 for a factor that was not measured there; empty where all are 0.
    std::vector<std::int8_t> negative_labels;
    /// Of each positive, feature i in bit i, by `AnnotationRule::peak`; else empty.
    std::vector<std::uint8_t> annotations;

    std::int64_t negative_shift = 0;
    Index tasks = 1;
    std::int64_t width = 200;  ///< bases of a bin
};

}  // namespace chromatid
