// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/backend/cpu/lstm_plain.hpp>
#include <chromatid/backend/geometry.hpp>
#include <chromatid/core/activation.hpp>
#include <chromatid/core/math_policy.hpp>

#include <algorithm>
#include <type_traits>
#include <utility>

namespace chromatid::cpu::detail {

/// Units, rounded up to whole registers of any instruction set.
constexpr Index lstm_padded(Index units) { return (units + 15) / 16 * 16; }

/// Elements of h twice, each gate's for itself, and c, of the rows at work.
constexpr Index lstm_states(Index units) { return 6 * 9 * lstm_padded(units); }

/// One direction of an LSTM over some rows, as the kernels see it. Rows and positions lie side by side in x, y and the parts of a tape.
struct LstmRun {
    Index rows, length, inputs, units;
    bool backwards;
    const float* x = nullptr;        ///< null in training, where `gates` holds the projections of the inputs
    float* y = nullptr;
    Index y_width = 0;               ///< from one position of y to the next
    const float* masks = nullptr;    ///< of the states, (rows, 4, units), or null
    float *gates = nullptr, *h_before = nullptr, *state_before = nullptr, *bent = nullptr;  ///< the tape of training, see `LstmTape`
    const float *weights = nullptr, *bias = nullptr;                                        ///< packed
    float* states = nullptr;         ///< of the rows at work: h twice and c
};

template <class Gate, class T>
inline constexpr bool lstm_has_kernels = std::is_same_v<T, float> && (std::is_same_v<Gate, Sigmoid> || std::is_same_v<Gate, HardSigmoid>);

}  // namespace chromatid::cpu::detail

#define CHROMATID_KERNELS <chromatid/backend/cpu/kernels/vec_math.inc>
#include <chromatid/backend/cpu/kernels/for_each_isa.inc>
#define CHROMATID_KERNELS <chromatid/backend/cpu/kernels/lstm.inc>
#include <chromatid/backend/cpu/kernels/for_each_isa.inc>

namespace chromatid::cpu {

namespace detail {

template <class Gate, class Math>
void lstm_inference(const LstmRun& run, const float* kernel, const float* recurrent, const float* bias, float* scratch) {
    CHROMATID_DISPATCH(lstm_inference, Gate{}, Math{}, run, kernel, recurrent, bias, scratch);
}

}  // namespace detail

/// One direction of an LSTM over a batch.
///
/// In float a row has the same bits in any batch, and AVX2 and AVX-512 agree.
/// \tparam Gate      `Sigmoid` or `HardSigmoid` have kernels in float; others take the plain path
/// \tparam Math      `ExactMath` or `FastMath`: how exact tanh and the logistic function of the kernels are
/// \param kernel     (inputs, 4 units), gates in the order i, f, c, o, each `units` wide
/// \param recurrent  (units, 4 units)
/// \param bias       (4 units)
/// \param scratch    `g.scratch()` elements
template <class Gate, class Math = ExactMath, class T>
void lstm(const LstmGeometry& g, const T* x, const T* kernel, const T* recurrent, const T* bias, T* y, T* scratch) {
    if constexpr (detail::lstm_has_kernels<Gate, T>) {
        const detail::LstmRun run{.rows = g.batch, .length = g.length, .inputs = g.inputs, .units = g.units, .backwards = g.backwards,
                          .x = x, .y = y + g.out_offset, .y_width = g.out_channels};
        detail::lstm_inference<Gate, Math>(run, kernel, recurrent, bias, scratch);
    } else {
        lstm_plain<Gate>(g, x, kernel, recurrent, bias, y, scratch);
    }
}

}  // namespace chromatid::cpu
