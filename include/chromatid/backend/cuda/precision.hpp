// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>
#include <type_traits>

namespace chromatid {

/// Precision policy of `Cuda`: products and sums in float32 on the ordinary units (default). The reference: within rounding of
/// `Cpu<float>`.
struct Exact32 {
    static constexpr std::string_view name() { return "exact32"; }
};

/// Precision policy of `Cuda`: products of matrices round their factors to 10 bits of mantissa, with float32's range, and add in float32.
struct TF32 {
    static constexpr std::string_view name() { return "tf32"; }
};

/// Precision policy of `Cuda`: factors are rounded to half precision (10 bits, up to 65,504), sums are float32. Letters are exact in it.
/// Gradients, which would fall below its smallest number, are scaled by a power of two in kernels and rounded as `TF32` does in products.
struct F16 {
    static constexpr std::string_view name() { return "f16"; }
};

/// Precision policy of `Cuda`: factors are rounded to bfloat16 (7 bits, float32's range), sums are float32.
struct BF16 {
    static constexpr std::string_view name() { return "bf16"; }
};

namespace cuda {

/// How the factors of a product of matrices round. Products with a transposed factor are those of the backward pass, where one factor is a
/// gradient: half precision would round small ones to 0, so they take the format with the same mantissa and float32's range.
template <class Precision, bool TransposedA, bool TransposedB>
using ProductPrecision = std::conditional_t<std::is_same_v<Precision, F16> && (TransposedA || TransposedB), TF32, Precision>;

}  // namespace cuda

}  // namespace chromatid
