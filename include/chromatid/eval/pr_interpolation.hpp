// SPDX-License-Identifier: MIT
#pragma once

namespace chromatid {

/// What is taken for the precision between two points of a precision-recall curve. Areas differ, most where positives are few or scores are
/// tied, so a figure without its interpolation says little.
enum class PrInterpolation {
    /// False positives grow evenly with true ones between two points, in steps of one true positive, with straight lines between steps; the
    /// precision of the first block is constant. Davis and Goadrich, ICML 2006; `auc.davis.goadrich` of the R package PRROC, by which the
    /// ENCODE-DREAM challenge ranked.
    davis_goadrich,
    /// The same curve with infinitely small steps, integrated exactly; `auc.integral` of PRROC.
    davis_goadrich_integral,
    /// Straight lines between points, from precision 1 at recall 0. Too high where scores are tied.
    trapezoid,
    /// Average precision: each block's precision over the recall that it adds, no interpolation.
    average_precision
};

}  // namespace chromatid
