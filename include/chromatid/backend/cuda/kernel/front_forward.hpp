// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/backend/cuda/kernel/front_tile.hpp>

#include <cmath>

// Convolution, ReLU, dropout, dense layer, ReLU and maximum over bins, on the matrix units, tile by tile as in front_tile.hpp.
//
// A warp computes its 16 positions of offset j for all filters: the sums (Filters / 2 floats a thread) begin with the bias, become
// activations, and are packed in registers into left factors of the dense layer, whose sums enter the running maxima (Filters / 2 floats)
// 16 units at a time. Nothing between the input and the pooled output passes through memory. Weights stay in shared memory (53 + 32 KB for
// 128 filters) while a block goes from tile to tile: with 128 filters and 8 warps about 210 registers a thread, one block a multiprocessor.
//
// In training the masks of a tile are drawn before its products, a bit for each element, in shared memory. The tape gets, in the order in
// which threads hold them, the place of each maximum within its bin, a byte, and a bit for each activation that is positive and kept, for
// the backward pass. Factors are rounded to `Format`, sums and maxima are float.

namespace chromatid::cuda {

/// \tparam Format  `Half` or `Bfloat`
template <int Filters, class Format, bool Training>
struct FrontForward {
    using Tile = FrontTile<Filters>;
    static constexpr int threads = Tile::threads;

    struct alignas(16) Shared {
        Quad conv[Tile::conv_words / 4], dense[Tile::dense_words / 4];
        Quad x[Tile::warps][Tile::positions];
        float bias[Filters], dense_bias[Filters];
        std::uint8_t kept[Tile::warps][Training ? Tile::mask_bytes : 1];
    };

    FrontInput x;
    FrontSizes sizes;
    const std::uint32_t* weights;    ///< as `PackFront` writes them
    const float *bias, *dense_bias;  ///< null for none
    float* y;                        ///< (rows, out_length, Filters)
    std::uint32_t* tape;             ///< `sizes.tape_words` of each tile; in training alone, as the mask
    FrontMask mask;

    template <class Block>
    CHROMATID_HOST_DEVICE void operator()(Block& block, Shared& shared) const {
        struct Sums {
            float v[Tile::columns][4];
        };
        struct Pair {
            float v[2][4];
        };
        struct Factors {
            std::uint32_t r[Tile::parts][4];
        };
        struct Places {
            std::uint32_t bytes[Tile::place_words];
        };
        typename Block::template Private<Sums> sums, best;
        typename Block::template Private<Pair> pair;
        typename Block::template Private<Factors> activations;
        typename Block::template Private<Places> places;
        typename Block::template Private<FrontPlace> at;
        typename Block::template Private<typename Block::Fragment> left;
        typename Block::template Private<Quad> right;
        typename Block::template Private<const void*> rows;

        block.each([&](int thread) {
            copy_words<threads>(weights, Tile::conv_words, shared.conv, thread);
            copy_words<threads>(weights + Tile::conv_words, Tile::dense_words, shared.dense, thread);
            for (int f = thread; f < Filters; f += threads) {
                shared.bias[f] = bias == nullptr ? 0.0F : bias[f];
                shared.dense_bias[f] = dense_bias == nullptr ? 0.0F : dense_bias[f];
            }
        });
        block.sync();
        for (Index first = block.x() * Tile::warps; first < sizes.items; first += block.blocks_x() * Tile::warps) {
            block.each([&](int thread) {
                const int warp = thread / 32, lane = thread % 32;
                at(thread) = FrontPlace::of(sizes, first + warp);
                load_front<Format>(x, sizes, at(thread), lane, shared.x[warp]);
                if constexpr (Training) draw(at(thread), lane, shared.kept[warp]);
                CHROMATID_DEVICE_UNROLL
                for (int n = 0; n < Tile::columns; ++n) {
                    places(thread).bytes[n] = 0;
                    CHROMATID_DEVICE_UNROLL
                    for (int i = 0; i < 4; ++i) best(thread).v[n][i] = -HUGE_VALF;
                }
            });
            block.sync_warp();
            for (int j = 0; j < sizes.window; ++j) {
                block.each([&](int thread) {
                    CHROMATID_DEVICE_UNROLL
                    for (int n = 0; n < Tile::columns; ++n) CHROMATID_DEVICE_UNROLL
                    for (int i = 0; i < 4; ++i) sums(thread).v[n][i] = shared.bias[8 * n + 2 * (thread % 4) + i % 2];
                });
                for (int step = 0; step < sizes.steps(); ++step) {
                    block.each([&](int thread) { rows(thread) = front_row(shared.x[thread / 32], sizes, j, step, thread % 32); });
                    block.load_matrices(left, rows);
                    CHROMATID_DEVICE_UNROLL
                    for (int part = 0; part < Tile::parts; ++part) {
                        block.each([&](int thread) { right(thread) = shared.conv[(step * Tile::parts + part) * 32 + thread % 32]; });
                        CHROMATID_DEVICE_UNROLL
                        for (int h = 0; h < 2; ++h)
                            block.template mma<Format>([&](int t) { return sums(t).v[2 * part + h]; }, [&](int t) { return left(t).r; },
                                                       [&](int t) { return right(t).r + 2 * h; });
                    }
                }
                block.each([&](int thread) {
                    activate(j, at(thread), thread % 32, shared.kept[thread / 32], sums(thread).v, activations(thread).r);
                });
                CHROMATID_DEVICE_UNROLL
                for (int part = 0; part < Tile::parts; ++part) {
                    block.each([&](int thread) {
                        CHROMATID_DEVICE_UNROLL
                        for (int i = 0; i < 8; ++i)
                            pair(thread).v[i / 4][i % 4] = shared.dense_bias[16 * part + i / 4 * 8 + 2 * (thread % 4) + i % 2];
                    });
                    CHROMATID_DEVICE_UNROLL
                    for (int k = 0; k < Tile::parts; ++k) {
                        block.each([&](int thread) { right(thread) = shared.dense[(k * Tile::parts + part) * 32 + thread % 32]; });
                        CHROMATID_DEVICE_UNROLL
                        for (int h = 0; h < 2; ++h)
                            block.template mma<Format>([&](int t) { return pair(t).v[h]; }, [&](int t) { return activations(t).r[k]; },
                                                       [&](int t) { return right(t).r + 2 * h; });
                    }
                    block.each([&](int thread) {
                        CHROMATID_DEVICE_UNROLL
                        for (int i = 0; i < 8; ++i) {
                            const float v = pair(thread).v[i / 4][i % 4];
                            float& most = best(thread).v[2 * part + i / 4][i % 4];
                            if (v > most) {
                                most = v;
                                std::uint32_t& bytes = places(thread).bytes[2 * part + i / 4];
                                if constexpr (Training)
                                    bytes = (bytes & ~(0xFFU << i % 4 * 8)) | static_cast<std::uint32_t>(j) << i % 4 * 8;
                            }
                        }
                    });
                }
            }
            block.each([&](int thread) {
                if (at(thread).real) write(at(thread), thread % 32, best(thread).v, places(thread).bytes);
            });
            block.sync_warp();
        }
    }

  private:
    CHROMATID_HOST_DEVICE Index first_group(const FrontPlace& at) const {
        return static_cast<Index>(at.bin) * sizes.stride * Filters / FrontMask::group;
    }

    CHROMATID_HOST_DEVICE void draw(const FrontPlace& at, int lane, std::uint8_t* kept) const {
        if (mask.threshold == 0 || !at.real) return;
        const Index begin = first_group(at);
        const Index end = (static_cast<Index>(at.bin + 15) * sizes.stride + sizes.window) * Filters;
        const auto bytes = static_cast<int>((end - 1) / FrontMask::group + 1 - begin) * FrontMask::blocks;
        for (int i = lane; i < bytes; i += 32) kept[i] = mask.draw(at.row, begin + i / FrontMask::blocks, i % FrontMask::blocks);
    }

    /// Through ReLU and dropout, and to the tape which activations are left.
    CHROMATID_HOST_DEVICE void activate(int j, const FrontPlace& at, int lane, const std::uint8_t* kept, float (&sums)[Tile::columns][4],
                                        std::uint32_t (&packed)[Tile::parts][4]) const {
        std::uint32_t signs[Tile::sign_words] = {};
        CHROMATID_DEVICE_UNROLL
        for (int half = 0; half < 2; ++half) {
            std::uint32_t bytes[2][2] = {{0xFFU, 0xFFU},
                                         {0xFFU, 0xFFU}};  // columns 0 to 7 of 16 and 8 to 15, first and second of the thread
            if (Training && mask.threshold != 0 && at.real) {
                const Index slice = (static_cast<Index>(at.bin + lane / 4 + 8 * half) * sizes.stride + j) * Tile::parts;
                const std::uint8_t* from = kept + (slice / 8 - first_group(at)) * FrontMask::blocks + 2 * (lane % 4);
                CHROMATID_DEVICE_UNROLL
                for (int i = 0; i < 4; ++i) bytes[i / 2][i % 2] = static_cast<std::uint32_t>(from[i / 2 * 8 + i % 2]) >> slice % 8;
            }
            CHROMATID_DEVICE_UNROLL
            for (int n = 0; n < Tile::columns; ++n) CHROMATID_DEVICE_UNROLL
            for (int i = 0; i < 2; ++i) {
                float& v = sums[n][2 * half + i];
                const bool left = v > 0.0F && (bytes[n % 2][i] >> n / 2 & 1U) != 0;
                v = left ? (Training ? v * mask.scale : v) : 0.0F;
                if constexpr (Training) signs[n / 8] |= (left ? 1U : 0U) << (n % 8 * 4 + 2 * half + i);
            }
        }
        CHROMATID_DEVICE_UNROLL
        for (int part = 0; part < Tile::parts; ++part) CHROMATID_DEVICE_UNROLL
        for (int i = 0; i < 4; ++i)
            packed[part][i] = Format::pack(sums[2 * part + i / 2][i % 2 * 2], sums[2 * part + i / 2][i % 2 * 2 + 1]);
        if constexpr (Training) {
            if (!at.real) return;
            std::uint32_t* to =
                tape + at.item * sizes.template tape_words<Filters>() + 32 * (Tile::place_words + j * Tile::sign_words) + lane;
            CHROMATID_DEVICE_UNROLL
            for (int i = 0; i < Tile::sign_words; ++i) to[32 * i] = signs[i];
        }
    }

    CHROMATID_HOST_DEVICE void write(const FrontPlace& at, int lane, const float (&best)[Tile::columns][4],
                                     const std::uint32_t (&places)[Tile::place_words]) const {
        CHROMATID_DEVICE_UNROLL
        for (int half = 0; half < 2; ++half) {
            const int bin = at.bin + lane / 4 + 8 * half;
            if (bin >= sizes.out_length) continue;
            float* to = y + (at.row * sizes.out_length + bin) * Filters + 2 * (lane % 4);
            CHROMATID_DEVICE_UNROLL
            for (int n = 0; n < Tile::columns; ++n) CHROMATID_DEVICE_UNROLL
            for (int i = 0; i < 2; ++i) to[8 * n + i] = best[n][2 * half + i] > 0.0F ? best[n][2 * half + i] : 0.0F;
        }
        if constexpr (Training) {
            std::uint32_t* to = tape + at.item * sizes.template tape_words<Filters>() + lane;
            CHROMATID_DEVICE_UNROLL
            for (int n = 0; n < Tile::place_words; ++n) to[32 * n] = places[n];
        }
    }
};

}  // namespace chromatid::cuda
