// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/tensor/tensor.hpp>

#include <algorithm>
#include <cmath>
#include <vector>

/// The equations of the layers as plain loops in double: what the layers are tested against. The batch is the first extent; parameters are
/// a layer's slice of the flat buffer.
namespace chromatid::test::naive {

inline double linear(double x) { return x; }
inline double relu(double x) { return x > 0 ? x : 0; }
inline double logistic(double x) { return 1 / (1 + std::exp(-x)); }
inline double hard_sigmoid(double x) { return std::min(1.0, std::max(0.0, 0.2 * x + 0.5)); }
inline double hyperbolic_tangent(double x) { return std::tanh(x); }

using Function = double (*)(double);

struct Convolution {
    Index filters, width;
    Index stride = 1, dilation = 1;
    bool same = false, bias = true;
    Function activation = linear;
};

inline Tensor<double> conv1d(const Convolution& conv, const Tensor<double>& x, const double* parameters) {
    const Index length = x.extent(1), channels = x.extent(2), span = 1 + (conv.width - 1) * conv.dilation;
    const Index out_length = conv.same ? (length + conv.stride - 1) / conv.stride : 1 + (length - span) / conv.stride;
    const Index zeros = conv.same ? std::max<Index>(0, (out_length - 1) * conv.stride + span - length) : 0;
    const double* const bias = parameters + conv.width * channels * conv.filters;
    Tensor<double> y({x.extent(0), out_length, conv.filters});
    for (Index b = 0; b < x.extent(0); ++b)
        for (Index t = 0; t < out_length; ++t)
            for (Index f = 0; f < conv.filters; ++f) {
                double sum = conv.bias ? bias[f] : 0;
                for (Index j = 0; j < conv.width; ++j) {
                    const Index position = t * conv.stride + j * conv.dilation - zeros / 2;
                    if (position < 0 || position >= length) continue;
                    for (Index c = 0; c < channels; ++c) sum += x(b, position, c) * parameters[(j * channels + c) * conv.filters + f];
                }
                y(b, t, f) = conv.activation(sum);
            }
    return y;
}

/// Of the last axis, whatever stands before it.
inline Tensor<double> dense(Index units, bool has_bias, Function activation, const Tensor<double>& x, const double* parameters) {
    std::vector<Index> extents(x.extents().begin(), x.extents().end());
    const Index features = extents.back();
    extents.back() = units;
    Tensor<double> y(extents);
    for (Index row = 0; row < x.size() / features; ++row)
        for (Index u = 0; u < units; ++u) {
            double sum = has_bias ? parameters[features * units + u] : 0;
            for (Index f = 0; f < features; ++f) sum += x.data()[row * features + f] * parameters[f * units + u];
            y.data()[row * units + u] = activation(sum);
        }
    return y;
}

inline Tensor<double> max_pool1d(Index window, Index stride, const Tensor<double>& x) {
    Tensor<double> y({x.extent(0), 1 + (x.extent(1) - window) / stride, x.extent(2)});
    for (Index b = 0; b < y.extent(0); ++b)
        for (Index t = 0; t < y.extent(1); ++t)
            for (Index c = 0; c < y.extent(2); ++c) {
                y(b, t, c) = x(b, t * stride, c);
                for (Index j = 1; j < window; ++j) y(b, t, c) = std::max(y(b, t, c), x(b, t * stride + j, c));
            }
    return y;
}

inline Tensor<double> flatten(const Tensor<double>& x) {
    Tensor<double> y({x.extent(0), x.size() / x.extent(0)});
    std::ranges::copy(x.span(), y.data());
    return y;
}

/// Number of parameters of one direction of an LSTM.
inline Index lstm_size(Index channels, Index units) { return (channels + units + 1) * 4 * units; }

/// One direction; gates in the order i, f, c, o.
inline Tensor<double> lstm(Index units, Function gate, bool backwards, const Tensor<double>& x, const double* parameters) {
    const Index length = x.extent(1), channels = x.extent(2);
    const double *const recurrent = parameters + channels * 4 * units, *const bias = recurrent + units * 4 * units;
    Tensor<double> y({x.extent(0), length, units});
    for (Index b = 0; b < x.extent(0); ++b) {
        std::vector<double> h(static_cast<std::size_t>(units)), c(h);
        for (Index step = 0; step < length; ++step) {
            const Index t = backwards ? length - 1 - step : step;
            const std::vector<double> before = h;
            const auto z = [&](Index of_gate, Index u) {
                const Index column = of_gate * units + u;
                double sum = bias[column];
                for (Index k = 0; k < channels; ++k) sum += x(b, t, k) * parameters[k * 4 * units + column];
                for (Index k = 0; k < units; ++k) sum += before[static_cast<std::size_t>(k)] * recurrent[k * 4 * units + column];
                return sum;
            };
            for (Index u = 0; u < units; ++u) {
                const std::size_t s = static_cast<std::size_t>(u);
                c[s] = gate(z(1, u)) * c[s] + gate(z(0, u)) * std::tanh(z(2, u));
                h[s] = gate(z(3, u)) * std::tanh(c[s]);
                y(b, t, u) = h[s];
            }
        }
    }
    return y;
}

/// Arrays side by side along the last axis.
inline Tensor<double> concat(const Tensor<double>& a, const Tensor<double>& b) {
    std::vector<Index> extents(a.extents().begin(), a.extents().end());
    const Index left = extents.back(), right = b.extents().back();
    extents.back() = left + right;
    Tensor<double> y(extents);
    for (Index row = 0; row < a.size() / left; ++row) {
        std::copy_n(a.data() + row * left, left, y.data() + row * (left + right));
        std::copy_n(b.data() + row * right, right, y.data() + row * (left + right) + left);
    }
    return y;
}

inline Tensor<double> bilstm(Index units, Function gate, const Tensor<double>& x, const double* parameters) {
    return concat(lstm(units, gate, false, x, parameters), lstm(units, gate, true, x, parameters + lstm_size(x.extent(2), units)));
}

}  // namespace chromatid::test::naive
