// SPDX-License-Identifier: MIT
#include "parts.cuh"
#include "parts.hpp"

void benchmark::measure_bf16(Rows& rows, const Options& options) { measure<chromatid::BF16>(rows, options, "bf16"); }
