// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/index.hpp>

namespace chromatid::cuda {

/// Blocks of a launch.
struct Grid {
    Index x = 1, y = 1;
};

/// `n / per_block`, rounded up.
constexpr Index blocks_of(Index n, Index per_block) { return (n + per_block - 1) / per_block; }

}  // namespace chromatid::cuda
