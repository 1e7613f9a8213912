// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/backend/cuda/kernel/front_input.hpp>
#include <chromatid/backend/cuda/kernel/front_mask.hpp>
#include <chromatid/core/host_device.hpp>
#include <chromatid/core/index.hpp>

#include <cstdint>

// Convolution, ReLU, dropout, dense layer, ReLU and maximum over bins, in float on the ordinary units.
//
// A warp goes over the positions of `bins` bins of a row, 8 or 16 of them at a time, for all filters: thread l has filters l, 32 + l, ...
// of each of these positions, 32 sums at most. An input (8 floats, from shared memory, the same for the whole warp) serves Filters / 32
// products a thread, a weight, read in whole lines through the first-level cache, 8 or 16. Activations cross from filters to units in
// shared memory, 4 KB a warp; the maxima are registers. Nothing else passes through memory between the input and the pooled output. Letters
// are multiplied as any other channel: a row of weights looked up for each would cost more loads than it saves products, since eight
// positions share a weight here.
//
// In training the masks of the positions are drawn before, a bit for each element, and the place of each maximum is kept as
// `conv_pool_general_forward` does.

namespace chromatid::cuda {

/// \tparam Filters  of the convolution, and units of the dense layer
template <int Filters, bool Training>
struct FrontExact {
    static constexpr int threads = 256, blocks_per_sm = 2, warps = threads / 32, bins = 8, most_window = 16, most_width = 32;
    static constexpr int columns = Filters / 32, rows = Filters == 128 ? 8 : 16;
    static constexpr int positions = bins * most_window + rows + most_width;
    static_assert(Filters % 32 == 0 && Filters <= 128);

    struct alignas(16) Channels {
        float v[4];
    };
    struct alignas(16) Shared {
        Channels x[warps][positions][2];
        Channels a[warps][rows][Filters / 4];
        std::uint8_t kept[warps][Training ? FrontMask::bytes((bins * most_window + rows) * Filters) : 1];
    };

    FrontInput x;
    int channels, width, window;                             ///< bins are `window` positions apart
    Index out_length, items;                                 ///< items: `bins` bins each, of all rows
    const float *kernel, *bias, *dense_kernel, *dense_bias;  ///< null biases for none
    float* y;                                                ///< (rows, out_length, Filters)
    std::int32_t* places;                                    ///< as y; in training alone, as the mask
    FrontMask mask;

    template <class Block>
    CHROMATID_HOST_DEVICE void operator()(Block& block, Shared& shared) const {
        struct Maxima {
            float v[columns];
            int place[columns], j;
            Index row, bin, first;
            bool real;
        };
        typename Block::template Private<Maxima> maxima;
        const Index items_of_row = (out_length + bins - 1) / bins;
        for (Index item = block.x() * warps; item < items; item += block.blocks_x() * warps) {
            block.each([&](int thread) {
                const int warp = thread / 32, lane = thread % 32;
                Maxima& m = maxima(thread);
                m.real = item + warp < items;
                m.row = m.real ? (item + warp) / items_of_row : 0;
                m.bin = m.real ? (item + warp - m.row * items_of_row) * bins : out_length;
                m.first = m.bin * window;
                m.j = 0;
                for (int p = lane; p < bins * window + rows + width; p += 32) {
                    float v[FrontInput::channels];
                    x.read(m.row, m.real ? m.first + p : x.length, v);
                    shared.x[warp][p][0] = {{v[0], v[1], v[2], v[3]}};
                    shared.x[warp][p][1] = {{v[4], v[5], v[6], v[7]}};
                }
                if constexpr (Training) draw(m.row, m.first, lane, shared.kept[warp]);
            });
            block.sync_warp();
            for (int chunk = 0; chunk < bins * window; chunk += rows) {
                block.each([&](int thread) {
                    const int warp = thread / 32;
                    convolve(maxima(thread).first, chunk, thread % 32, shared.x[warp] + chunk, shared.kept[warp],
                             &shared.a[warp][0][0].v[0]);
                });
                block.sync_warp();
                block.each([&](int thread) {
                    const int lane = thread % 32;
                    Maxima& m = maxima(thread);
                    float z[rows][columns];
                    dense(lane, shared.a[thread / 32], z);
                    CHROMATID_DEVICE_UNROLL
                    for (int r = 0; r < rows; ++r) {
                        CHROMATID_DEVICE_UNROLL
                        for (int i = 0; i < columns; ++i)
                            if (m.j == 0 || z[r][i] > m.v[i]) {
                                m.v[i] = z[r][i];
                                m.place[i] = m.j;
                            }
                        if (++m.j < window) continue;
                        m.j = 0;
                        if (chunk + r < bins * window && m.bin < out_length) {
                            const Index to = (m.row * out_length + m.bin) * Filters + lane;
                            CHROMATID_DEVICE_UNROLL
                            for (int i = 0; i < columns; ++i) {
                                y[to + 32 * i] = m.v[i] > 0.0F ? m.v[i] : 0.0F;
                                if constexpr (Training) places[to + 32 * i] = m.place[i];
                            }
                        }
                        ++m.bin;
                    }
                });
                block.sync_warp();
            }
        }
    }

  private:
    CHROMATID_HOST_DEVICE void draw(Index row, Index first, int lane, std::uint8_t* kept) const {
        if (mask.threshold == 0) return;
        const Index begin = first * Filters / FrontMask::group, end = (first + bins * window + rows) * Filters;
        const auto bytes = static_cast<int>((end - 1) / FrontMask::group + 1 - begin) * FrontMask::blocks;
        for (int i = lane; i < bytes; i += 32) kept[i] = mask.draw(row, begin + i / FrontMask::blocks, i % FrontMask::blocks);
    }

    /// Activations of positions first + chunk and the following ones, filters lane, 32 + lane, ...
    CHROMATID_HOST_DEVICE void convolve(Index first, int chunk, int lane, const Channels (*from)[2], const std::uint8_t* kept,
                                        float* a) const {
        float sums[rows][columns];
        CHROMATID_DEVICE_UNROLL
        for (int i = 0; i < columns; ++i) {
            const float b = bias == nullptr ? 0.0F : bias[32 * i + lane];
            CHROMATID_DEVICE_UNROLL
            for (int r = 0; r < rows; ++r) sums[r][i] = b;
        }
        for (int tap = 0; tap < width; ++tap)
            for (int half = 0; 4 * half < channels; ++half) {
                float w[4][columns];
                CHROMATID_DEVICE_UNROLL
                for (int c = 0; c < 4; ++c) CHROMATID_DEVICE_UNROLL
                for (int i = 0; i < columns; ++i)
                    w[c][i] = 4 * half + c < channels ? kernel[(tap * channels + 4 * half + c) * Filters + 32 * i + lane] : 0.0F;
                CHROMATID_DEVICE_UNROLL
                for (int r = 0; r < rows; ++r) add_products(from[tap + r][half], w, sums[r]);
            }
        CHROMATID_DEVICE_UNROLL
        for (int r = 0; r < rows; ++r) CHROMATID_DEVICE_UNROLL
        for (int i = 0; i < columns; ++i) {
            float v = sums[r][i] > 0.0F ? sums[r][i] : 0.0F;
            if (Training && mask.threshold != 0) {
                const Index slice = (first + chunk + r) * (Filters / 16) + 2 * i + lane / 16;
                const std::uint8_t byte = kept[(slice / 8 - first * Filters / FrontMask::group) * FrontMask::blocks + lane % 16];
                v = (byte >> slice % 8 & 1) != 0 ? v * mask.scale : 0.0F;
            }
            a[r * Filters + 32 * i + lane] = v;
        }
    }

    CHROMATID_HOST_DEVICE void dense(int lane, const Channels (*a)[Filters / 4], float (&z)[rows][columns]) const {
        CHROMATID_DEVICE_UNROLL
        for (int i = 0; i < columns; ++i) {
            const float b = dense_bias == nullptr ? 0.0F : dense_bias[32 * i + lane];
            CHROMATID_DEVICE_UNROLL
            for (int r = 0; r < rows; ++r) z[r][i] = b;
        }
        for (int f = 0; f < Filters; f += 4) {
            float w[4][columns];
            CHROMATID_DEVICE_UNROLL
            for (int c = 0; c < 4; ++c) CHROMATID_DEVICE_UNROLL
            for (int i = 0; i < columns; ++i) w[c][i] = dense_kernel[(f + c) * Filters + 32 * i + lane];
            CHROMATID_DEVICE_UNROLL
            for (int r = 0; r < rows; ++r) add_products(a[r][f / 4], w, z[r]);
        }
    }

    CHROMATID_HOST_DEVICE static void add_products(const Channels x, const float (&w)[4][columns], float (&sums)[columns]) {
        CHROMATID_DEVICE_UNROLL
        for (int c = 0; c < 4; ++c) CHROMATID_DEVICE_UNROLL
        for (int i = 0; i < columns; ++i) sums[i] += x.v[c] * w[c][i];
    }
};

}  // namespace chromatid::cuda
