// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/backend/cuda/basic_cuda.hpp>
#include <chromatid/backend/cuda/emulator.hpp>

namespace chromatid {

/// `Cuda` without a device: its kernels and its order of calls, run by `cuda::Emulator` on one thread. To test networks and layers of your
/// own where there is no GPU.
template <class Precision = Exact32, class Math = ExactMath, class Runs = Fused>
using EmulatedCuda = cuda::BasicCuda<cuda::Emulator, Precision, Math, Runs>;

}  // namespace chromatid
