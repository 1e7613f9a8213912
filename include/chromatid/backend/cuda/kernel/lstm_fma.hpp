// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/backend/cuda/gates.hpp>
#include <chromatid/backend/cuda/kernel/lstm_chain.hpp>
#include <chromatid/core/host_device.hpp>
#include <chromatid/core/index.hpp>

// All steps of an LSTM in float on the ordinary units. A block takes four sequences in one direction, from the first step to the last.
//
// Four threads share a unit: each has the weights of its four gates for a quarter of the states (k = 4 j + quarter) and sums them for all
// four sequences: 16 sums, each weight used four times, each state four times. Three exchanges halve and halve again what a thread keeps,
// until it has the four gates of one sequence, which it turns into c and h. The weights of a thread are `units` floats: in registers up to
// 64, the rest in shared memory (128 KB for 128 units, each thread's own quadruples side by side, which no two threads of a quarter warp
// find in one bank). States lie in shared memory with the four sequences side by side, twice buffered: one barrier a step. With masks there
// are four copies of them, one a gate. A step's projections are asked for before its sums and needed behind them.

namespace chromatid::cuda {

/// How the weights of a thread, `units` in all, are divided; by quadruples.
template <int Units>
struct LstmSplit {
    static constexpr int threads = 4 * Units, sequences = 4;
    static constexpr int quadruples = Units / 4, in_registers = quadruples < 16 ? quadruples : 16, in_shared = quadruples - in_registers;
    static_assert(Units % 8 == 0);

    struct Registers {
        Four w[in_registers];
    };
    struct Shared {
        Four w[in_shared == 0 ? 1 : in_shared][in_shared == 0 ? 1 : threads];
    };
};

/// Of two sums of each thread one stays: `first` of the threads whose number lacks `bit`, else `second`. The thread whose number differs in
/// that bit keeps the other one, and each adds what the other has of its own; the result takes the place of `first`.
template <class Block, class First, class Second>
CHROMATID_HOST_DEVICE void keep_one_of_two(Block& block, int bit, const First& first, const Second& second) {
    typename Block::template Private<float> given, taken;
    block.each([&](int thread) { given(thread) = (thread & bit) != 0 ? first(thread) : second(thread); });
    block.shuffle_xor(taken, given, bit);
    block.each([&](int thread) { first(thread) = ((thread & bit) != 0 ? second(thread) : first(thread)) + taken(thread); });
}

/// \tparam Training  keeps gates and cells, see `LstmChain`
/// \tparam Masked    each gate sees the state through its mask
template <int Units, class Gate, class Math, bool Training, bool Masked>
struct LstmFma {
    using Split = LstmSplit<Units>;
    static constexpr int threads = Split::threads, sequences = Split::sequences, copies = Masked ? 4 : 1;

    struct Shared {
        typename Split::Shared weights;
        Four bias[Units];
        Four h[2][copies][Units];
        float masks[copies][Masked ? threads : 1];  ///< each thread's own: in registers they would spill
    };

    LstmChains<LstmChain> chains;

    template <class Block>
    CHROMATID_HOST_DEVICE void operator()(Block& block, Shared& shared) const {
        struct Sums {
            float v[4][sequences];  // gate, sequence
        };
        struct State {
            float c, h;
            int row;
            bool real;
        };
        typename Block::template Private<typename Split::Registers> weights;
        typename Block::template Private<Sums> sums;
        typename Block::template Private<Four> inputs;
        typename Block::template Private<State> states;

        const LstmChain chain = chains[block.y()];
        const int way = chain.backwards ? -1 : 1;
        const auto load = [&](Four& z, const State& state, int thread) {
            const float* from = chain.gates + static_cast<Index>(state.row) * (4 * Units) + thread / 4;
            CHROMATID_DEVICE_UNROLL
            for (int g = 0; g < 4; ++g) z.values[g] = state.real ? from[g * Units] : 0.0F;
        };

        block.each([&](int thread) {
            const int unit = thread / 4, quarter = thread % 4;
            CHROMATID_DEVICE_UNROLL
            for (int j = 0; j < Split::quadruples; ++j) {
                Four w;
                CHROMATID_DEVICE_UNROLL
                for (int g = 0; g < 4; ++g)
                    w.values[g] = chain.recurrent[static_cast<Index>(4 * j + quarter) * (4 * Units) + g * Units + unit];
                if (j < Split::in_registers) weights(thread).w[j] = w;
                else shared.weights.w[j - Split::in_registers][thread] = w;
            }
            const Index sequence = block.x() * sequences + quarter;
            State& state = states(thread);
            state.c = state.h = 0.0F;
            state.real = sequence < chains.batch;
            state.row = chains.first_row(sequence, chain.backwards);
            shared.bias[unit].values[quarter] = chain.bias[quarter * Units + unit];
            CHROMATID_DEVICE_UNROLL
            for (int copy = 0; copy < copies; ++copy) {
                if constexpr (Masked) shared.masks[copy][thread] = state.real ? chain.masks[(sequence * 4 + copy) * Units + unit] : 1.0F;
                shared.h[0][copy][unit].values[quarter] = 0.0F;
            }
        });
        block.sync();

        for (Index step = 0; step < chains.length; ++step) {
            const int now = static_cast<int>(step % 2);
            block.each([&](int thread) {
                const int quarter = thread % 4;
                Sums& sum = sums(thread);
                CHROMATID_DEVICE_UNROLL
                for (int g = 0; g < 4; ++g)
                    CHROMATID_DEVICE_UNROLL
                    for (int n = 0; n < sequences; ++n) sum.v[g][n] = 0.0F;
                load(inputs(thread), states(thread), thread);
                CHROMATID_DEVICE_UNROLL
                for (int j = 0; j < Split::quadruples; ++j) {
                    const Four w = j < Split::in_registers ? weights(thread).w[j] : shared.weights.w[j - Split::in_registers][thread];
                    Four h = shared.h[now][0][4 * j + quarter];
                    CHROMATID_DEVICE_UNROLL
                    for (int g = 0; g < 4; ++g) {
                        if (Masked && g > 0) h = shared.h[now][g % copies][4 * j + quarter];
                        CHROMATID_DEVICE_UNROLL
                        for (int n = 0; n < sequences; ++n) sum.v[g][n] += w.values[g] * h.values[n];
                    }
                }
            });
            add_quarters(block, sums);
            block.each([&](int thread) {
                const int unit = thread / 4, quarter = thread % 4;
                State& state = states(thread);
                const Four bias = shared.bias[unit];
                Four z;
                CHROMATID_DEVICE_UNROLL
                for (int g = 0; g < 4; ++g) z.values[g] = sums(thread).v[g][0] + (inputs(thread).values[g] + bias.values[g]);
                lstm_cell_step<Units, Gate, Math, Training>(chain, chains.y_width, state.row, unit, z.values, state.real, state.c, state.h);
                state.row += way;
                CHROMATID_DEVICE_UNROLL
                for (int copy = 0; copy < copies; ++copy) {
                    if constexpr (Masked) shared.h[1 - now][copy][unit].values[quarter] = state.h * shared.masks[copy][thread];
                    else shared.h[1 - now][copy][unit].values[quarter] = state.h;
                }
            });
            block.sync();
        }
    }

  private:
    /// Adds the sums of four neighbouring threads, of which each keeps those of the sequence of its number, in place of sequence 0.
    template <class Block, class Sums>
    static CHROMATID_HOST_DEVICE void add_quarters(Block& block, Sums& sums) {
        CHROMATID_DEVICE_UNROLL
        for (int g = 0; g < 4; ++g) {
            CHROMATID_DEVICE_UNROLL
            for (int half = 2; half > 0; half /= 2)
                CHROMATID_DEVICE_UNROLL
                for (int n = 0; n < half; ++n)
                    keep_one_of_two(block, half, [&](int t) -> float& { return sums(t).v[g][n]; },
                                    [&](int t) { return sums(t).v[g][n + half]; });
        }
    }
};

}  // namespace chromatid::cuda
