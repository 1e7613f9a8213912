// SPDX-License-Identifier: MIT
#include "parts.cuh"
#include "parts.hpp"

void benchmark::measure_f16(Rows& rows, const Options& options) { measure<chromatid::F16>(rows, options, "f16"); }
