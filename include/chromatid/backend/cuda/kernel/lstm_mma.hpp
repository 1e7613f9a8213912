// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/backend/cuda/gates.hpp>
#include <chromatid/backend/cuda/kernel/lstm_chain.hpp>
#include <chromatid/core/host_device.hpp>
#include <chromatid/core/index.hpp>

#include <cstdint>
#include <type_traits>

// All steps of an LSTM on the matrix units. A block takes eight sequences in one direction, from the first step to the last, and nothing
// but the projections x W of the inputs and the results passes through memory meanwhile.
//
// The gates of a step are U^T h: units by rows, sequences by columns, so that eight sequences are one tile of columns. A warp owns 16 units
// with their four gates: four tiles of rows, whose weights, packed to 16 bits, stay in its registers for all steps (units registers a
// thread: 128 of 255 for 128 units). The sums of a thread are then all four gates of two units of two sequences, which it turns into c and
// h without any exchange; c stays in its registers, h goes, rounded to 16 bits, to shared memory, twice buffered: one barrier a step. With
// masks there are four copies of h, one for each gate. The projections of the next step are loaded while the products of this one run.
//
// Rows of h are padded by 16 bytes, so that the eight rows of a matrix lie in different banks. Factors are rounded to `Format`, sums, cells
// and gates are float.

namespace chromatid::cuda {

/// Where the sums of a tile lie: thread `thread` has those of cells 0 to 3.
template <int Units>
struct LstmTile {
    static constexpr int threads = 2 * Units, sequences = 8;
    static_assert(Units % 32 == 0);

    static CHROMATID_HOST_DEVICE constexpr int unit(int thread, int cell) { return thread / 32 * 16 + thread % 32 / 4 + cell / 2 * 8; }
    static CHROMATID_HOST_DEVICE constexpr int sequence(int thread, int cell) { return 2 * (thread % 4) + cell % 2; }

    /// Masks of the eight sequences' states in shared memory, rows padded so that the cells of a warp lie in different banks.
    struct Masks {
        float v[4][sequences][Units + 4];

        CHROMATID_HOST_DEVICE void load(int thread, const float* masks, Index first, Index batch) {
            for (int i = thread; i < sequences * 4 * Units; i += threads) {
                const int n = i / (4 * Units), g = i / Units % 4, unit = i % Units;
                v[g][n][unit] = first + n < batch ? masks[((first + n) * 4 + g) * Units + unit] : 0.0F;
            }
        }
        CHROMATID_HOST_DEVICE float of(int g, int n, int unit) const { return v[g][n][unit]; }
    };
    struct NoMasks {
        CHROMATID_HOST_DEVICE void load(int, const float*, Index, Index) {}
        CHROMATID_HOST_DEVICE float of(int, int, int) const { return 1.0F; }
    };
};

/// \tparam Format    `Half` or `Bfloat`
/// \tparam Training  keeps gates and cells, see `LstmChain`
/// \tparam Masked    each gate sees the state through its mask
template <int Units, class Format, class Gate, class Math, bool Training, bool Masked>
struct LstmMma {
    using Tile = LstmTile<Units>;
    static constexpr int threads = Tile::threads, sequences = Tile::sequences, copies = Masked ? 4 : 1;
    static constexpr int parts = Units / 16;  ///< of a sum over units

    struct alignas(16) Shared {
        std::uint16_t h[2][copies][sequences][Units + 8];
        float bias[4 * Units];
        std::conditional_t<Masked, typename Tile::Masks, typename Tile::NoMasks> masks;
    };

    LstmChains<LstmChain> chains;

    template <class Block>
    CHROMATID_HOST_DEVICE void operator()(Block& block, Shared& shared) const {
        struct Weights {
            std::uint32_t r[4][parts][4];
        };
        struct Gates {
            float v[4][4];  // gate, cell
        };
        struct State {
            float c[4], h[4];
            int row[2];
            bool real[2];
        };
        typename Block::template Private<Weights> weights;
        typename Block::template Private<Gates> sums, next;
        typename Block::template Private<State> states;
        typename Block::template Private<typename Block::Fragment> fragment;
        typename Block::template Private<const void*> rows;

        const LstmChain chain = chains[block.y()];
        const Index first = block.x() * sequences;
        const int way = chain.backwards ? -1 : 1;
        const auto load = [&](Gates& z, const State& state, int thread) {
            CHROMATID_DEVICE_UNROLL
            for (int cell = 0; cell < 4; ++cell) {
                const float* from = chain.gates + static_cast<Index>(state.row[cell % 2]) * (4 * Units) + Tile::unit(thread, cell);
                CHROMATID_DEVICE_UNROLL
                for (int g = 0; g < 4; ++g) z.v[g][cell] = state.real[cell % 2] ? from[g * Units] : 0.0F;
            }
        };
        const auto add_bias = [&](const Gates& z, int thread) {
            Gates sum;
            CHROMATID_DEVICE_UNROLL
            for (int g = 0; g < 4; ++g)
                CHROMATID_DEVICE_UNROLL
                for (int cell = 0; cell < 4; ++cell) sum.v[g][cell] = z.v[g][cell] + shared.bias[g * Units + Tile::unit(thread, cell)];
            return sum;
        };

        block.each([&](int thread) {
            CHROMATID_DEVICE_UNROLL
            for (int g = 0; g < 4; ++g)
                CHROMATID_DEVICE_UNROLL
                for (int part = 0; part < parts; ++part)
                    CHROMATID_DEVICE_UNROLL
                    for (int i = 0; i < 4; ++i) {
                        const int unit = Tile::unit(thread, i % 2 * 2), from = part * 16 + 2 * (thread % 4) + i / 2 * 8;
                        const float* u = chain.recurrent + static_cast<Index>(from) * (4 * Units) + g * Units + unit;
                        weights(thread).r[g][part][i] = Format::pack(u[0], u[4 * Units]);
                    }
            for (int i = thread; i < 4 * Units; i += threads) shared.bias[i] = chain.bias[i];
            shared.masks.load(thread, chain.masks, first, chains.batch);
            std::uint16_t* h = &shared.h[0][0][0][0];
            for (int i = thread; i < copies * sequences * (Units + 8); i += threads) h[i] = 0;
            State& state = states(thread);
            CHROMATID_DEVICE_UNROLL
            for (int cell = 0; cell < 4; ++cell) state.c[cell] = state.h[cell] = 0.0F;
            CHROMATID_DEVICE_UNROLL
            for (int q = 0; q < 2; ++q) {
                const Index sequence = first + Tile::sequence(thread, q);
                state.real[q] = sequence < chains.batch;
                state.row[q] = chains.first_row(sequence, chain.backwards);
            }
            load(next(thread), state, thread);
        });
        block.sync();
        block.each([&](int thread) { sums(thread) = add_bias(next(thread), thread); });

        for (Index step = 0; step < chains.length; ++step) {
            const int now = static_cast<int>(step % 2);
            const bool last = step + 1 == chains.length;
            block.each([&](int thread) {
                State ahead = states(thread);
                ahead.row[0] += way;
                ahead.row[1] += way;
                if (!last) load(next(thread), ahead, thread);
            });
            CHROMATID_DEVICE_UNROLL
            for (int pair = 0; pair < parts / 2; ++pair)
                CHROMATID_DEVICE_UNROLL
                for (int g = 0; g < 4; ++g) {
                    if (Masked || g == 0) {
                        block.each([&](int thread) {
                            rows(thread) = &shared.h[now][Masked ? g : 0][thread % 8][pair * 32 + thread % 32 / 8 * 8];
                        });
                        block.load_matrices(fragment, rows);
                    }
                    CHROMATID_DEVICE_UNROLL
                    for (int part = 0; part < 2; ++part)
                        block.template mma<Format>([&](int t) { return sums(t).v[g]; },
                                                  [&](int t) { return weights(t).r[g][pair * 2 + part]; },
                                                  [&](int t) { return fragment(t).r + part * 2; });
                }
            block.each([&](int thread) {
                State& state = states(thread);
                const Gates& z = sums(thread);
                CHROMATID_DEVICE_UNROLL
                for (int cell = 0; cell < 4; ++cell) {
                    const int unit = Tile::unit(thread, cell), n = Tile::sequence(thread, cell);
                    const float into[4] = {z.v[0][cell], z.v[1][cell], z.v[2][cell], z.v[3][cell]};
                    lstm_cell_step<Units, Gate, Math, Training>(chain, chains.y_width, state.row[cell % 2], unit, into,
                                                                state.real[cell % 2], state.c[cell], state.h[cell]);
                    CHROMATID_DEVICE_UNROLL
                    for (int copy = 0; copy < copies; ++copy)
                        shared.h[1 - now][copy][n][unit] = Format::from_float(state.h[cell] * shared.masks.of(copy, n, unit));
                }
                state.row[0] += way;
                state.row[1] += way;
                sums(thread) = add_bias(next(thread), thread);
            });
            block.sync();
        }
    }
};

}  // namespace chromatid::cuda
