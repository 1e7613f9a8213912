// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/backend/cuda/basic_cuda.hpp>
#include <chromatid/backend/cuda/gpu.cuh>

#include <type_traits>

namespace chromatid {

/// The backend of NVIDIA GPUs, sm_80 and later: `Model<Net, In, Cuda<>>` runs on a device what `Model<Net, In, Cpu<float>>` runs on the
/// processor. For .cu files, compiled by nvcc with C++20; link cudart, cublasLt and cudnn (CMake: the component `cuda`).
///
///     using Backend = Cuda<float, F16>;
///     Backend::Context on(0);  // device 0; throws NoDevice where there is none, and never falls back to the processor
///     Model<FactorNet, Shape<1000, 6>, Backend> model;
///
/// Arrays are float32 in device memory; sums are float32. Results are the same bits in every run on the same kind of device.
///
/// \tparam S          float
/// \tparam Precision  how products round their factors: `Exact32`, `TF32`, `F16` or `BF16`
/// \tparam Math       exact or fast functions in the gates of recurrent layers, as for `Cpu`
/// \tparam Runs       `Fused` or `Unfused`: whether runs of layers become one kernel, as for `Cpu`
template <class S = float, class Precision = Exact32, class Math = ExactMath, class Runs = Fused>
    requires std::is_same_v<S, float>
using Cuda = cuda::BasicCuda<cuda::Gpu, Precision, Math, Runs>;

static_assert(Backend<Cuda<>>);

}  // namespace chromatid
