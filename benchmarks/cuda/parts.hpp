// SPDX-License-Identifier: MIT
#pragma once

#include "measure.hpp"

namespace benchmark {

/// Measures all parts at one precision; each in a file of its own, so that they compile side by side.
/// \throws chromatid::DeviceError without a device
void measure_exact32(Rows& rows, const Options& options);
void measure_tf32(Rows& rows, const Options& options);
void measure_f16(Rows& rows, const Options& options);
void measure_bf16(Rows& rows, const Options& options);

}  // namespace benchmark
