// SPDX-License-Identifier: MIT
#pragma once

/// Before a function that kernels call too: nvcc then compiles it for both sides, any other compiler sees nothing.
#if defined(__CUDACC__)
#define CHROMATID_HOST_DEVICE __host__ __device__
#else
#define CHROMATID_HOST_DEVICE
#endif
