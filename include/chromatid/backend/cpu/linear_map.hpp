// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/backend/cpu/gemm.hpp>
#include <chromatid/backend/cpu/rows.hpp>
#include <chromatid/core/activation.hpp>

#include <type_traits>

namespace chromatid::cpu {

/// Activations that `linear_map` applies to a product's sums before they are stored.
template <class F, class T>
inline constexpr bool fused_with_products = std::is_same_v<T, float> && (std::is_same_v<F, ReLU> || std::is_same_v<F, Linear>);

/// y = f(x W + bias) for x (m, k), W (k, n), y (m, n) and bias (n) or null; k is at least 1. An f that is not `fused_with_products` is left
/// to the caller: y = x W + bias.
///
/// In float the sums begin at the bias, and are otherwise those of `gemm`.
template <class F, class T>
void linear_map(Index m, Index n, Index k, const T* x, const T* w, const T* bias, T* y) {
    if constexpr (std::is_same_v<T, float>) {
        detail::gemm_in_tiles({.m = m, .n = n, .k = k, .a = x, .row_stride = k, .k_stride = 1,
                               .b = w, .b_k_stride = n, .b_column_stride = 1,
                               .add = false, .c = y, .ldc = n, .bias = bias, .relu = std::is_same_v<F, ReLU>});
    } else {
        gemm<false, false>(m, n, k, x, k, w, n, T{0}, y, n);
        if (bias != nullptr) add_row_to_rows(m, n, bias, y);
    }
}

}  // namespace chromatid::cpu
