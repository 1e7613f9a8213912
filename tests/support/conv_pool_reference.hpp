// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/backend/conv_pool_geometry.hpp>
#include <chromatid/core/draws.hpp>
#include <chromatid/tensor/tensor.hpp>
#include <chromatid/tensor/windows.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <string>

#include "random_arrays.hpp"

namespace chromatid::test {

/// The parameters of a fused run, or their gradients.
template <class T>
struct ConvPoolArrays {
    explicit ConvPoolArrays(const ConvPoolGeometry& g)
        : kernel({g.width * g.channels, g.filters}), bias({g.filters}), dense_kernel({g.filters, g.units}), dense_bias({g.units}) {}

    std::array<Tensor<T>*, 4> all() { return {&kernel, &bias, &dense_kernel, &dense_bias}; }
    std::array<const Tensor<T>*, 4> all() const { return {&kernel, &bias, &dense_kernel, &dense_bias}; }
    ConvPoolParameters<T> pointers() { return {kernel.data(), bias.data(), dense_kernel.data(), dense_bias.data()}; }
    ConvPoolParameters<const T> pointers() const { return {kernel.data(), bias.data(), dense_kernel.data(), dense_bias.data()}; }

    Tensor<T> kernel, bias, dense_kernel, dense_bias;
};

/// With as many bins as the convolution's output has.
inline ConvPoolGeometry with_all_bins(ConvPoolGeometry g) {
    g.out_length = (g.conv_length() - 1 - (g.window - 1) * g.spacing) / g.stride + 1;
    return g;
}

inline std::string to_text(const ConvPoolGeometry& g) {
    std::string text;
    for (const Index n :
         {g.length, g.channels, g.filters, g.width, g.step, g.dilation, g.units, g.window, g.stride, g.spacing, g.out_length})
        text += std::to_string(n) + ' ';
    return text + (g.conv_relu ? "relu " : "linear ") + (g.dense_relu ? "relu " : "linear ") + std::to_string(g.dropout);
}

/// Numbers in [-1/2, 1/2), exact in float.
inline ConvPoolArrays<double> random_conv_pool_arrays(const ConvPoolGeometry& g, std::uint64_t seed) {
    Draw draw(seed);
    ConvPoolArrays<double> p(g);
    for (Tensor<double>* t : p.all()) *t = draw.array(t->extents(), 0.5);
    return p;
}

/// The rows of dense windows, both strands where both are wanted, in double.
inline Tensor<double> rows_in_double(const Windows<float>& x) {
    Tensor<double> rows({x.rows(), x.length, x.channels});
    for (Index r = 0; r < x.rows(); ++r)
        for (Index t = 0; t < x.length; ++t)
            for (Index c = 0; c < x.channels; ++c) {
                const float value = x.dense[(r % x.count * x.length + t) * x.channels + c];
                if (r < x.count) rows(r, t, c) = static_cast<double>(value);
                else rows(r, x.length - 1 - t, x.partner[c]) = static_cast<double>(value);
            }
    return rows;
}

/// The fused run of `ConvPoolGeometry` layer by layer in double, forward and backward: what kernels are tested against.
struct ConvPoolReference {
    Tensor<double> y, dx;
    ConvPoolArrays<double> gradients;

    /// \param rows   (rows, length, channels)
    /// \param draws  null in inference
    /// \param layer  by whose number dropout draws
    /// \param dy     (rows, out_length, features)
    ConvPoolReference(const ConvPoolGeometry& geometry, const Tensor<double>& rows, const Draws* draws, std::uint32_t layer,
                      const ConvPoolArrays<double>& parameters, const Tensor<double>& dy)
        : y({rows.extent(0), geometry.out_length, geometry.features()}),
          dx(rows.extents()),
          gradients(geometry),
          g(geometry),
          p(parameters) {
        for (Index r = 0; r < rows.extent(0); ++r) run(rows, dy, r, draws, layer);
    }

  private:
    double mask(const Draws* draws, std::uint32_t layer, Index row, Index element) const {
        if (draws == nullptr || g.dropout == 0.0F) return 1.0;
        const double share = static_cast<double>(draw_bits(*draws, layer, row, element)) / 65536.0;
        return share >= static_cast<double>(g.dropout) ? 1.0 / (1.0 - static_cast<double>(g.dropout)) : 0.0;
    }
    Index position(Index t, Index j) const { return t * g.step + j / g.channels * g.dilation; }

    void run(const Tensor<double>& x, const Tensor<double>& dy, Index r, const Draws* draws, std::uint32_t layer) {
        const Index length = g.conv_length(), features = g.features();
        Tensor<double> a({length, g.filters}), dropped({length, g.filters}), z({length, features});
        for (Index t = 0; t < length; ++t)
            for (Index f = 0; f < g.filters; ++f) {
                double sum = p.bias.data()[f];
                for (Index j = 0; j < g.width * g.channels; ++j) sum += x(r, position(t, j), j % g.channels) * p.kernel(j, f);
                a(t, f) = g.conv_relu ? std::max(sum, 0.0) : sum;
                dropped(t, f) = a(t, f) * mask(draws, layer, r, t * g.filters + f);
            }
        for (Index t = 0; t < length; ++t)
            for (Index u = 0; u < features; ++u) {
                double sum = g.units > 0 ? p.dense_bias.data()[u] : dropped(t, u);
                for (Index f = 0; g.units > 0 && f < g.filters; ++f) sum += dropped(t, f) * p.dense_kernel(f, u);
                z(t, u) = g.units > 0 && g.dense_relu ? std::max(sum, 0.0) : sum;
            }

        Tensor<double> dz({length, features}), da({length, g.filters});
        for (Index b = 0; b < g.out_length; ++b)
            for (Index u = 0; u < features; ++u) {
                Index best = b * g.stride;
                for (Index j = 1; j < g.window; ++j)
                    if (z(b * g.stride + j * g.spacing, u) > z(best, u)) best = b * g.stride + j * g.spacing;
                y(r, b, u) = z(best, u);
                dz(best, u) += dy(r, b, u);
            }
        for (Index t = 0; t < length; ++t) {
            for (Index u = 0; u < features; ++u) {
                if (g.units == 0) {
                    da(t, u) = dz(t, u);
                    continue;
                }
                const double d = g.dense_relu && z(t, u) <= 0 ? 0 : dz(t, u);
                gradients.dense_bias.data()[u] += d;
                for (Index f = 0; f < g.filters; ++f) {
                    da(t, f) += d * p.dense_kernel(f, u);
                    gradients.dense_kernel(f, u) += d * dropped(t, f);
                }
            }
            for (Index f = 0; f < g.filters; ++f) {
                const double d = g.conv_relu && a(t, f) <= 0 ? 0 : da(t, f) * mask(draws, layer, r, t * g.filters + f);
                gradients.bias.data()[f] += d;
                for (Index j = 0; j < g.width * g.channels; ++j) {
                    gradients.kernel(j, f) += d * x(r, position(t, j), j % g.channels);
                    dx(r, position(t, j), j % g.channels) += d * p.kernel(j, f);
                }
            }
        }
    }

    ConvPoolGeometry g;
    const ConvPoolArrays<double>& p;
};

}  // namespace chromatid::test
