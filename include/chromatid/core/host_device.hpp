// SPDX-License-Identifier: MIT
#pragma once

/// Before a function that kernels call too: nvcc then compiles it for both sides, any other compiler sees nothing.
#if defined(__CUDACC__)
#define CHROMATID_HOST_DEVICE __host__ __device__
#else
#define CHROMATID_HOST_DEVICE
#endif

/// Before a loop of a kernel whose values shall lie in registers: unrolled on a device, a plain loop elsewhere.
#if defined(__CUDA_ARCH__)
#define CHROMATID_DEVICE_UNROLL _Pragma("unroll")
#else
#define CHROMATID_DEVICE_UNROLL
#endif
