// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/backend/cpu/gemm.hpp>
#include <chromatid/backend/cpu/linear_map.hpp>
#include <chromatid/backend/cpu/lstm.hpp>
#include <chromatid/backend/cpu/lstm_training_plain.hpp>
#include <chromatid/backend/cpu/rows.hpp>

#include <algorithm>

// One direction of an LSTM in training, by kernels. Everything that is kept lies position by position of each window, as x and y do;
// states at the position of the step that reads them. So the steps, which keep a few rows in registers and first-level cache, find all
// of a row close together, and the gradients of both kernels are products over all positions of all windows. A few rows at a time go
// through all that a pass has to do, products and steps, while their gates or dz are in the second-level cache. Masks are the same at
// all steps: those of inputs make masked weights for each window, and the gradients of the weights are then a product for each window,
// masked once.

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
    T *x, *gates;                         ///< (batch, length, inputs) and (batch, length, 4 units)
    T *h_before, *state_before, *bent;    ///< h and c before each step, and tanh(c) after it, (batch, length, units) each

    /// Those parts from row `row` on.
    LstmTape(T* tape, const LstmGeometry& g, Index row) {
        const Index all = g.batch * g.length, at = row * g.length;
        x = tape + at * g.inputs, tape += all * g.inputs;
        gates = tape + at * 4 * g.units, tape += all * 4 * g.units;
        h_before = tape + at * g.units, tape += all * g.units;
        state_before = tape + at * g.units, tape += all * g.units;
        bent = tape + at * g.units;
    }
};

}  // namespace detail

}  // namespace chromatid::cpu

#define CHROMATID_KERNELS <chromatid/backend/cpu/kernels/lstm_training.inc>
#include <chromatid/backend/cpu/kernels/for_each_isa.inc>

namespace chromatid::cpu {

namespace detail {

template <class Gate, class Math>
void lstm_training_steps(const LstmRun& run) {
    CHROMATID_DISPATCH(lstm_training_steps, Gate{}, Math{}, run);
}
template <class Gate>
void lstm_backward_steps(const LstmBackwardRun& run) {
    CHROMATID_DISPATCH(lstm_backward_steps, Gate{}, run);
}
inline void lstm_pack_recurrent(Index units, const float* recurrent, float* out) {
    CHROMATID_DISPATCH(lstm_pack_recurrent, units, recurrent, out);
}
inline void lstm_pack_transposed(Index units, const float* recurrent, float* out) {
    CHROMATID_DISPATCH(lstm_pack_transposed, units, recurrent, out);
}
/// out = mask w for one window: w and out (rows, 4, units), mask (4, rows).
inline void lstm_masked_weights(Index rows, Index units, const float* mask, const float* w, float* out) {
    CHROMATID_DISPATCH(lstm_masked_weights<false>, rows, units, mask, w, out);
}
/// out += mask w
inline void lstm_add_masked_weights(Index rows, Index units, const float* mask, const float* w, float* out) {
    CHROMATID_DISPATCH(lstm_masked_weights<true>, rows, units, mask, w, out);
}

/// Rows whose gates take 256 KB, but whole tiles of rows.
inline Index lstm_block_rows(const LstmGeometry& g) { return 6 * std::max(Index{1}, 65536 / (6 * g.length * 4 * g.units)); }

/// z = bias + x W for all positions of some rows. `masked` has the size of w.
inline void lstm_project_inputs(const LstmGeometry& g, Index rows, const float* x, const float* masks, const float* w,
                                const float* bias, float* z, float* masked) {
    const Index gates = 4 * g.units;
    if (masks == nullptr) return linear_map<Linear>(rows * g.length, gates, g.inputs, x, w, bias, z);
    for (Index b = 0; b < rows; ++b, x += g.length * g.inputs, z += g.length * gates, masks += 4 * g.inputs) {
        lstm_masked_weights(g.inputs, g.units, masks, w, masked);
        linear_map<Linear>(g.length, gates, g.inputs, x, masked, bias, z);
    }
}

/// dw += x^T dz over all positions of some rows. `part` has the size of dw.
inline void lstm_add_weight_gradient(const LstmGeometry& g, Index rows, Index width, const float* x, const float* masks, const float* dz,
                                     float* dw, float* part) {
    const Index gates = 4 * g.units;
    if (masks == nullptr) return gemm<true, false>(width, gates, rows * g.length, x, width, dz, gates, 1.0F, dw, gates);
    for (Index b = 0; b < rows; ++b, x += g.length * width, dz += g.length * gates, masks += 4 * width) {
        gemm<true, false>(width, gates, g.length, x, width, dz, gates, 0.0F, part, gates);
        lstm_add_masked_weights(width, g.units, masks, part, dw);
    }
}

/// dx = dz W^T + beta dx for all positions of some rows. `masked` has the size of w.
inline void lstm_input_gradients(const LstmGeometry& g, Index rows, const float* dz, const float* masks, const float* w, float beta,
                                 float* dx, float* masked) {
    const Index gates = 4 * g.units;
    if (masks == nullptr) return gemm<false, true>(rows * g.length, g.inputs, gates, dz, gates, w, gates, beta, dx, g.inputs);
    for (Index b = 0; b < rows; ++b, dz += g.length * gates, dx += g.length * g.inputs, masks += 4 * g.inputs) {
        lstm_masked_weights(g.inputs, g.units, masks, w, masked);
        gemm<false, true>(g.length, g.inputs, gates, dz, gates, masked, gates, beta, dx, g.inputs);
    }
}

/// Masks from row `row` on, four of `width` for each, or null as they are.
inline const float* masks_at(const float* masks, Index row, Index width) { return masks == nullptr ? nullptr : masks + row * 4 * width; }

}  // namespace detail

/// As `lstm`, with masks, and with everything on the tape that `lstm_backward` needs.
/// \param tape     `g.tape()` elements
/// \param scratch  `g.training_scratch()` elements
template <class Gate, class Math = ExactMath, class T>
void lstm_forward(const LstmGeometry& g, const LstmMasks<T>& masks, const T* x, const T* kernel, const T* recurrent, const T* bias, T* y,
                  T* tape, T* scratch) {
    if constexpr (!detail::lstm_has_kernels<Gate, T>) {
        lstm_forward_plain<Gate>(g, masks, x, kernel, recurrent, bias, y, tape, scratch);
    } else {
        const Index gates = 4 * g.units, block = detail::lstm_block_rows(g);
        float *states = scratch + gates * detail::lstm_padded(g.units), *masked = states + detail::lstm_states(g.units);
        detail::lstm_pack_recurrent(g.units, recurrent, scratch);
        for (Index b = 0; b < g.batch; b += block) {
            const Index rows = std::min(block, g.batch - b), at = b * g.length;
            const detail::LstmTape<float> kept(tape, g, b);
            std::copy_n(x + at * g.inputs, rows * g.length * g.inputs, kept.x);
            detail::lstm_project_inputs(g, rows, kept.x, detail::masks_at(masks.input, b, g.inputs), kernel, bias, kept.gates, masked);
            for (Index row = 0; row < rows; ++row) {
                const Index first = (row * g.length + (g.backwards ? g.length - 1 : 0)) * g.units;
                std::fill_n(kept.h_before + first, g.units, 0.0F);
                std::fill_n(kept.state_before + first, g.units, 0.0F);
            }
            const detail::LstmRun run{.rows = rows, .length = g.length, .inputs = 0, .units = g.units, .backwards = g.backwards,
                                      .y = y + at * g.out_channels + g.out_offset, .y_width = g.out_channels,
                                      .masks = detail::masks_at(masks.state, b, g.units), .gates = kept.gates, .h_before = kept.h_before,
                                      .state_before = kept.state_before, .bent = kept.bent, .weights = scratch, .states = states};
            detail::lstm_training_steps<Gate, Math>(run);
        }
    }
}

/// The gradients of `lstm_forward`: adds to those of the parameters, and writes dx, or adds to it, where it is not null.
template <class Gate, class Math = ExactMath, class T>
void lstm_backward(const LstmGeometry& g, const LstmMasks<T>& masks, const T* kernel, const T* recurrent, const T* dy, bool add, T* dx,
                   T* dkernel, T* drecurrent, T* dbias, const T* tape, T* scratch) {
    if constexpr (!detail::lstm_has_kernels<Gate, T>) {
        lstm_backward_plain<Gate>(g, masks, kernel, recurrent, dy, add, dx, dkernel, drecurrent, dbias, tape, scratch);
    } else {
        const Index gates = 4 * g.units, block = std::min(g.batch, detail::lstm_block_rows(g));
        float *dz = scratch, *weights = dz + block * g.length * gates;
        float *dc = weights + gates * detail::lstm_padded(g.units), *work = dc + detail::lstm_states(g.units);
        detail::lstm_pack_transposed(g.units, recurrent, weights);
        for (Index b = 0; b < g.batch; b += block) {
            const Index rows = std::min(block, g.batch - b), at = b * g.length;
            const detail::LstmTape<const float> kept(tape, g, b);
            const float *input_masks = detail::masks_at(masks.input, b, g.inputs), *state_masks = detail::masks_at(masks.state, b, g.units);
            const detail::LstmBackwardRun run{.rows = rows, .length = g.length, .units = g.units, .backwards = g.backwards,
                                              .dy = dy + at * g.out_channels + g.out_offset, .dy_width = g.out_channels,
                                              .masks = state_masks,
                                              .gates = kept.gates, .state_before = kept.state_before, .bent = kept.bent, .dz = dz,
                                              .weights = weights, .dc = dc};
            detail::lstm_backward_steps<Gate>(run);
            add_rows_to_row(rows * g.length, gates, dz, dbias);
            detail::lstm_add_weight_gradient(g, rows, g.inputs, kept.x, input_masks, dz, dkernel, work);
            detail::lstm_add_weight_gradient(g, rows, g.units, kept.h_before, state_masks, dz, drecurrent, work);
            if (dx != nullptr) detail::lstm_input_gradients(g, rows, dz, input_masks, kernel, add ? 1.0F : 0.0F, dx + at * g.inputs, work);
        }
    }
}

}  // namespace chromatid::cpu
