// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/backend/cuda/half.hpp>
#include <chromatid/backend/cuda/kernel/lstm_chain.hpp>
#include <chromatid/backend/cuda/kernel/lstm_mma.hpp>
#include <chromatid/core/activation.hpp>
#include <chromatid/core/host_device.hpp>
#include <chromatid/core/index.hpp>

#include <cmath>
#include <cstdint>
#include <type_traits>

// The gradient's recurrence of an LSTM on the matrix units, from the last step to the first: dz of all gates from dh and dc, then dh of the
// step before as U dz. The tile is that of `LstmMma` with rows and sums changed over: a warp owns 16 units of dh, its weights are four
// tiles of 16 units by all units of a gate, and a thread has dh of two units of two sequences, for which it also makes dz: 16 bits of it go
// to shared memory, twice buffered, the float to memory, where the products for the gradients of the parameters find it. Each gate has its
// own sums (four short chains of products instead of one long one), which are added at the end, under the masks of the state where there
// are any. What the next step reads is loaded while the products run, into 28 registers: with 128 units there is no room left for all
// weights, and those of the last gate lie in shared memory (32 KB).
//
// A gradient is often far below the smallest number of half precision, so each sequence's is brought into its range by a power of two, the
// same for all steps: the recurrence is linear in dy. The largest |dy| of the sequence becomes a number in [0.5, 1).

namespace chromatid::cuda {

namespace detail {

/// The power of two that brings `largest` into [0.5, 1), as its exponent; 0 where there is nothing to scale or no way to.
inline CHROMATID_HOST_DEVICE int exponent_to_scale(float largest) {
    int exponent = 0;
    if (largest > 1e-30F && largest < 1e30F) static_cast<void>(std::frexp(largest, &exponent));
    return exponent;
}

}  // namespace detail

/// \tparam Format  `Half` or `Bfloat`
/// \tparam Masked  each gate saw the state through its mask
template <int Units, class Format, class Gate, bool Masked>
struct LstmMmaBackward {
    using Tile = LstmTile<Units>;
    static constexpr int threads = Tile::threads, sequences = Tile::sequences;
    static constexpr int parts = Units / 16, warps = threads / 32;
    static constexpr int fragments = 4 * parts, in_registers = fragments < 24 ? fragments : 24, in_shared = fragments - in_registers;
    static constexpr bool scaled = std::is_same_v<Format, Half>;

    /// A tile of weights, one thread's share.
    struct alignas(16) Packed {
        std::uint32_t r[4];
    };
    struct alignas(16) Shared {
        Packed weights[in_shared == 0 ? 1 : in_shared][in_shared == 0 ? 1 : threads];
        std::uint16_t dz[2][4][sequences][Units + 8];
        float scale[sequences], inverse[sequences];
        std::conditional_t<Masked, typename Tile::Masks, typename Tile::NoMasks> masks;
    };

    LstmChains<LstmChainBackward> chains;

    template <class Block>
    CHROMATID_HOST_DEVICE void operator()(Block& block, Shared& shared) const {
        struct Weights {
            Packed tile[in_registers];
        };
        struct Sums {
            float v[4][4];  // gate, cell
        };
        struct Step {
            float gates[4][4], c_before[4], tanh_c[4], dy[4];
        };
        struct State {
            float dc[4], dh[4];
            int row[2];
            bool real[2];
        };
        typename Block::template Private<Weights> weights;
        typename Block::template Private<Packed> tile;
        typename Block::template Private<Sums> sums;
        typename Block::template Private<Step> steps;
        typename Block::template Private<State> states;
        typename Block::template Private<typename Block::Fragment> fragment;
        typename Block::template Private<const void*> rows;

        const LstmChainBackward chain = chains[block.y()];
        const Index first = block.x() * sequences;
        const int way = chain.backwards ? 1 : -1;
        const auto load = [&](Step& to, const State& state, int thread) {
            CHROMATID_DEVICE_UNROLL
            for (int cell = 0; cell < 4; ++cell) {
                const bool real = state.real[cell % 2];
                const int unit = Tile::unit(thread, cell);
                const auto row = static_cast<Index>(state.row[cell % 2]);
                const float* gates = chain.gates + row * (4 * Units) + unit;
                CHROMATID_DEVICE_UNROLL
                for (int g = 0; g < 4; ++g) to.gates[g][cell] = real ? gates[g * Units] : 0.0F;
                to.c_before[cell] = real ? chain.c_before[row * Units + unit] : 0.0F;
                to.tanh_c[cell] = real ? chain.tanh_c[row * Units + unit] : 0.0F;
                to.dy[cell] = real ? chain.dy[row * chains.y_width + unit] : 0.0F;
            }
        };

        find_scales(block, shared, chain, first);
        block.each([&](int thread) {
            CHROMATID_DEVICE_UNROLL
            for (int g = 0; g < 4; ++g)
                CHROMATID_DEVICE_UNROLL
                for (int part = 0; part < parts; ++part) {
                    Packed packed;
                    CHROMATID_DEVICE_UNROLL
                    for (int i = 0; i < 4; ++i) {
                        const int to = Tile::unit(thread, i % 2 * 2), unit = part * 16 + 2 * (thread % 4) + i / 2 * 8;
                        const float* u = chain.recurrent + static_cast<Index>(to) * (4 * Units) + g * Units + unit;
                        packed.r[i] = Format::pack(u[0], u[1]);
                    }
                    const int number = g * parts + part;
                    if (number < in_registers) weights(thread).tile[number] = packed;
                    else shared.weights[number - in_registers][thread] = packed;
                }
            shared.masks.load(thread, chain.masks, first, chains.batch);
            State& state = states(thread);
            CHROMATID_DEVICE_UNROLL
            for (int cell = 0; cell < 4; ++cell) state.dc[cell] = state.dh[cell] = 0.0F;
            CHROMATID_DEVICE_UNROLL
            for (int q = 0; q < 2; ++q) {
                const Index sequence = first + Tile::sequence(thread, q);
                state.real[q] = sequence < chains.batch;
                state.row[q] = chains.first_row(sequence, !chain.backwards);
            }
            load(steps(thread), state, thread);
        });
        block.sync();

        for (Index step = 0; step < chains.length; ++step) {
            const int now = static_cast<int>(step % 2);
            const bool last = step + 1 == chains.length;
            block.each([&](int thread) {
                State& state = states(thread);
                const Step& at = steps(thread);
                CHROMATID_DEVICE_UNROLL
                for (int cell = 0; cell < 4; ++cell) {
                    const int unit = Tile::unit(thread, cell), n = Tile::sequence(thread, cell);
                    const float i = at.gates[0][cell], f = at.gates[1][cell], candidate = at.gates[2][cell], o = at.gates[3][cell];
                    const float bent = at.tanh_c[cell], dh = state.dh[cell] + (scaled ? at.dy[cell] * shared.scale[n] : at.dy[cell]);
                    const float dc = state.dc[cell] + dh * o * (1.0F - bent * bent);
                    const float dz[4] = {dc * candidate * Gate::slope(i), dc * at.c_before[cell] * Gate::slope(f),
                                         dc * i * (1.0F - candidate * candidate), dh * bent * Gate::slope(o)};
                    state.dc[cell] = dc * f;
                    float* to = chain.dz + static_cast<Index>(state.row[cell % 2]) * (4 * Units) + unit;
                    CHROMATID_DEVICE_UNROLL
                    for (int g = 0; g < 4; ++g) {
                        if (state.real[cell % 2]) to[g * Units] = scaled ? dz[g] * shared.inverse[n] : dz[g];
                        shared.dz[now][g][n][unit] = Format::from_float(dz[g]);
                        sums(thread).v[g][cell] = 0.0F;
                    }
                }
                state.row[0] += way;
                state.row[1] += way;
            });
            if (last) break;
            block.sync();
            block.each([&](int thread) { load(steps(thread), states(thread), thread); });
            CHROMATID_DEVICE_UNROLL
            for (int pair = 0; pair < parts / 2; ++pair)
                CHROMATID_DEVICE_UNROLL
                for (int g = 0; g < 4; ++g) {
                    block.each([&](int thread) { rows(thread) = &shared.dz[now][g][thread % 8][pair * 32 + thread % 32 / 8 * 8]; });
                    block.load_matrices(fragment, rows);
                    CHROMATID_DEVICE_UNROLL
                    for (int part = 0; part < 2; ++part) {
                        const int number = g * parts + pair * 2 + part;
                        block.each([&](int thread) {
                            if (number < in_registers) tile(thread) = weights(thread).tile[number];
                            else tile(thread) = shared.weights[number - in_registers][thread];
                        });
                        block.template mma<Format>([&](int t) { return sums(t).v[g]; }, [&](int t) { return tile(t).r; },
                                                   [&](int t) { return fragment(t).r + part * 2; });
                    }
                }
            block.each([&](int thread) {
                CHROMATID_DEVICE_UNROLL
                for (int cell = 0; cell < 4; ++cell) {
                    float dh = 0.0F;
                    CHROMATID_DEVICE_UNROLL
                    for (int g = 0; g < 4; ++g)
                        dh += sums(thread).v[g][cell] * shared.masks.of(g, Tile::sequence(thread, cell), Tile::unit(thread, cell));
                    states(thread).dh[cell] = dh;
                }
            });
        }
    }

  private:
    /// The scale of each sequence, a warp for each in turn.
    template <class Block>
    CHROMATID_HOST_DEVICE void find_scales(Block& block, Shared& shared, const LstmChainBackward& chain, Index first) const {
        if constexpr (scaled) {
            typename Block::template Private<float> largest, other;
            for (int n = 0; n < sequences; n += warps) {
                block.each([&](int thread) {
                    const Index sequence = first + n + thread / 32;
                    float most = 0.0F;
                    if (n + thread / 32 < sequences && sequence < chains.batch)
                        for (Index t = 0; t < chains.length; ++t)
                            for (int unit = thread % 32; unit < Units; unit += 32) {
                                const float size = std::fabs(chain.dy[(sequence * chains.length + t) * chains.y_width + unit]);
                                most = size > most ? size : most;
                            }
                    largest(thread) = most;
                });
                for (int mask = 16; mask > 0; mask /= 2) {
                    block.shuffle_xor(other, largest, mask);
                    block.each([&](int thread) { largest(thread) = other(thread) > largest(thread) ? other(thread) : largest(thread); });
                }
                block.each([&](int thread) {
                    if (thread % 32 != 0 || n + thread / 32 >= sequences) return;
                    const int exponent = detail::exponent_to_scale(largest(thread));
                    shared.scale[n + thread / 32] = std::ldexp(1.0F, -exponent);
                    shared.inverse[n + thread / 32] = std::ldexp(1.0F, exponent);
                });
            }
        }
    }
};

}  // namespace chromatid::cuda
