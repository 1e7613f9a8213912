// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/backend/cpu/gemm.hpp>
#include <chromatid/backend/cpu/linear_map.hpp>
#include <chromatid/backend/cpu/lstm.hpp>
#include <chromatid/backend/cpu/lstm_training_plain.hpp>
#include <chromatid/backend/cpu/rows.hpp>

#include <algorithm>

// One direction of an LSTM in training, by kernels. Everything that is kept lies position by position of each window, as x and y do; states at
// the position of the step that reads them. So the steps, which keep a few rows in registers and first-level cache, find all of a
// row close together, and the gradients of both kernels are one product each over all positions of all windows. Masks are the same at all
// steps: those of inputs make masked weights for each window, and the gradients of the weights are then a product for each window, masked once.

namespace chromatid::cpu {

namespace detail {

/// One direction of an LSTM backward over some rows, as the kernels see it; the tape is that of `LstmTape`.
struct LstmBackwardRun {
    Index rows, length, units;
    bool backwards;
    const float* dy;
    Index dy_width;               ///< from one position of dy to the next
    const float* masks;           ///< of the states, (rows, 4, units), or null
    const float *gates, *state_before, *bent;
    float* dz;                    ///< (rows, length, 4 units)
    const float* weights = nullptr;  ///< packed
    float* dc = nullptr;          ///< of the rows at work
};

/// Where the parts of a tape lie; T may be const.
template <class T>
struct LstmTape {
    T *x, *gates, *h_before, *state_before, *bent;  ///< (batch, length, inputs), (batch, length, 4 units), then h and c before each step and tanh(c), (batch, length, units) each

    LstmTape(T* tape, const LstmGeometry& g)
        : x(tape), gates(x + g.batch * g.length * g.inputs), h_before(gates + g.batch * g.length * 4 * g.units),
          state_before(h_before + g.batch * g.length * g.units), bent(state_before + g.batch * g.length * g.units) {}
};

}  // namespace detail

}  // namespace chromatid::cpu

#define CHROMATID_KERNELS <chromatid/backend/cpu/kernels/lstm_training.inc>
#include <chromatid/backend/cpu/kernels/for_each_isa.inc>

namespace chromatid::cpu {

namespace detail {

template <class Gate, class Math>
void lstm_training_steps(const LstmRun& run, const float* recurrent, float* scratch) {
    CHROMATID_DISPATCH(lstm_training_steps, Gate{}, Math{}, run, recurrent, scratch);
}
template <class Gate>
void lstm_backward_steps(const LstmBackwardRun& run, const float* recurrent, float* scratch) {
    CHROMATID_DISPATCH(lstm_backward_steps, Gate{}, run, recurrent, scratch);
}
/// out = mask w for one window: w and out (rows, 4, units), mask (4, rows).
inline void lstm_masked_weights(Index rows, Index units, const float* mask, const float* w, float* out) {
    CHROMATID_DISPATCH(lstm_masked_weights<false>, rows, units, mask, w, out);
}
/// out += mask w
inline void lstm_add_masked_weights(Index rows, Index units, const float* mask, const float* w, float* out) {
    CHROMATID_DISPATCH(lstm_masked_weights<true>, rows, units, mask, w, out);
}

/// dw += x^T dz over all positions of all windows; `part` has the size of dw.
inline void lstm_kernel_gradient(const LstmGeometry& g, Index width, const float* x, const float* masks, const float* dz, float* dw, float* part) {
    const Index gates = 4 * g.units;
    if (masks == nullptr) return gemm<true, false>(width, gates, g.batch * g.length, x, width, dz, gates, 1.0F, dw, gates);
    for (Index b = 0; b < g.batch; ++b, x += g.length * width, dz += g.length * gates, masks += 4 * width) {
        gemm<true, false>(width, gates, g.length, x, width, dz, gates, 0.0F, part, gates);
        lstm_add_masked_weights(width, g.units, masks, part, dw);
    }
}

}  // namespace detail

/// As `lstm`, with masks, and with everything on the tape that `lstm_backward` needs.
/// \param tape     `g.tape()` elements
/// \param scratch  `g.training_scratch()` elements
template <class Gate, class Math = ExactMath, class T>
void lstm_forward(const LstmGeometry& g, const LstmMasks<T>& masks, const T* x, const T* kernel, const T* recurrent, const T* bias, T* y, T* tape,
                  T* scratch) {
    if constexpr (!detail::lstm_has_kernels<Gate, T>) {
        lstm_forward_plain<Gate>(g, masks, x, kernel, recurrent, bias, y, tape, scratch);
    } else {
        const Index gates = 4 * g.units, rows = g.batch * g.length;
        const detail::LstmTape<float> kept(tape, g);
        std::copy_n(x, rows * g.inputs, kept.x);
        if (masks.input == nullptr) linear_map<Linear>(rows, gates, g.inputs, x, kernel, bias, kept.gates);
        else
            for (Index b = 0; b < g.batch; ++b) {
                detail::lstm_masked_weights(g.inputs, g.units, masks.input + b * 4 * g.inputs, kernel, scratch);
                linear_map<Linear>(g.length, gates, g.inputs, x + b * g.length * g.inputs, scratch, bias, kept.gates + b * g.length * gates);
            }
        for (Index b = 0; b < g.batch; ++b) {
            const Index first = (b * g.length + (g.backwards ? g.length - 1 : 0)) * g.units;
            std::fill_n(kept.h_before + first, g.units, 0.0F);
            std::fill_n(kept.state_before + first, g.units, 0.0F);
        }
        detail::lstm_training_steps<Gate, Math>({.rows = g.batch, .length = g.length, .inputs = 0, .units = g.units, .backwards = g.backwards,
                                                 .y = y + g.out_offset, .y_width = g.out_channels, .masks = masks.state, .gates = kept.gates,
                                                 .h_before = kept.h_before, .state_before = kept.state_before, .bent = kept.bent},
                                                recurrent, scratch);
    }
}

/// The gradients of `lstm_forward`: adds to those of the parameters, and writes dx, or adds to it, where it is not null.
template <class Gate, class Math = ExactMath, class T>
void lstm_backward(const LstmGeometry& g, const LstmMasks<T>& masks, const T* kernel, const T* recurrent, const T* dy, bool add, T* dx, T* dkernel,
                   T* drecurrent, T* dbias, const T* tape, T* scratch) {
    if constexpr (!detail::lstm_has_kernels<Gate, T>) {
        lstm_backward_plain<Gate>(g, masks, kernel, recurrent, dy, add, dx, dkernel, drecurrent, dbias, tape, scratch);
    } else {
        const Index gates = 4 * g.units, rows = g.batch * g.length;
        const detail::LstmTape<const float> kept(tape, g);
        float *dz = scratch, *work = dz + rows * gates;
        detail::lstm_backward_steps<Gate>({.rows = g.batch, .length = g.length, .units = g.units, .backwards = g.backwards, .dy = dy + g.out_offset,
                                           .dy_width = g.out_channels, .masks = masks.state, .gates = kept.gates, .state_before = kept.state_before,
                                           .bent = kept.bent, .dz = dz},
                                          recurrent, work);
        add_rows_to_row(rows, gates, dz, dbias);
        detail::lstm_kernel_gradient(g, g.inputs, kept.x, masks.input, dz, dkernel, work);
        detail::lstm_kernel_gradient(g, g.units, kept.h_before, masks.state, dz, drecurrent, work);
        if (dx == nullptr) return;
        const float beta = add ? 1.0F : 0.0F;
        if (masks.input == nullptr) return gemm<false, true>(rows, g.inputs, gates, dz, gates, kernel, gates, beta, dx, g.inputs);
        for (Index b = 0; b < g.batch; ++b) {
            detail::lstm_masked_weights(g.inputs, g.units, masks.input + b * 4 * g.inputs, kernel, work);
            gemm<false, true>(g.length, g.inputs, gates, dz + b * g.length * gates, gates, work, gates, beta, dx + b * g.length * g.inputs, g.inputs);
        }
    }
}

}  // namespace chromatid::cpu
