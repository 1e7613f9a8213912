// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/index.hpp>
#include <chromatid/dataset/annotations.hpp>
#include <chromatid/dataset/bin.hpp>
#include <chromatid/dataset/epoch_rule.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace chromatid {

/// Where negatives come from, by name.
enum class NegativeRule {
    fresh,            ///< `FreshNegatives`: anywhere free, anew in each epoch; FactorNet's rule for several tasks
    non_overlapping,  ///< `NonOverlappingNegatives`: FactorNet's rule for a single task
    gc_matched,       ///< `GcMatchedNegatives`: fresh, with the G + C content of the positives
    tiled             ///< `TiledNegatives`: every free bin of the grid before one returns
};

/// What a window's annotations are taken from.
enum class AnnotationRule {
    shown_bin,  ///< the bin that is shown, as prediction has it
    peak        ///< FactorNet's: for a positive the peak that it stands for, for a negative its bin
};

/// How a data set is made; letters are the options of FactorNet's own program.
struct DataOptions {
    Index length = 1000;                       ///< -L, bases of a window
    std::vector<std::string> validation = {};  ///< -v, validation chromosomes
    std::vector<std::string> test = {};        ///< -t, chromosomes held out
    Index negatives = 1;                       ///< -n, negatives per positive, or `all_negatives`
    Index epochs = 100;                        ///< -e, needed by the rules that make all epochs beforehand
    Index batch = 100;                         ///< windows of a batch
    std::uint64_t seed = 420;                  ///< -s
    NegativeRule negative_rule = NegativeRule::fresh;
    EpochRule epoch_rule = EpochRule::whole;
    std::shared_ptr<const Annotations> annotations = nullptr;  ///< -g, where the network takes them
    AnnotationRule annotation_rule = AnnotationRule::shown_bin;
    bool reverse_complement = false;  ///< shows half of the training windows, drawn anew each epoch, from the other strand
    BinGrid grid = {};
    std::int64_t margin = 200;        ///< bases around a peak where no negative lies
    std::int64_t least_overlap = 76;  ///< single task: bases that a shifted bin shares with its peak
    std::int64_t shift = 20;          ///< several tasks: windows move by up to so many bases

    /// For `negatives`, with `NegativeRule::tiled`: every free bin of the grid in each epoch.
    static constexpr Index all_negatives = -1;
};

}  // namespace chromatid
