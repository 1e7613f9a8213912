// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/backend/cuda/kernel/lstm_chain.hpp>
#include <chromatid/backend/cuda/kernel/lstm_fma.hpp>
#include <chromatid/core/host_device.hpp>
#include <chromatid/core/index.hpp>

// The gradient's recurrence of an LSTM in float on the ordinary units, for four sequences in one direction: dz of all gates from dh and dc,
// then dh of the step before as U dz.
//
// 16 threads share four units of dh: thread (gate, quarter) has the weights from a quarter of that gate's units (u = 4 j + quarter) to the
// four, and sums them for all four sequences: 16 sums, as in `LstmFma`, and as many weights, divided between registers and shared memory in
// the same way. First the quarters are added, of which each thread keeps one unit; then, under the masks of the state, the gates, of which
// each keeps one sequence: so thread (gate, quarter) ends with dh of unit `quarter` of the four and of sequence `gate`, and makes dz of
// that cell. dz lies in shared memory with the four sequences side by side, twice buffered, a gate's block padded so that two gates' reads
// fall into different banks.

namespace chromatid::cuda {

/// \tparam Masked  each gate saw the state through its mask
template <int Units, class Gate, bool Masked>
struct LstmFmaBackward {
    using Split = LstmSplit<Units>;
    static constexpr int threads = Split::threads, sequences = Split::sequences;

    struct Shared {
        typename Split::Shared weights;
        Four dz[2][4][Units + 4];
    };

    LstmChains<LstmChainBackward> chains;

    template <class Block>
    CHROMATID_HOST_DEVICE void operator()(Block& block, Shared& shared) const {
        struct Sums {
            float v[4][sequences];  // unit, sequence
        };
        struct Step {
            float gates[4], c_before, tanh_c, dy;
        };
        struct State {
            float dc, dh, masks[sequences];
            int row;
            bool real;
        };
        typename Block::template Private<typename Split::Registers> weights;
        typename Block::template Private<Sums> sums;
        typename Block::template Private<Step> steps;
        typename Block::template Private<State> states;

        const LstmChainBackward chain = chains[block.y()];
        const Index first = block.x() * sequences;
        const int way = chain.backwards ? 1 : -1;
        const auto unit_of = [](int thread) { return thread / 16 * 4 + thread % 4; };
        const auto load = [&](Step& to, const State& state, int thread) {
            const auto row = static_cast<Index>(state.row);
            const int unit = unit_of(thread);
            const float* gates = chain.gates + row * (4 * Units) + unit;
            CHROMATID_DEVICE_UNROLL
            for (int g = 0; g < 4; ++g) to.gates[g] = state.real ? gates[g * Units] : 0.0F;
            to.c_before = state.real ? chain.c_before[row * Units + unit] : 0.0F;
            to.tanh_c = state.real ? chain.tanh_c[row * Units + unit] : 0.0F;
            to.dy = state.real ? chain.dy[row * chains.y_width + unit] : 0.0F;
        };

        block.each([&](int thread) {
            const int quad = thread / 16 * 4, g = thread / 4 % 4, quarter = thread % 4;
            CHROMATID_DEVICE_UNROLL
            for (int j = 0; j < Split::quadruples; ++j) {
                Four w;
                CHROMATID_DEVICE_UNROLL
                for (int k = 0; k < 4; ++k)
                    w.values[k] = chain.recurrent[static_cast<Index>(quad + k) * (4 * Units) + g * Units + 4 * j + quarter];
                if (j < Split::in_registers) weights(thread).w[j] = w;
                else shared.weights.w[j - Split::in_registers][thread] = w;
            }
            const Index sequence = first + g;
            State& state = states(thread);
            state.dc = state.dh = 0.0F;
            state.real = sequence < chains.batch;
            state.row = chains.first_row(sequence, !chain.backwards);
            CHROMATID_DEVICE_UNROLL
            for (int n = 0; n < sequences; ++n)
                state.masks[n] = Masked && first + n < chains.batch ? chain.masks[((first + n) * 4 + g) * Units + unit_of(thread)] : 1.0F;
            load(steps(thread), state, thread);
        });
        block.sync();

        for (Index step = 0; step < chains.length; ++step) {
            const int now = static_cast<int>(step % 2);
            block.each([&](int thread) {
                const int unit = unit_of(thread), n = thread / 4 % 4;
                State& state = states(thread);
                const Step& at = steps(thread);
                const float i = at.gates[0], f = at.gates[1], candidate = at.gates[2], o = at.gates[3], bent = at.tanh_c;
                const float dh = state.dh + at.dy, dc = state.dc + dh * o * (1.0F - bent * bent);
                const float dz[4] = {dc * candidate * Gate::slope(i), dc * at.c_before * Gate::slope(f),
                                     dc * i * (1.0F - candidate * candidate), dh * bent * Gate::slope(o)};
                state.dc = dc * f;
                float* to = chain.dz + static_cast<Index>(state.row) * (4 * Units) + unit;
                CHROMATID_DEVICE_UNROLL
                for (int g = 0; g < 4; ++g) {
                    if (state.real) to[g * Units] = dz[g];
                    shared.dz[now][g][unit].values[n] = dz[g];
                }
                state.row += way;
            });
            if (step + 1 == chains.length) break;
            block.sync();
            block.each([&](int thread) {
                const int g = thread / 4 % 4, quarter = thread % 4;
                load(steps(thread), states(thread), thread);
                Sums& sum = sums(thread);
                CHROMATID_DEVICE_UNROLL
                for (int k = 0; k < 4; ++k)
                    CHROMATID_DEVICE_UNROLL
                    for (int n = 0; n < sequences; ++n) sum.v[k][n] = 0.0F;
                CHROMATID_DEVICE_UNROLL
                for (int j = 0; j < Split::quadruples; ++j) {
                    const Four w = j < Split::in_registers ? weights(thread).w[j] : shared.weights.w[j - Split::in_registers][thread];
                    const Four dz = shared.dz[now][g][4 * j + quarter];
                    CHROMATID_DEVICE_UNROLL
                    for (int k = 0; k < 4; ++k)
                        CHROMATID_DEVICE_UNROLL
                        for (int n = 0; n < sequences; ++n) sum.v[k][n] += w.values[k] * dz.values[n];
                }
            });
            CHROMATID_DEVICE_UNROLL
            for (int half = 2; half > 0; half /= 2)  // the quarters: of four units a thread keeps two, then one
                CHROMATID_DEVICE_UNROLL
                for (int k = 0; k < half; ++k)
                    CHROMATID_DEVICE_UNROLL
                    for (int n = 0; n < sequences; ++n)
                        keep_one_of_two(block, half, [&](int t) -> float& { return sums(t).v[k][n]; },
                                        [&](int t) { return sums(t).v[k + half][n]; });
            if constexpr (Masked)
                block.each([&](int thread) {
                    CHROMATID_DEVICE_UNROLL
                    for (int n = 0; n < sequences; ++n) sums(thread).v[0][n] *= states(thread).masks[n];
                });
            CHROMATID_DEVICE_UNROLL
            for (int half = 2; half > 0; half /= 2)  // the gates: of four sequences a thread keeps two, then one
                CHROMATID_DEVICE_UNROLL
                for (int n = 0; n < half; ++n)
                    keep_one_of_two(block, 4 * half, [&](int t) -> float& { return sums(t).v[0][n]; },
                                    [&](int t) { return sums(t).v[0][n + half]; });
            block.each([&](int thread) { states(thread).dh = sums(thread).v[0][0]; });
        }
    }
};

}  // namespace chromatid::cuda
