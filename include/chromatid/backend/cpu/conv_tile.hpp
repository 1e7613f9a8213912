// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/backend/cpu/conv_pool_layout.hpp>

#include <algorithm>
#include <cstdint>
#include <limits>

/// Tiles of the convolution and of the dense layer behind it, for kernels of fused runs: `conv_tile<Coded>`, `dense_tile`.
#define CHROMATID_KERNELS <chromatid/backend/cpu/kernels/conv_tile.inc>
#include <chromatid/backend/cpu/kernels/for_each_isa.inc>
