// SPDX-License-Identifier: MIT  (stand-in until the kernels are there)
#pragma once
#include <chromatid/backend/cpu/conv_pool.hpp>
#include <chromatid/core/draws.hpp>
#include <stdexcept>
namespace chromatid::cpu {
inline Index conv_pool_tape(const ConvPoolGeometry&, Index) { return 16; }
inline Index conv_pool_training_scratch(const ConvPoolGeometry&) { return 16; }
inline void conv_pool_forward(const ConvPoolGeometry&, const Windows<float>&, const Draws&, Index, const ConvPoolParameters<const float>&, float*, float*, float*) { throw std::runtime_error("stub"); }
inline void conv_pool_backward(const ConvPoolGeometry&, const Windows<float>&, const Draws&, Index, const ConvPoolParameters<const float>&, const float*, const float*, float*, const ConvPoolParameters<float>&, const float*, float*) { throw std::runtime_error("stub"); }
}
