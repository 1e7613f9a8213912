// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/host_device.hpp>

#include <bit>
#include <cmath>
#include <cstdint>

#if defined(__CUDA_ARCH__)
#include <cuda_bf16.h>
#include <cuda_fp16.h>
#endif

namespace chromatid::cuda {

/// IEEE half precision as bits, the same on both sides: round to nearest even, infinities above 65,504, subnormal numbers kept.
struct Half {
    CHROMATID_HOST_DEVICE static std::uint16_t from_float(float x) {
#if defined(__CUDA_ARCH__)
        return __half_as_ushort(__float2half_rn(x));
#else
        const auto bits = std::bit_cast<std::uint32_t>(x);
        const auto sign = static_cast<std::uint16_t>(bits >> 16 & 0x8000U);
        const std::uint32_t magnitude = bits & 0x7FFFFFFFU;
        if (magnitude > 0x7F800000U) return static_cast<std::uint16_t>(sign | 0x7E00U);  // NaN
        if (magnitude >= 0x47800000U) return static_cast<std::uint16_t>(sign | 0x7C00U);
        if (magnitude < 0x38800000U) {  // subnormal: units of 2^-24, rounded by the addition
            const float shifted = std::bit_cast<float>(magnitude) + 0.5F;
            return static_cast<std::uint16_t>(sign | (std::bit_cast<std::uint32_t>(shifted) - 0x3F000000U));
        }
        const std::uint32_t rounded = magnitude - 0x38000000U + 0x0FFFU + (magnitude >> 13 & 1U);
        return static_cast<std::uint16_t>(sign | rounded >> 13);
#endif
    }
    CHROMATID_HOST_DEVICE static float to_float(std::uint16_t half) {
#if defined(__CUDA_ARCH__)
        return __half2float(__ushort_as_half(half));
#else
        const std::uint32_t sign = (half & 0x8000U) << 16, exponent = half >> 10 & 0x1FU, mantissa = half & 0x3FFU;
        if (exponent == 0) return std::copysign(std::ldexp(static_cast<float>(mantissa), -24), sign == 0 ? 1.0F : -1.0F);
        if (exponent == 31) return std::bit_cast<float>(sign | 0x7F800000U | mantissa << 13);
        return std::bit_cast<float>(sign | (exponent + 112) << 23 | mantissa << 13);
#endif
    }
    /// Two numbers, the first one in the lower half.
    CHROMATID_HOST_DEVICE static std::uint32_t pack(float first, float second) {
        return from_float(first) | static_cast<std::uint32_t>(from_float(second)) << 16;
    }
};

/// bfloat16 as bits: the upper half of a float, rounded to nearest even.
struct Bfloat {
    CHROMATID_HOST_DEVICE static std::uint16_t from_float(float x) {
#if defined(__CUDA_ARCH__)
        return __bfloat16_as_ushort(__float2bfloat16_rn(x));
#else
        const auto bits = std::bit_cast<std::uint32_t>(x);
        if ((bits & 0x7FFFFFFFU) > 0x7F800000U) return static_cast<std::uint16_t>(bits >> 16 | 0x40U);
        return static_cast<std::uint16_t>((bits + 0x7FFFU + (bits >> 16 & 1U)) >> 16);
#endif
    }
    CHROMATID_HOST_DEVICE static float to_float(std::uint16_t bfloat) {
#if defined(__CUDA_ARCH__)
        return __bfloat162float(__ushort_as_bfloat16(bfloat));
#else
        return std::bit_cast<float>(static_cast<std::uint32_t>(bfloat) << 16);
#endif
    }
    CHROMATID_HOST_DEVICE static std::uint32_t pack(float first, float second) {
        return from_float(first) | static_cast<std::uint32_t>(from_float(second)) << 16;
    }
};

}  // namespace chromatid::cuda
