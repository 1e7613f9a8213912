// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/backend/cuda/kernel/front_tile.hpp>

#include <cmath>

// Gradients of the fused front on the matrix units, tile by tile as in front_tile.hpp, from what FrontForward kept.
//
// The gradient of an output belongs to one position of its bin. At offset j the gradients of a tile's outputs, packed to 16 bits and zero
// where the place is another than j, are a left factor as they lie in registers, so both kernels are dense products over all positions,
// whatever the places:
// `FrontKernelGradient`   D = (dZ W^T) where the kept sign bits say so, then dK += X^T D; the convolution is not computed again.
// `FrontDenseGradient`    A = the convolution, computed again, where the sign bits say so, then dW += A^T dZ.
// The tiles of all warps of a block meet in shared memory, where each warp takes its share of the columns for the second product, whose
// sums (104 and 64 floats a thread with 128 filters) stay in registers until the end of the launch. Each block writes its sums;
// `AddFrontSums` adds them up in the order of blocks, whose number follows from sizes alone: the same bits each time.
//
// Gradients are multiplied by a power of two, such that the largest of dy is between 16 and 32: half precision would lose small ones
// otherwise. Factors are rounded to `Format`, sums are float.

namespace chromatid::cuda {

/// What both kernels read.
struct FrontGradientInput {
    FrontInput x;
    FrontSizes sizes;
    const float *y, *dy;  ///< (rows, out_length, Filters)
    const std::uint32_t* tape;
    const std::uint32_t* weights;  ///< as `PackFront` writes them
    const float* largest;          ///< of |dy|
    float scale;                   ///< of kept activations

    /// The power of two that gradients are multiplied by.
    CHROMATID_HOST_DEVICE float magnified() const {
        const float most = *largest;
        if (!(most > 1e-30F && most < 1e30F)) return 1.0F;
        return std::ldexp(1.0F, 4 - std::ilogb(most));
    }
};

/// Of the bias sums that four neighbouring lanes have, each gets the sum.
template <class Block, class Totals>
CHROMATID_HOST_DEVICE void add_biases_of_four_lanes(Block& block, Totals& total) {
    typename Block::template Private<float> value, other;
    CHROMATID_DEVICE_UNROLL
    for (int h = 0; h < 2; ++h) {
        block.each([&](int thread) { value(thread) = total(thread).bias[h]; });
        CHROMATID_DEVICE_UNROLL
        for (int mask = 1; mask < 4; mask *= 2) {
            block.shuffle_xor(other, value, mask);
            block.each([&](int thread) { value(thread) += other(thread); });
        }
        block.each([&](int thread) { total(thread).bias[h] = value(thread); });
    }
}

/// The gradients of a thread's outputs, packed, and their places, four to a word.
template <int Filters>
struct FrontOutputs {
    using Tile = FrontTile<Filters>;
    std::uint32_t gradients[Tile::columns][2], places[Tile::columns];

    template <class Format>
    CHROMATID_HOST_DEVICE void load(const FrontGradientInput& in, const FrontPlace& at, float magnified, int lane) {
        const std::uint32_t* from = in.tape + at.item * in.sizes.template tape_words<Filters>() + lane;
        CHROMATID_DEVICE_UNROLL
        for (int n = 0; n < Tile::columns; ++n) {
            places[n] = at.real ? from[32 * n] : 0;
            CHROMATID_DEVICE_UNROLL
            for (int half = 0; half < 2; ++half) {
                const int bin = at.bin + lane / 4 + 8 * half;
                float d[2] = {0.0F, 0.0F};
                if (bin < in.sizes.out_length) {
                    const Index first = (at.row * in.sizes.out_length + bin) * Filters + 8 * n + 2 * (lane % 4);
                    CHROMATID_DEVICE_UNROLL
                    for (int i = 0; i < 2; ++i) d[i] = in.y[first + i] > 0.0F ? in.dy[first + i] * magnified : 0.0F;
                }
                gradients[n][half] = Format::pack(d[0], d[1]);
            }
        }
    }
    /// Those of rows lane / 4 + 8 half whose place is j, columns 8 n + 2 (lane % 4) and the next.
    CHROMATID_HOST_DEVICE std::uint32_t at(int n, int half, int j) const {
        const std::uint32_t two = places[n] >> 16 * half;
        return gradients[n][half] &
               ((static_cast<int>(two & 0xFFU) == j ? 0x0000FFFFU : 0U) | (static_cast<int>(two >> 8 & 0xFFU) == j ? 0xFFFF0000U : 0U));
    }
};

/// The signs of a thread's activations at offset j.
template <int Filters>
CHROMATID_HOST_DEVICE void load_signs(const FrontGradientInput& in, const FrontPlace& at, int j, int lane, std::uint32_t* signs) {
    using Tile = FrontTile<Filters>;
    const std::uint32_t* from =
        in.tape + at.item * in.sizes.template tape_words<Filters>() + 32 * (Tile::place_words + j * Tile::sign_words) + lane;
    CHROMATID_DEVICE_UNROLL
    for (int i = 0; i < Tile::sign_words; ++i) signs[i] = at.real ? from[32 * i] : 0;
}

/// Partial sums of one block.
template <int Filters>
struct FrontSums {
    using Tile = FrontTile<Filters>;
    static constexpr Index kernel = Index{16} * Tile::steps * Filters, dense = Index{Filters} * Filters;
    static constexpr Index kernel_size = kernel + Filters, dense_size = dense + Filters;  ///< with the bias, floats
};

template <int Filters, class Format>
struct FrontKernelGradient {
    using Tile = FrontTile<Filters>;
    static constexpr int threads = Tile::threads, most_steps = (Tile::steps + Tile::groups - 1) / Tile::groups;

    struct alignas(16) Shared {
        Quad dense[Tile::dense_words / 4];
        Quad x[Tile::warps][Tile::positions];
        alignas(16) std::uint32_t d[Tile::warps][16][Tile::padded / 2];
    };

    FrontGradientInput in;
    float* sums;  ///< `FrontSums::kernel_size` of each block

    template <class Block>
    CHROMATID_HOST_DEVICE void operator()(Block& block, Shared& shared) const {
        struct Sums {
            float v[most_steps][2][4], bias[2];
        };
        struct Work {
            FrontPlace at;
            float magnified;
            std::uint32_t signs[Tile::sign_words];
            float v[2][4];
        };
        struct Factors {
            std::uint32_t r[Tile::parts][4];
        };
        typename Block::template Private<Sums> total;
        typename Block::template Private<FrontOutputs<Filters>> outputs;
        typename Block::template Private<Work> work;
        typename Block::template Private<Factors> gradients;
        typename Block::template Private<typename Block::Fragment> left, right;
        typename Block::template Private<Quad> weights;
        typename Block::template Private<const void*> rows;
        const int steps = (in.sizes.steps() + Tile::groups - 1) / Tile::groups;  // of a group of warps

        block.each([&](int thread) {
            copy_words<threads>(in.weights + Tile::conv_words + Tile::dense_words, Tile::dense_words, shared.dense, thread);
            for (Index p = thread; p < Index{Tile::warps} * Tile::positions; p += threads)
                shared.x[p / Tile::positions][p % Tile::positions] = {};
            total(thread) = {};
            work(thread).magnified = in.magnified();
        });
        block.sync();
        for (Index first = block.x() * Tile::warps; first < in.sizes.items; first += block.blocks_x() * Tile::warps) {
            block.each([&](int thread) {
                const int warp = thread / 32, lane = thread % 32;
                work(thread).at = FrontPlace::of(in.sizes, first + warp);
                load_front<Format>(in.x, in.sizes, work(thread).at, lane, shared.x[warp]);
                outputs(thread).template load<Format>(in, work(thread).at, work(thread).magnified, lane);
            });
            for (int j = 0; j < in.sizes.window; ++j) {
                block.each([&](int thread) {
                    load_signs<Filters>(in, work(thread).at, j, thread % 32, work(thread).signs);
                    CHROMATID_DEVICE_UNROLL
                    for (int k = 0; k < Tile::parts; ++k) CHROMATID_DEVICE_UNROLL
                    for (int i = 0; i < 4; ++i) gradients(thread).r[k][i] = outputs(thread).at(2 * k + i / 2, i % 2, j);
                });
                CHROMATID_DEVICE_UNROLL
                for (int part = 0; part < Tile::parts; ++part) {
                    block.each([&](int thread) {
                        CHROMATID_DEVICE_UNROLL
                        for (int i = 0; i < 8; ++i) work(thread).v[i / 4][i % 4] = 0.0F;
                    });
                    CHROMATID_DEVICE_UNROLL
                    for (int k = 0; k < Tile::parts; ++k) {
                        block.each([&](int thread) { weights(thread) = shared.dense[(k * Tile::parts + part) * 32 + thread % 32]; });
                        CHROMATID_DEVICE_UNROLL
                        for (int h = 0; h < 2; ++h)
                            block.template mma<Format>([&](int t) { return work(t).v[h]; }, [&](int t) { return gradients(t).r[k]; },
                                                       [&](int t) { return weights(t).r + 2 * h; });
                    }
                    block.each([&](int thread) { keep(part, thread % 32, work(thread).signs, work(thread).v, shared.d[thread / 32]); });
                }
                block.sync();
                for (int tile = 0; tile < Tile::warps; ++tile) {
                    block.each([&](int thread) {
                        const int lane = thread % 32, part = thread / 32 % Tile::parts;
                        rows(thread) = &shared.d[tile][lane % 16][8 * part + lane / 16 * 4];
                    });
                    block.load_matrices_transposed(right, rows);
                    block.each([&](int thread) {
                        CHROMATID_DEVICE_UNROLL
                        for (int i = 0; i < 4; ++i)
                            total(thread).bias[i / 2] += Format::to_float(static_cast<std::uint16_t>(right(thread).r[i])) +
                                                         Format::to_float(static_cast<std::uint16_t>(right(thread).r[i] >> 16));
                    });
                    CHROMATID_DEVICE_UNROLL
                    for (int step = 0; step < most_steps; ++step) {
                        if (step >= steps) continue;
                        block.each([&](int thread) {
                            const int lane = thread % 32, taps = thread / 32 / Tile::parts * steps + step;
                            rows(thread) = shared.x[tile] + (lane % 8 + lane / 16 * 8) * in.sizes.stride + j + 2 * taps + lane / 8 % 2;
                        });
                        block.load_matrices_transposed(left, rows);
                        CHROMATID_DEVICE_UNROLL
                        for (int h = 0; h < 2; ++h)
                            block.template mma<Format>([&](int t) { return total(t).v[step][h]; }, [&](int t) { return left(t).r; },
                                                       [&](int t) { return right(t).r + 2 * h; });
                    }
                }
                block.sync();
            }
        }
        write(block, steps, total, work);
    }

  private:
    /// The gradients of 16 filters, where activations are positive and kept, to shared memory.
    CHROMATID_HOST_DEVICE void keep(int part, int lane, const std::uint32_t* signs, const float (&v)[2][4],
                                    std::uint32_t (*d)[Tile::padded / 2]) const {
        CHROMATID_DEVICE_UNROLL
        for (int h = 0; h < 2; ++h) CHROMATID_DEVICE_UNROLL
        for (int half = 0; half < 2; ++half) {
            const int n = 2 * part + h;
            float kept[2];
            CHROMATID_DEVICE_UNROLL
            for (int i = 0; i < 2; ++i)
                kept[i] = (signs[n / 8] >> (n % 8 * 4 + 2 * half + i) & 1U) != 0 ? v[h][2 * half + i] * in.scale : 0.0F;
            d[lane / 4 + 8 * half][4 * n + lane % 4] = Format::pack(kept[0], kept[1]);
        }
    }

    template <class Block, class Totals, class Works>
    CHROMATID_HOST_DEVICE void write(Block& block, int steps, Totals& total, Works& work) const {
        add_biases_of_four_lanes(block, total);
        block.each([&](int thread) {
            const int lane = thread % 32, part = thread / 32 % Tile::parts, group = thread / 32 / Tile::parts;
            const float back = 1.0F / work(thread).magnified;
            float* to = sums + block.x() * FrontSums<Filters>::kernel_size;
            CHROMATID_DEVICE_UNROLL
            for (int step = 0; step < most_steps; ++step) CHROMATID_DEVICE_UNROLL
            for (int i = 0; i < 8; ++i) {
                const int row = 16 * (group * steps + step) + lane / 4 + i % 4 / 2 * 8;
                if (step < steps && row < 16 * in.sizes.steps())
                    to[row * Filters + 16 * part + i / 4 * 8 + 2 * (lane % 4) + i % 2] = total(thread).v[step][i / 4][i % 4] * back;
            }
            if (group == 0 && lane % 4 == 0)
                for (int h = 0; h < 2; ++h) to[FrontSums<Filters>::kernel + 16 * part + 8 * h + lane / 4] = total(thread).bias[h] * back;
        });
    }
};

template <int Filters, class Format>
struct FrontDenseGradient {
    using Tile = FrontTile<Filters>;
    static constexpr int threads = Tile::threads, share = Tile::parts / Tile::groups;  ///< of the units, 16 each, for a warp

    struct alignas(16) Shared {
        Quad conv[Tile::conv_words / 4];
        Quad x[Tile::warps][Tile::positions];
        alignas(16) std::uint32_t a[Tile::warps][16][Tile::padded / 2], d[Tile::warps][16][Tile::padded / 2];
        float bias[Filters];
    };

    FrontGradientInput in;
    const float* bias;  ///< of the convolution, null for none
    float* sums;        ///< `FrontSums::dense_size` of each block

    template <class Block>
    CHROMATID_HOST_DEVICE void operator()(Block& block, Shared& shared) const {
        struct Total {
            float v[share][2][4], bias[2];
        };
        struct Sums {
            float v[Tile::columns][4];
        };
        struct Work {
            FrontPlace at;
            float magnified;
        };
        typename Block::template Private<Total> total;
        typename Block::template Private<Sums> conv;
        typename Block::template Private<FrontOutputs<Filters>> outputs;
        typename Block::template Private<Work> work;
        typename Block::template Private<typename Block::Fragment> left, right;
        typename Block::template Private<Quad> weights;
        typename Block::template Private<const void*> rows;

        block.each([&](int thread) {
            copy_words<threads>(in.weights, Tile::conv_words, shared.conv, thread);
            for (int f = thread; f < Filters; f += threads) shared.bias[f] = bias == nullptr ? 0.0F : bias[f];
            total(thread) = {};
            work(thread).magnified = in.magnified();
        });
        block.sync();
        for (Index first = block.x() * Tile::warps; first < in.sizes.items; first += block.blocks_x() * Tile::warps) {
            block.each([&](int thread) {
                const int warp = thread / 32, lane = thread % 32;
                work(thread).at = FrontPlace::of(in.sizes, first + warp);
                load_front<Format>(in.x, in.sizes, work(thread).at, lane, shared.x[warp]);
                outputs(thread).template load<Format>(in, work(thread).at, work(thread).magnified, lane);
            });
            block.sync_warp();
            for (int j = 0; j < in.sizes.window; ++j) {
                block.each([&](int thread) {
                    CHROMATID_DEVICE_UNROLL
                    for (int n = 0; n < Tile::columns; ++n) CHROMATID_DEVICE_UNROLL
                    for (int i = 0; i < 4; ++i) conv(thread).v[n][i] = shared.bias[8 * n + 2 * (thread % 4) + i % 2];
                });
                for (int step = 0; step < in.sizes.steps(); ++step) {
                    block.each([&](int thread) { rows(thread) = front_row(shared.x[thread / 32], in.sizes, j, step, thread % 32); });
                    block.load_matrices(left, rows);
                    CHROMATID_DEVICE_UNROLL
                    for (int part = 0; part < Tile::parts; ++part) {
                        block.each([&](int thread) { weights(thread) = shared.conv[(step * Tile::parts + part) * 32 + thread % 32]; });
                        CHROMATID_DEVICE_UNROLL
                        for (int h = 0; h < 2; ++h)
                            block.template mma<Format>([&](int t) { return conv(t).v[2 * part + h]; }, [&](int t) { return left(t).r; },
                                                       [&](int t) { return weights(t).r + 2 * h; });
                    }
                }
                block.each([&](int thread) {
                    const int warp = thread / 32, lane = thread % 32;
                    std::uint32_t signs[Tile::sign_words];
                    load_signs<Filters>(in, work(thread).at, j, lane, signs);
                    CHROMATID_DEVICE_UNROLL
                    for (int n = 0; n < Tile::columns; ++n) CHROMATID_DEVICE_UNROLL
                    for (int half = 0; half < 2; ++half) {
                        float a[2];
                        CHROMATID_DEVICE_UNROLL
                        for (int i = 0; i < 2; ++i)
                            a[i] =
                                (signs[n / 8] >> (n % 8 * 4 + 2 * half + i) & 1U) != 0 ? conv(thread).v[n][2 * half + i] * in.scale : 0.0F;
                        const int row = lane / 4 + 8 * half, column = 4 * n + lane % 4;  // of words
                        shared.a[warp][row][column] = Format::pack(a[0], a[1]);
                        shared.d[warp][row][column] = outputs(thread).at(n, half, j);
                    }
                });
                block.sync();
                for (int tile = 0; tile < Tile::warps; ++tile) {
                    block.each([&](int thread) {
                        const int lane = thread % 32, part = thread / 32 % Tile::parts;
                        rows(thread) = &shared.a[tile][lane % 8 + lane / 16 * 8][8 * part + lane / 8 % 2 * 4];
                    });
                    block.load_matrices_transposed(left, rows);
                    CHROMATID_DEVICE_UNROLL
                    for (int unit = 0; unit < share; ++unit) {
                        block.each([&](int thread) {
                            const int lane = thread % 32, group = thread / 32 / Tile::parts;
                            rows(thread) = &shared.d[tile][lane % 16][8 * (group * share + unit) + lane / 16 * 4];
                        });
                        block.load_matrices_transposed(right, rows);
                        block.each([&](int thread) {
                            if (thread / 32 / Tile::parts * share + unit != thread / 32 % Tile::parts) return;
                            CHROMATID_DEVICE_UNROLL
                            for (int i = 0; i < 4; ++i)
                                total(thread).bias[i / 2] += Format::to_float(static_cast<std::uint16_t>(right(thread).r[i])) +
                                                             Format::to_float(static_cast<std::uint16_t>(right(thread).r[i] >> 16));
                        });
                        CHROMATID_DEVICE_UNROLL
                        for (int h = 0; h < 2; ++h)
                            block.template mma<Format>([&](int t) { return total(t).v[unit][h]; }, [&](int t) { return left(t).r; },
                                                       [&](int t) { return right(t).r + 2 * h; });
                    }
                }
                block.sync();
            }
        }
        write(block, total, work);
    }

  private:
    template <class Block, class Totals, class Works>
    CHROMATID_HOST_DEVICE void write(Block& block, Totals& total, Works& work) const {
        add_biases_of_four_lanes(block, total);
        block.each([&](int thread) {
            const int lane = thread % 32, part = thread / 32 % Tile::parts, group = thread / 32 / Tile::parts;
            const float back = 1.0F / work(thread).magnified;
            float* to = sums + block.x() * FrontSums<Filters>::dense_size;
            CHROMATID_DEVICE_UNROLL
            for (int unit = 0; unit < share; ++unit) CHROMATID_DEVICE_UNROLL
            for (int i = 0; i < 8; ++i)
                to[(16 * part + lane / 4 + i % 4 / 2 * 8) * Filters + 16 * (group * share + unit) + i / 4 * 8 + 2 * (lane % 4) + i % 2] =
                    total(thread).v[unit][i / 4][i % 4] * back;
            if (part / share == group && lane % 4 == 0)
                for (int h = 0; h < 2; ++h) to[FrontSums<Filters>::dense + 16 * part + 8 * h + lane / 4] = total(thread).bias[h] * back;
        });
    }
};

}  // namespace chromatid::cuda
