// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/backend/cuda/grid.hpp>
#include <chromatid/backend/cuda/half.hpp>
#include <chromatid/backend/cuda/kernel/for_each.hpp>
#include <chromatid/backend/cuda/kernel/lstm_chain.hpp>
#include <chromatid/backend/cuda/kernel/lstm_fma.hpp>
#include <chromatid/backend/cuda/kernel/lstm_fma_backward.hpp>
#include <chromatid/backend/cuda/kernel/lstm_mma.hpp>
#include <chromatid/backend/cuda/kernel/lstm_mma_backward.hpp>
#include <chromatid/backend/cuda/kernel/lstm_rows.hpp>
#include <chromatid/backend/cuda/lstm_general.hpp>
#include <chromatid/backend/cuda/precision.hpp>
#include <chromatid/backend/cuda/sums.hpp>
#include <chromatid/backend/geometry.hpp>
#include <chromatid/core/index.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <limits>
#include <type_traits>

// LSTMs, one direction or both. With 32, 64 or 128 units all steps of all sequences are one launch, both directions side by side: what is
// not recurrent, the projections of the inputs and the gradients of the parameters, are long products before and after it. Half precisions
// run it on the matrix units, `Exact32` and `TF32` in float on the ordinary ones (a step's products are too small to gain from TF32). Other
// sizes, and devices with less shared memory than a kernel takes, go through products of matrices step by step, see lstm_general.hpp. All
// arrays have a row for each position of each sequence, as x and y have.

namespace chromatid::cuda {

/// One direction of a layer in one pass.
/// \tparam T  what the tape is to the pass: float or const float
template <class T>
struct LstmPass {
    LstmGeometry g;
    LstmMasks<float> masks{};
    LstmParameters<const float> p{};
    T* tape = nullptr;
    float* scratch = nullptr;
};

namespace detail {

/// Where the parts of the kernels' tape lie: `LstmGeometry::tape()` elements at most.
template <class T>
struct LstmTape {
    T *x, *gates;                     ///< (rows, inputs), (rows, 4 units)
    T *h_before, *c_before, *tanh_c;  ///< (rows, units) each, see `LstmChain`

    LstmTape(T* tape, const LstmGeometry& g)
        : x(tape),
          gates(x + g.batch * g.length * g.inputs),
          h_before(gates + g.batch * g.length * 4 * g.units),
          c_before(h_before + g.batch * g.length * g.units),
          tanh_c(c_before + g.batch * g.length * g.units) {}
};

inline bool has_lstm_kernels(const LstmGeometry& g) {
    return (g.units == 32 || g.units == 64 || g.units == 128) && g.length > 0 && g.batch * g.length <= std::numeric_limits<int>::max();
}

/// Calls `f(std::integral_constant<int, units>)`.
template <class F>
void with_lstm_units(Index units, const F& f) {
    if (units == 32) f(std::integral_constant<int, 32>{});
    else if (units == 64) f(std::integral_constant<int, 64>{});
    else f(std::integral_constant<int, 128>{});
}

template <class Precision>
inline constexpr bool on_matrix_units = std::is_same_v<Precision, F16> || std::is_same_v<Precision, BF16>;
template <class Precision>
using LstmFormat = std::conditional_t<std::is_same_v<Precision, BF16>, Bfloat, Half>;

template <int Units, class Precision, class Gate, class Math, bool Training, bool Masked>
using LstmKernel = std::conditional_t<on_matrix_units<Precision>, LstmMma<Units, LstmFormat<Precision>, Gate, Math, Training, Masked>,
                                      LstmFma<Units, Gate, Math, Training, Masked>>;
template <int Units, class Precision, class Gate, bool Masked>
using LstmKernelBackward = std::conditional_t<on_matrix_units<Precision>, LstmMmaBackward<Units, LstmFormat<Precision>, Gate, Masked>,
                                              LstmFmaBackward<Units, Gate, Masked>>;

/// Shared memory that a block of the kernels takes, in bytes: the most of training, with masks, or that of inference.
template <class Precision>
std::size_t lstm_shared_memory(Index units, bool training) {
    std::size_t bytes = 0;
    with_lstm_units(units, [&](auto constant) {
        constexpr int n = constant();
        using Forward = LstmKernel<n, Precision, Sigmoid, ExactMath, true, true>;
        using Backward = LstmKernelBackward<n, Precision, Sigmoid, true>;
        bytes = training ? std::max(sizeof(typename Forward::Shared), sizeof(typename Backward::Shared))
                         : sizeof(typename LstmKernel<n, Precision, Sigmoid, ExactMath, false, false>::Shared);
    });
    return bytes;
}

/// Whether a layer goes through the kernels: sizes that they take, on a device whose blocks may have as much shared memory as they need.
template <class E, class Precision>
bool takes_lstm_kernels(const typename E::Context& on, const LstmGeometry& g, bool training) {
    return has_lstm_kernels(g) && lstm_shared_memory<Precision>(g.units, training) <= on.shared_memory();
}

/// One launch for one chain or two.
template <class E, class K, class Chain, std::size_t N>
void launch_lstm(typename E::Context& on, const LstmGeometry& g, const std::array<Chain, N>& chains) {
    E::launch(on, Grid{blocks_of(g.batch, K::sequences), static_cast<Index>(N)},
              K{{chains.front(), chains.back(), g.batch, g.length, g.out_channels}});
}

/// z = x W for all rows, x masked gate by gate where there are masks.
template <class E, class Precision>
void lstm_inputs(typename E::Context& on, const LstmGeometry& g, const float* x, const float* masks, const float* kernel, float* z,
                 float* masked) {
    const Index gates = 4 * g.units, rows = g.batch * g.length;
    for_each_masked_gate(g.units, g.inputs, masks, [&](Index columns, Index first, const float* of_gate) {
        if (of_gate != nullptr) for_each<E>(on, rows * g.inputs, MaskRows{g.length, g.inputs, x, of_gate, masked});
        E::template gemm<Precision, false, false>(on, rows, columns, g.inputs, of_gate == nullptr ? x : masked, g.inputs, kernel + first,
                                                  gates, 0.0F, z + first, gates);
    });
}

/// dx = dz W^T for all rows, masked likewise; or dx += that.
template <class E, class Precision>
void lstm_inputs_backward(typename E::Context& on, const LstmGeometry& g, const float* dz, const float* masks, const float* kernel,
                          bool add, float* dx, float* part) {
    const Index gates = 4 * g.units, rows = g.batch * g.length;
    for_each_masked_gate(g.units, g.inputs, masks, [&](Index columns, Index first, const float* of_gate) {
        const bool adds = add || first > 0;
        if (of_gate == nullptr)
            return E::template gemm<Precision, false, true>(on, rows, g.inputs, columns, dz, gates, kernel, gates, adds ? 1.0F : 0.0F, dx,
                                                            g.inputs);
        E::template gemm<Precision, false, true>(on, rows, g.inputs, columns, dz + first, gates, kernel + first, gates, 0.0F, part,
                                                 g.inputs);
        for_each<E>(on, rows * g.inputs, AddMaskedRows{g.length, g.inputs, part, of_gate, adds, dx});
    });
}

template <class E, class Precision, class Gate, class Math, std::size_t N>
void run_lstm(typename E::Context& on, const std::array<LstmPass<float>, N>& passes, const float* x, float* y) {
    const LstmGeometry& g = passes.front().g;
    const bool kernels = takes_lstm_kernels<E, Precision>(on, g, false);
    std::array<LstmChain, N> chains;
    for (std::size_t i = 0; i < N; ++i) {
        const auto& [of, masks, p, tape, scratch] = passes[i];
        if (!kernels) {
            lstm_general<E, Precision, Gate, Math>(on, of, x, p.kernel, p.recurrent, p.bias, y, scratch);
            continue;
        }
        lstm_inputs<E, Precision>(on, of, x, nullptr, p.kernel, scratch, nullptr);
        chains[i] =
            LstmChain{.recurrent = p.recurrent, .bias = p.bias, .gates = scratch, .y = y + of.out_offset, .backwards = of.backwards};
    }
    if (!kernels) return;
    with_lstm_units(g.units, [&](auto units) { launch_lstm<E, LstmKernel<units(), Precision, Gate, Math, false, false>>(on, g, chains); });
}

template <class E, class Precision, class Gate, class Math, std::size_t N>
void run_lstm_forward(typename E::Context& on, const std::array<LstmPass<float>, N>& passes, const float* x, float* y) {
    const LstmGeometry& g = passes.front().g;
    const bool kernels = takes_lstm_kernels<E, Precision>(on, g, true);
    std::array<LstmChain, N> chains;
    for (std::size_t i = 0; i < N; ++i) {
        const auto& [of, masks, p, tape, scratch] = passes[i];
        if (!kernels) {
            lstm_general_forward<E, Precision, Gate, Math>(on, of, masks, x, p.kernel, p.recurrent, p.bias, y, tape, scratch);
            continue;
        }
        const LstmTape<float> kept(tape, g);
        E::copy_on_device(on, sizeof(float) * static_cast<std::size_t>(g.batch * g.length * g.inputs), x, kept.x);
        lstm_inputs<E, Precision>(on, of, x, masks.input, p.kernel, kept.gates, scratch);
        chains[i] = LstmChain{p.recurrent,   masks.state,   p.bias,      kept.gates,  y + of.out_offset,
                              kept.h_before, kept.c_before, kept.tanh_c, of.backwards};
    }
    if (!kernels) return;
    with_lstm_units(g.units, [&](auto units) {
        if (passes.front().masks.state != nullptr) launch_lstm<E, LstmKernel<units(), Precision, Gate, Math, true, true>>(on, g, chains);
        else launch_lstm<E, LstmKernel<units(), Precision, Gate, Math, true, false>>(on, g, chains);
    });
}

template <class E, class Precision, class Gate, class Math, std::size_t N>
void run_lstm_backward(typename E::Context& on, const std::array<LstmPass<const float>, N>& passes, const float* dy, bool add, float* dx,
                       const std::array<LstmParameters<float>, N>& gradients) {
    const LstmGeometry& g = passes.front().g;
    const Index rows = g.batch * g.length;
    const bool kernels = takes_lstm_kernels<E, Precision>(on, g, true);
    if (kernels) {
        std::array<LstmChainBackward, N> chains;
        for (std::size_t i = 0; i < N; ++i) {
            const auto& [of, masks, p, tape, scratch] = passes[i];
            const LstmTape<const float> kept(tape, g);
            chains[i] = LstmChainBackward{p.recurrent, masks.state, kept.gates,        kept.c_before,
                                          kept.tanh_c, dy + of.out_offset, scratch, of.backwards};
        }
        with_lstm_units(g.units, [&](auto units) {
            if (passes.front().masks.state != nullptr) launch_lstm<E, LstmKernelBackward<units(), Precision, Gate, true>>(on, g, chains);
            else launch_lstm<E, LstmKernelBackward<units(), Precision, Gate, false>>(on, g, chains);
        });
    }
    for (std::size_t i = 0; i < N; ++i) {
        const auto& [of, masks, p, tape, scratch] = passes[i];
        const auto& [dkernel, drecurrent, dbias] = gradients[i];
        const bool adds = add || i > 0;
        if (!kernels) {
            lstm_general_backward<E, Precision, Gate, Math>(on, of, masks, p.kernel, p.recurrent, dy, adds, dx, dkernel, drecurrent, dbias,
                                                            tape, scratch);
            continue;
        }
        const LstmTape<const float> kept(tape, g);
        const float* const dz = scratch;
        float* const wide = scratch + rows * 4 * g.units;
        add_column_sums<E>(on, rows, 4 * g.units, dz, dbias);
        const auto weights = [&](Index width, const float* x, const float* masks_of, float* dw) {  // rows go sequence by sequence
            lstm_weight_gradient<E, Precision>(on, g, width, x, masks_of, dz, dw, wide, [&](const float* of_gate) {
                for_each<E>(on, rows * width, MaskRows{g.length, width, x, of_gate, wide});
            });
        };
        weights(g.inputs, kept.x, masks.input, dkernel);
        weights(g.units, kept.h_before, masks.state, drecurrent);
        if (dx != nullptr) lstm_inputs_backward<E, Precision>(on, of, dz, masks.input, p.kernel, adds, dx, wide);
    }
}

/// The passes of both directions, the scratch of the second one behind that of the first.
template <class T>
BothLstms<LstmPass<T>> both_directions(const LstmGeometry& g, const BothLstms<LstmMasks<float>>& masks,
                                           const BothLstms<LstmParameters<const float>>& p, const BothLstms<T*>& tapes,
                                           float* scratch, Index size) {
    LstmGeometry second = g;
    second.out_offset += g.units;
    second.backwards = !g.backwards;
    return {{{g, masks[0], p[0], tapes[0], scratch}, {second, masks[1], p[1], tapes[1], scratch + size}}};
}

}  // namespace detail

/// One direction of an LSTM over a batch, see `LstmGeometry`.
/// \param kernel     (inputs, 4 units), gates in the order i, f, c, o, each `units` wide
/// \param recurrent  (units, 4 units)
/// \param bias       (4 units)
/// \param scratch    `g.scratch()` elements
template <class E, class Precision, class Gate, class Math>
void lstm(typename E::Context& on, const LstmGeometry& g, const float* x, const float* kernel, const float* recurrent, const float* bias,
          float* y, float* scratch) {
    detail::run_lstm<E, Precision, Gate, Math>(on, std::array{LstmPass<float>{g, {}, {kernel, recurrent, bias}, nullptr, scratch}}, x, y);
}

/// The same in training, with masks; keeps what `lstm_backward` reads.
/// \param tape     `g.tape()` elements
/// \param scratch  `g.training_scratch()` elements
template <class E, class Precision, class Gate, class Math>
void lstm_forward(typename E::Context& on, const LstmGeometry& g, const LstmMasks<float>& masks, const float* x, const float* kernel,
                  const float* recurrent, const float* bias, float* y, float* tape, float* scratch) {
    detail::run_lstm_forward<E, Precision, Gate, Math>(on, std::array{LstmPass<float>{g, masks, {kernel, recurrent, bias}, tape, scratch}},
                                                       x, y);
}

/// The gradients of `lstm_forward`: adds to those of the parameters, and writes dx, or adds to it, where it is not null.
/// \param scratch  `g.training_scratch()` elements
template <class E, class Precision, class Gate, class Math>
void lstm_backward(typename E::Context& on, const LstmGeometry& g, const LstmMasks<float>& masks, const float* kernel,
                   const float* recurrent, const float* dy, bool add, float* dx, float* dkernel, float* drecurrent, float* dbias,
                   const float* tape, float* scratch) {
    detail::run_lstm_backward<E, Precision, Gate, Math>(
        on, std::array{LstmPass<const float>{g, masks, {kernel, recurrent, nullptr}, tape, scratch}}, dy, add, dx,
        std::array{LstmParameters<float>{dkernel, drecurrent, dbias}});
}

/// Both directions over the same x, side by side in y: the second one reads from the other end and writes the `units` channels after those
/// of the first.
/// \param g        of the first direction
/// \param scratch  2 `g.scratch()` elements
template <class E, class Precision, class Gate, class Math>
void bilstm(typename E::Context& on, const LstmGeometry& g, const float* x, const BothLstms<LstmParameters<const float>>& p, float* y,
            float* scratch) {
    detail::run_lstm<E, Precision, Gate, Math>(on, detail::both_directions<float>(g, {}, p, {}, scratch, g.scratch()), x, y);
}

/// The same in training: masks and a tape for each direction; either both have masks of the inputs or none, and so with those of the
/// states.
/// \param tapes    `g.tape()` elements each
/// \param scratch  2 `g.training_scratch()` elements
template <class E, class Precision, class Gate, class Math>
void bilstm_forward(typename E::Context& on, const LstmGeometry& g, const BothLstms<LstmMasks<float>>& masks, const float* x,
                    const BothLstms<LstmParameters<const float>>& p, float* y, const BothLstms<float*>& tapes, float* scratch) {
    detail::run_lstm_forward<E, Precision, Gate, Math>(
        on, detail::both_directions<float>(g, masks, p, tapes, scratch, g.training_scratch()), x, y);
}

/// The gradients of `bilstm_forward`: adds to those of the parameters and writes dx where it is not null.
/// \param scratch  2 `g.training_scratch()` elements
template <class E, class Precision, class Gate, class Math>
void bilstm_backward(typename E::Context& on, const LstmGeometry& g, const BothLstms<LstmMasks<float>>& masks,
                     const BothLstms<LstmParameters<const float>>& p, const float* dy, float* dx,
                     const BothLstms<LstmParameters<float>>& gradients, const BothLstms<const float*>& tapes, float* scratch) {
    detail::run_lstm_backward<E, Precision, Gate, Math>(
        on, detail::both_directions<const float>(g, masks, p, tapes, scratch, g.training_scratch()), dy, false, dx, gradients);
}

}  // namespace chromatid::cuda
