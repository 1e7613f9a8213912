// SPDX-License-Identifier: MIT
#include "parts.cuh"
#include "parts.hpp"

void benchmark::measure_tf32(Rows& rows, const Options& options) { measure<chromatid::TF32>(rows, options, "tf32"); }
