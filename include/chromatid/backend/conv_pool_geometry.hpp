// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/index.hpp>

namespace chromatid {

/// Sizes of a fused run of layers: convolution, activation, dropout, a dense layer at each position, activation, maximum over windows.
///
///     a[t, f] = act(bias[f] + sum_{j < width, c} x[t * step + j * dilation, c] * kernel[j, c, f])        t < conv_length()
///     z[t, u] = act(dense_bias[u] + sum_f dropped(a)[t, f] * dense_kernel[f, u])                         z = dropped(a) where units is 0
///     y[t, u] = max_{j < window} z[t * stride + j * spacing, u]                                          t < out_length
///
/// Each activation is ReLU or none. Dropout counts in training only. `dilation` and `spacing` are above 1 where a genome scan runs the
/// layers of a network at every position instead of every stride-th.
struct ConvPoolGeometry {
    Index length, channels;  ///< of one row of the input
    Index filters, width;
    Index step = 1, dilation = 1;
    bool conv_relu = true;
    Index units = 0;  ///< of the dense layer, 0 for none
    bool dense_relu = true;
    Index window = 1, stride = 1, spacing = 1;
    Index out_length;
    float dropout = 0.0F;  ///< share of `a` dropped in training

    constexpr Index conv_length() const { return (length - 1 - (width - 1) * dilation) / step + 1; }
    /// Channels of the output.
    constexpr Index features() const { return units > 0 ? units : filters; }
};

/// Where the parameters of such a run lie, or their gradients. A null bias means none.
template <class T>
struct ConvPoolParameters {
    T* kernel;        ///< (width, channels, filters)
    T* bias;          ///< (filters)
    T* dense_kernel;  ///< (filters, units); null without the dense layer
    T* dense_bias;    ///< (units)
};

}  // namespace chromatid
