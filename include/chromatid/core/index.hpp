// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>

namespace chromatid {

/// Signed type of every size, offset and coordinate in memory (the type Eigen and xtensor use too).
using Index = std::ptrdiff_t;

/// Marks a size that is known at run time only: `Conv1D<dyn, 26>` has a run-time number of filters and a static width.
inline constexpr Index dyn = -1;

}  // namespace chromatid
