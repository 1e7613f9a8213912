// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/backend/cpu/gemm.hpp>
#include <chromatid/backend/geometry.hpp>
#include <chromatid/core/activation.hpp>

#include <Eigen/Core>

#include <algorithm>
#include <type_traits>

// One direction of an LSTM over a batch, for any scalar and any gate: the definition that kernels are tested against. The gates' input
// projections of all steps are one large product; each step then adds h U for the whole batch at once and updates h and c. Per step that
// is a (batch, units) x (units, 4 units) product, so a batch of 32 or more keeps the matrix kernel busy. Gates lie in the order i, f, c,
// o, each `units` wide.

namespace chromatid::cpu {

namespace detail {

/// The gate function of `n` numbers in place, through Eigen's vector forms where it has them.
template <class Gate, class T>
void apply_gate(T* x, Index n) {
    Eigen::Map<Eigen::Array<T, Eigen::Dynamic, 1>> values(x, n);
    if constexpr (std::is_same_v<Gate, Sigmoid>) values = values.logistic();
    else if constexpr (std::is_same_v<Gate, Tanh>) values = values.tanh();
    else
        for (Index i = 0; i < n; ++i) x[i] = Gate::apply(x[i]);
}

}  // namespace detail

/// As `lstm`, through matrix products.
/// \param kernel     (inputs, 4 units)
/// \param recurrent  (units, 4 units)
/// \param bias       (4 units)
/// \param scratch    `g.scratch()` elements
template <class Gate, class T>
void lstm_plain(const LstmGeometry& g, const T* x, const T* kernel, const T* recurrent, const T* bias, T* y, T* scratch) {
    const Index gates = 4 * g.units;
    T* z = scratch;
    T* h = z + g.batch * g.length * gates;
    T* c = h + g.batch * g.units;
    for (Index row = 0; row < g.batch * g.length; ++row) std::copy_n(bias, gates, z + row * gates);
    gemm<false, false>(g.batch * g.length, gates, g.inputs, x, g.inputs, kernel, gates, T{1}, z, gates);
    std::fill_n(h, 2 * g.batch * g.units, T{0});

    for (Index step = 0; step < g.length; ++step) {
        const Index t = g.backwards ? g.length - 1 - step : step;
        gemm<false, false>(g.batch, gates, g.units, h, g.units, recurrent, gates, T{1}, z + t * gates, g.length * gates);
        for (Index b = 0; b < g.batch; ++b) {
            T* zi = z + (b * g.length + t) * gates;
            T *zf = zi + g.units, *zc = zf + g.units, *zo = zc + g.units;
            detail::apply_gate<Gate>(zi, 2 * g.units);
            detail::apply_gate<Tanh>(zc, g.units);
            detail::apply_gate<Gate>(zo, g.units);
            T *hb = h + b * g.units, *cb = c + b * g.units;
            for (Index u = 0; u < g.units; ++u) hb[u] = cb[u] = zf[u] * cb[u] + zi[u] * zc[u];
            detail::apply_gate<Tanh>(hb, g.units);
            for (Index u = 0; u < g.units; ++u) hb[u] *= zo[u];
            std::copy_n(hb, g.units, y + (b * g.length + t) * g.out_channels + g.out_offset);
        }
    }
}

}  // namespace chromatid::cpu
