// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/backend/cuda/kernel/for_each.hpp>
#include <chromatid/backend/cuda/kernel/lstm_step.hpp>
#include <chromatid/backend/cuda/sums.hpp>
#include <chromatid/backend/geometry.hpp>

// One direction of an LSTM of any size through matrix products: the projections of all steps are one product, and each step is one more,
// h U, and a small kernel. In training everything that is kept lies step by step, in the order in which steps run, the batch within a
// step: so each product works on whole blocks, and the gradients of both kernels are one long product each. Where inputs or states are
// masked, each gate has products of its own.

namespace chromatid::cuda {

namespace detail {

/// Where the parts of the general tape lie; T may be const. States before the first step are zeros.
template <class T>
struct GeneralLstmTape {
    T *x, *gates;  ///< (length, batch, inputs), (length, batch, 4 units)
    T *h, *c;      ///< (length + 1, batch, units) each
    T* tanh_c;     ///< (length, batch, units)

    GeneralLstmTape(T* tape, const LstmGeometry& g)
        : x(tape),
          gates(x + g.length * g.batch * g.inputs),
          h(gates + g.length * g.batch * 4 * g.units),
          c(h + (g.length + 1) * g.batch * g.units),
          tanh_c(c + (g.length + 1) * g.batch * g.units) {}
};

/// Where the scratch of the general passes in training lies.
struct GeneralLstmScratch {
    float* dz;      ///< (length, batch, 4 units)
    float* states;  ///< (batch, 4, units): h masked for each gate, or the gates' shares of dh
    float* rows;    ///< (length, batch, inputs or units, the wider): inputs or states under the masks of a gate, or gradients of inputs
    float* dc;      ///< (batch, units)

    GeneralLstmScratch(float* scratch, const LstmGeometry& g)
        : dz(scratch),
          states(dz + g.length * g.batch * 4 * g.units),
          rows(states + g.batch * 4 * g.units),
          dc(rows + g.length * g.batch * (g.inputs > g.units ? g.inputs : g.units)) {}
};

/// Calls `f(columns, first, masks)` for each product: the columns of all gates at once without masks; else gate by gate, with the gate's
/// masks.
template <class F>
void for_each_masked_gate(Index units, Index width, const float* masks, const F& f) {
    if (masks == nullptr) return f(4 * units, Index{0}, masks);
    for (Index gate = 0; gate < 4; ++gate) f(units, gate * units, masks + gate * width);
}

/// dW += x^T dz over all rows, x (rows, width) masked gate by gate where there are masks.
/// \param mask  `mask(masks of one gate)` writes the masked rows of x to `masked`
template <class E, class Precision, class Mask>
void lstm_weight_gradient(typename E::Context& on, const LstmGeometry& g, Index width, const float* x, const float* masks, const float* dz,
                          float* dw, const float* masked, const Mask& mask) {
    const Index gates = 4 * g.units, rows = g.length * g.batch;
    for_each_masked_gate(g.units, width, masks, [&](Index columns, Index first, const float* of_gate) {
        if (of_gate != nullptr) mask(of_gate);
        E::template gemm<Precision, true, false>(on, width, columns, rows, of_gate == nullptr ? x : masked, width, dz + first, gates, 1.0F,
                                                 dw + first, gates);
    });
}

}  // namespace detail

/// One direction of an LSTM over a batch, see `LstmGeometry`.
/// \param kernel     (inputs, 4 units), gates in the order i, f, c, o, each `units` wide
/// \param recurrent  (units, 4 units)
/// \param bias       (4 units)
/// \param scratch    `g.scratch()` elements
template <class E, class Precision, class Gate, class Math>
void lstm_general(typename E::Context& on, const LstmGeometry& g, const float* x, const float* kernel, const float* recurrent,
                  const float* bias, float* y, float* scratch) {
    const Index gates = 4 * g.units, states = g.batch * g.units;
    float *const z = scratch, *const h = z + g.batch * g.length * gates, *const c = h + states;
    E::template gemm<Precision, false, false>(on, g.batch * g.length, gates, g.inputs, x, g.inputs, kernel, gates, 0.0F, z, gates);
    E::zero(on, sizeof(float) * static_cast<std::size_t>(2 * states), h);
    for (Index step = 0; step < g.length; ++step) {
        const Index t = lstm_position(g, step);
        if (step > 0)
            E::template gemm<Precision, false, false>(on, g.batch, gates, g.units, h, g.units, recurrent, gates, 1.0F, z + t * gates,
                                                      g.length * gates);
        for_each<E>(on, states, LstmCell<Gate, Math>{g, t, z, bias, h, c, y});
    }
}

/// The same in training, with masks; keeps what `lstm_general_backward` reads.
/// \param tape     `g.tape()` elements
/// \param scratch  `g.training_scratch()` elements
template <class E, class Precision, class Gate, class Math>
void lstm_general_forward(typename E::Context& on, const LstmGeometry& g, const LstmMasks<float>& masks, const float* x,
                          const float* kernel, const float* recurrent, const float* bias, float* y, float* tape, float* scratch) {
    const Index gates = 4 * g.units, rows = g.length * g.batch, states = g.batch * g.units;
    const detail::GeneralLstmTape<float> kept(tape, g);
    const detail::GeneralLstmScratch work(scratch, g);
    for_each<E>(on, rows * g.inputs, StepByStep{g, x, kept.x});
    detail::for_each_masked_gate(g.units, g.inputs, masks.input, [&](Index columns, Index first, const float* of_gate) {
        if (of_gate != nullptr) for_each<E>(on, rows * g.inputs, MaskSteps{g.batch, g.inputs, kept.x, of_gate, work.rows});
        E::template gemm<Precision, false, false>(on, rows, columns, g.inputs, of_gate == nullptr ? kept.x : work.rows, g.inputs,
                                                  kernel + first, gates, 0.0F, kept.gates + first, gates);
    });
    E::zero(on, sizeof(float) * static_cast<std::size_t>(states), kept.h);
    E::zero(on, sizeof(float) * static_cast<std::size_t>(states), kept.c);
    for (Index step = 0; step < g.length; ++step) {
        float* const z = kept.gates + step * g.batch * gates;
        if (step > 0)
            detail::for_each_masked_gate(g.units, g.units, masks.state, [&](Index columns, Index first, const float* of_gate) {
                const float* const h = of_gate == nullptr ? kept.h + step * states : work.states + first;
                E::template gemm<Precision, false, false>(on, g.batch, columns, g.units, h, of_gate == nullptr ? g.units : gates,
                                                          recurrent + first, gates, 1.0F, z + first, gates);
            });
        for_each<E>(on, states,
                    LstmTrainingCell<Gate, Math>{g, lstm_position(g, step), bias, z, kept.c + step * states, kept.c + (step + 1) * states,
                                                 kept.tanh_c + step * states, kept.h + (step + 1) * states, y, masks.state, work.states});
    }
}

/// The gradients: adds to those of the parameters, and writes dx, or adds to it, where it is not null.
/// \param dy       laid out as the output
/// \param tape     what `lstm_general_forward` wrote
/// \param scratch  `g.training_scratch()` elements
template <class E, class Precision, class Gate, class Math>
void lstm_general_backward(typename E::Context& on, const LstmGeometry& g, const LstmMasks<float>& masks, const float* kernel,
                           const float* recurrent, const float* dy, bool add, float* dx, float* dkernel, float* drecurrent, float* dbias,
                           const float* tape, float* scratch) {
    const Index gates = 4 * g.units, rows = g.length * g.batch, states = g.batch * g.units;
    const detail::GeneralLstmTape<const float> kept(tape, g);
    const detail::GeneralLstmScratch work(scratch, g);
    for (Index step = g.length - 1; step >= 0; --step) {
        float* const dz = work.dz + step * g.batch * gates;
        for_each<E>(on, states,
                    LstmCellBackward<Gate>{g, lstm_position(g, step), step == g.length - 1, kept.gates + step * g.batch * gates,
                                           kept.c + step * states, kept.tanh_c + step * states, dy, work.states, masks.state, work.dc, dz});
        if (step > 0)
            detail::for_each_masked_gate(g.units, g.units, masks.state, [&](Index columns, Index first, const float* of_gate) {
                E::template gemm<Precision, false, true>(on, g.batch, g.units, columns, dz + first, gates, recurrent + first, gates, 0.0F,
                                                         work.states + first, of_gate == nullptr ? g.units : gates);
            });
    }
    add_column_sums<E>(on, rows, gates, work.dz, dbias);
    const auto weights = [&](Index width, const float* x, const float* of, float* dw) {  // rows go step by step
        detail::lstm_weight_gradient<E, Precision>(on, g, width, x, of, work.dz, dw, work.rows, [&](const float* of_gate) {
            for_each<E>(on, rows * width, MaskSteps{g.batch, width, x, of_gate, work.rows});
        });
    };
    weights(g.inputs, kept.x, masks.input, dkernel);
    weights(g.units, kept.h, masks.state, drecurrent);
    if (dx == nullptr) return;
    detail::for_each_masked_gate(g.units, g.inputs, masks.input, [&](Index columns, Index first, const float* of_gate) {
        E::template gemm<Precision, false, true>(on, rows, g.inputs, columns, work.dz + first, gates, kernel + first, gates, 0.0F,
                                                 work.rows, g.inputs);
        for_each<E>(on, rows * g.inputs, SampleBySample{g, work.rows, of_gate, add || first > 0, dx});
    });
}

}  // namespace chromatid::cuda
