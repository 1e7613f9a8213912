// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/backend/cpu/conv_pool_input.hpp>
#include <chromatid/backend/cpu/conv_pool_packing.hpp>
#include <chromatid/backend/cpu/conv_tile.hpp>

#define CHROMATID_KERNELS <chromatid/backend/cpu/kernels/conv_pool.inc>
#include <chromatid/backend/cpu/kernels/for_each_isa.inc>

namespace chromatid::cpu {

/// Floats of scratch memory that `conv_pool` takes, however many windows; enough for each instruction set.
inline Index conv_pool_scratch(const ConvPoolGeometry& g) {
    const Index narrow = conv_pool_layout(g, plain::lanes, plain::conv_tile_rows).size;  // AVX2 has the same tile
#if defined(__x86_64__)
    return std::max(narrow, conv_pool_layout(g, avx512::lanes, avx512::conv_tile_rows).size);
#else
    return narrow;
#endif
}

/// The fused run of `ConvPoolGeometry` in inference: x (rows, length, channels), y (rows, out_length, features).
///
/// Where the first four channels of a dense window are one-hot (of a first layer: both strands wanted, or few channels) its letters are
/// looked up as base codes are, and the result has the same bits. Elements do not depend on the other windows of the call.
inline void conv_pool(const ConvPoolGeometry& g, const Windows<float>& x, const ConvPoolParameters<const float>& parameters, float* y,
                      float* scratch) {
    CHROMATID_DISPATCH(conv_pool, g, x, parameters, y, scratch);
}

}  // namespace chromatid::cpu
