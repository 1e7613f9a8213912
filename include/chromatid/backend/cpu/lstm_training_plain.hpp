// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/backend/cpu/gemm.hpp>
#include <chromatid/backend/cpu/lstm_plain.hpp>
#include <chromatid/backend/geometry.hpp>

#include <algorithm>

// One direction of an LSTM in training, for any scalar and any gate: the definition that kernels are tested against. Everything that is
// kept lies step by step, in the order in which the steps run, the batch within a step: so each step's product reads and writes whole
// blocks, and the gradients of both kernels are one long product each, the recurrent one with the states shifted by one step. Where
// inputs or states are masked, each gate has products of its own, over its `units` columns.
//
//     dz_i = dc g i'    dz_f = dc c[s-1] f'    dz_g = dc i (1 - g g)    dz_o = dh tanh(c) o'      dc[s-1] = dc f
//     dh[s-1] = dy[s-1] + sum over gates of mask (dz U^T)               dW += (mask x)^T dz,  dU += (mask h[s-1])^T dz,  db += sum of dz

namespace chromatid::cpu {

/// Where the parts of a tape lie; T may be const.
template <class T>
struct PlainLstmTape {
    T *x, *gates;  ///< (length, batch, inputs), (length, batch, 4 units)
    T *h, *c;      ///< (length + 1, batch, units) each, the first step's zeros before the others

    PlainLstmTape(T* tape, const LstmGeometry& g)
        : x(tape), gates(x + g.length * g.batch * g.inputs), h(gates + g.length * g.batch * 4 * g.units),
          c(h + (g.length + 1) * g.batch * g.units) {}
};

namespace detail {

inline Index lstm_position(const LstmGeometry& g, Index step) { return g.backwards ? g.length - 1 - step : step; }

/// out = x * mask of one gate, for rows (steps, batch, width) under a mask that is the same at all steps.
template <class T>
void apply_lstm_mask(const LstmGeometry& g, Index steps, Index width, Index gate, const T* x, const T* masks, T* out) {
    for (Index s = 0; s < steps; ++s)
        for (Index b = 0; b < g.batch; ++b, x += width, out += width) {
            const T* mask = masks + (b * 4 + gate) * width;
            for (Index i = 0; i < width; ++i) out[i] = x[i] * mask[i];
        }
}

/// z += x W for `steps` steps, x (steps, batch, width) masked gate by gate where there are masks.
template <class T>
void lstm_project(const LstmGeometry& g, Index steps, Index width, const T* x, const T* masks, const T* w, T* z, T* masked) {
    const Index gates = 4 * g.units, rows = steps * g.batch;
    if (masks == nullptr) return gemm<false, false>(rows, gates, width, x, width, w, gates, T{1}, z, gates);
    for (Index gate = 0; gate < 4; ++gate) {
        apply_lstm_mask(g, steps, width, gate, x, masks, masked);
        gemm<false, false>(rows, g.units, width, masked, width, w + gate * g.units, gates, T{1}, z + gate * g.units, gates);
    }
}

/// dW += x^T dz over all steps, x masked as in `lstm_project`.
template <class T>
void lstm_weight_gradient(const LstmGeometry& g, Index width, const T* x, const T* masks, const T* dz, T* dw, T* masked) {
    const Index gates = 4 * g.units, rows = g.length * g.batch;
    if (masks == nullptr) return gemm<true, false>(width, gates, rows, x, width, dz, gates, T{1}, dw, gates);
    for (Index gate = 0; gate < 4; ++gate) {
        apply_lstm_mask(g, g.length, width, gate, x, masks, masked);
        gemm<true, false>(width, g.units, rows, masked, width, dz + gate * g.units, gates, T{1}, dw + gate * g.units, gates);
    }
}

/// dx = dz W^T for `steps` steps, masked as in `lstm_project`. `part` has the size of dx.
template <class T>
void lstm_input_gradient(const LstmGeometry& g, Index steps, Index width, const T* dz, const T* masks, const T* w, T* dx, T* part) {
    const Index gates = 4 * g.units, rows = steps * g.batch;
    if (masks == nullptr) return gemm<false, true>(rows, width, gates, dz, gates, w, gates, T{0}, dx, width);
    std::fill_n(dx, rows * width, T{0});
    for (Index gate = 0; gate < 4; ++gate) {
        gemm<false, true>(rows, width, g.units, dz + gate * g.units, gates, w + gate * g.units, gates, T{0}, part, width);
        apply_lstm_mask(g, steps, width, gate, part, masks, part);
        for (Index i = 0; i < rows * width; ++i) dx[i] += part[i];
    }
}

/// One step of one sample: dz of the four gates and dc of the step before, from dh and dc of this one. No array overlaps another, which the
/// compiler is told: that makes the loop vector code.
template <class Gate, class T>
void lstm_cell_backward(Index units, const T* __restrict z, const T* __restrict before, const T* __restrict tanh_c, const T* __restrict dy,
                        const T* __restrict dh, T* __restrict dc, T* __restrict dz) {
    for (Index i = 0; i < units; ++i) {
        const T zi = z[i], zf = z[units + i], zc = z[2 * units + i], zo = z[3 * units + i];
        const T dhi = dh[i] + dy[i], dci = dc[i] + dhi * zo * (T{1} - tanh_c[i] * tanh_c[i]);
        dz[i] = dci * zc * Gate::slope(zi);
        dz[units + i] = dci * before[i] * Gate::slope(zf);
        dz[2 * units + i] = dci * zi * Tanh::slope(zc);
        dz[3 * units + i] = dhi * tanh_c[i] * Gate::slope(zo);
        dc[i] = dci * zf;
    }
}

}  // namespace detail

/// As `lstm_plain`, with masks, and with everything on the tape that `lstm_backward_plain` needs.
/// \param tape     `g.tape()` elements
/// \param scratch  `g.training_scratch()` elements
template <class Gate, class T>
void lstm_forward_plain(const LstmGeometry& g, const LstmMasks<T>& masks, const T* x, const T* kernel, const T* recurrent, const T* bias,
                        T* y, T* tape, T* scratch) {
    const Index u = g.units, gates = 4 * u, rows = g.batch * u;
    const PlainLstmTape<T> kept(tape, g);
    for (Index s = 0; s < g.length; ++s)
        for (Index b = 0; b < g.batch; ++b)
            std::copy_n(x + (b * g.length + detail::lstm_position(g, s)) * g.inputs, g.inputs, kept.x + (s * g.batch + b) * g.inputs);
    for (Index row = 0; row < g.length * g.batch; ++row) std::copy_n(bias, gates, kept.gates + row * gates);
    detail::lstm_project(g, g.length, g.inputs, kept.x, masks.input, kernel, kept.gates, scratch);
    std::fill_n(kept.h, rows, T{0});
    std::fill_n(kept.c, rows, T{0});
    for (Index s = 0; s < g.length; ++s) {
        T* z = kept.gates + s * g.batch * gates;
        const T* before = kept.c + s * rows;
        T *h = kept.h + (s + 1) * rows, *c = kept.c + (s + 1) * rows;
        detail::lstm_project(g, 1, u, kept.h + s * rows, masks.state, recurrent, z, scratch);
        for (Index b = 0; b < g.batch; ++b) {
            T *zi = z + b * gates, *zf = zi + u, *zc = zf + u;
            detail::apply_gate<Gate>(zi, 2 * u);
            detail::apply_gate<Tanh>(zc, u);
            detail::apply_gate<Gate>(zc + u, u);
            for (Index i = 0; i < u; ++i) c[b * u + i] = zf[i] * before[b * u + i] + zi[i] * zc[i];
        }
        std::copy_n(c, rows, h);
        detail::apply_gate<Tanh>(h, rows);
        for (Index b = 0; b < g.batch; ++b) {
            const T* zo = z + b * gates + 3 * u;
            for (Index i = 0; i < u; ++i) h[b * u + i] *= zo[i];
            std::copy_n(h + b * u, u, y + (b * g.length + detail::lstm_position(g, s)) * g.out_channels + g.out_offset);
        }
    }
}

/// The gradients of `lstm_forward_plain`: adds to those of the parameters, and writes dx, or adds to it, where it is not null.
template <class Gate, class T>
void lstm_backward_plain(const LstmGeometry& g, const LstmMasks<T>& masks, const T* kernel, const T* recurrent, const T* dy, bool add,
                         T* dx, T* dkernel, T* drecurrent, T* dbias, const T* tape, T* scratch) {
    const Index u = g.units, gates = 4 * u, rows = g.batch * u;
    const PlainLstmTape<const T> kept(tape, g);
    T* dz = scratch;
    T* dh = dz + g.length * g.batch * gates;
    T *dc = dh + rows, *tanh_c = dc + rows, *part = tanh_c + rows, *wide = part + rows;
    std::fill_n(dh, 2 * rows, T{0});
    for (Index s = g.length - 1; s >= 0; --s) {
        const T *z = kept.gates + s * g.batch * gates, *before = kept.c + s * rows;
        T* dzs = dz + s * g.batch * gates;
        std::copy_n(kept.c + (s + 1) * rows, rows, tanh_c);
        detail::apply_gate<Tanh>(tanh_c, rows);
        for (Index b = 0; b < g.batch; ++b)
            detail::lstm_cell_backward<Gate>(u, z + b * gates, before + b * u, tanh_c + b * u,
                                             dy + (b * g.length + detail::lstm_position(g, s)) * g.out_channels + g.out_offset, dh + b * u,
                                             dc + b * u, dzs + b * gates);
        if (s > 0) detail::lstm_input_gradient(g, 1, u, dzs, masks.state, recurrent, dh, part);
    }
    for (Index row = 0; row < g.length * g.batch; ++row)
        for (Index i = 0; i < gates; ++i) dbias[i] += dz[row * gates + i];
    detail::lstm_weight_gradient(g, g.inputs, kept.x, masks.input, dz, dkernel, wide);
    detail::lstm_weight_gradient(g, u, kept.h, masks.state, dz, drecurrent, wide);
    if (dx == nullptr) return;
    T* dsteps = wide + g.length * g.batch * g.inputs;
    detail::lstm_input_gradient(g, g.length, g.inputs, dz, masks.input, kernel, dsteps, wide);
    for (Index s = 0; s < g.length; ++s)
        for (Index b = 0; b < g.batch; ++b) {
            const T* from = dsteps + (s * g.batch + b) * g.inputs;
            T* to = dx + (b * g.length + detail::lstm_position(g, s)) * g.inputs;
            if (add)
                for (Index i = 0; i < g.inputs; ++i) to[i] += from[i];
            else std::copy_n(from, g.inputs, to);
        }
}

}  // namespace chromatid::cpu
