// SPDX-License-Identifier: MIT
#include "parts.cuh"
#include "parts.hpp"

void benchmark::measure_exact32(Rows& rows, const Options& options) { measure<chromatid::Exact32>(rows, options, "exact32"); }
