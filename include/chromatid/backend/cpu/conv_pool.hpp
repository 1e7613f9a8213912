// SPDX-License-Identifier: MIT  (stand-in until the kernels are there)
#pragma once
#include <chromatid/backend/conv_pool_geometry.hpp>
#include <chromatid/backend/windows.hpp>
#include <chromatid/backend/cpu/windows.hpp>
#include <vector>
#include <algorithm>
namespace chromatid::cpu {
inline Index conv_pool_scratch(const ConvPoolGeometry&) { return 16; }
inline std::vector<float> stub_z(const ConvPoolGeometry& g, const float* x, const ConvPoolParameters<const float>& p) {
  Index T = g.conv_length(); std::vector<float> a(T * g.filters);
  for (Index t = 0; t < T; ++t) for (Index f = 0; f < g.filters; ++f) { float s = p.bias ? p.bias[f] : 0;
    for (Index j = 0; j < g.width; ++j) for (Index c = 0; c < g.channels; ++c) s += x[(t * g.step + j * g.dilation) * g.channels + c] * p.kernel[(j * g.channels + c) * g.filters + f];
    a[t * g.filters + f] = g.conv_relu ? (s < 0 ? 0 : s) : s; }
  if (g.units == 0) return a;
  std::vector<float> z(T * g.units);
  for (Index t = 0; t < T; ++t) for (Index u = 0; u < g.units; ++u) { float s = p.dense_bias ? p.dense_bias[u] : 0; for (Index f = 0; f < g.filters; ++f) s += a[t * g.filters + f] * p.dense_kernel[f * g.units + u];
    z[t * g.units + u] = g.dense_relu ? (s < 0 ? 0 : s) : s; }
  return z; }
inline void conv_pool(const ConvPoolGeometry& g, const Windows<float>& w, const ConvPoolParameters<const float>& p, float* y, float*) {
  std::vector<float> x(w.rows() * g.length * g.channels); expand(w, x.data());
  for (Index r = 0; r < w.rows(); ++r) { auto z = stub_z(g, x.data() + r * g.length * g.channels, p); Index U = g.features();
    for (Index t = 0; t < g.out_length; ++t) for (Index u = 0; u < U; ++u) { float m = z[t * g.stride * U + u]; for (Index j = 0; j < g.window; ++j) m = std::max(m, z[(t * g.stride + j * g.spacing) * U + u]); y[(r * g.out_length + t) * U + u] = m; } } }
}
