// SPDX-License-Identifier: MIT
#pragma once

#include "bin_table.hpp"
#include "scan_store.hpp"

#include <chromatid/eval/precision_recall_curve.hpp>
#include <chromatid/scan/scan_regions.hpp>

namespace factornet {

/// The smallest threshold at which calling bins bound has a precision, on the bins that have both a score and a label.
/// \param labels  1, 0, -1, on chromosomes as the genome names them
/// \return the threshold, and the precision and recall that it has
/// \throws chromatid::UsageError where no bin has both, where no bin is bound or none unbound, and where no threshold is so precise
chromatid::PrecisionRecall threshold_of_precision(double precision, const chromatid::ScanRegions& regions, const ScanStore& store,
                                                  BinTable labels);

}  // namespace factornet
