// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/backend/cuda/half.hpp>
#include <chromatid/backend/cuda/kernel/front_input.hpp>
#include <chromatid/backend/cuda/kernel/front_mask.hpp>
#include <chromatid/core/host_device.hpp>
#include <chromatid/core/index.hpp>

#include <cstdint>

// What the kernels of the fused front on the matrix units share.
//
// A tile is 16 bins of the pool of one row, and belongs to a warp: at offset j within the bins, the 16 positions of the convolution are the
// 16 rows of one matrix product, so that the maximum over a bin is taken element by element over successive products and pooling needs no
// exchange between threads. The positions that a tile reads lie in shared memory as eight 16-bit numbers each, 16 bytes, so that two taps
// are the 16 factors of one product; 13 positions from row to row are free of bank conflicts. Warps do not wait for one another in the
// forward pass, and rows may be of any length.
//
// Sums of a product lie as the matrix units leave them: thread `lane` of the warp has, for each 8 columns n, cells i: row lane / 4 + 8 (i /
// 2), column 8 n + 2 (lane % 4) + i % 2. Two neighbouring n, packed to 16 bits, are the left factor of the next product as they are.

namespace chromatid::cuda {

/// Four words that are loaded at once: a left factor, two right factors, or a position's channels.
struct alignas(16) Quad {
    std::uint32_t r[4];
};

/// \tparam Filters  of the convolution, and units of the dense layer
template <int Filters>
struct FrontTile {
    static constexpr bool exists = Filters == 32 || Filters == 64 || Filters == 128;
    static constexpr int bins = 16;
    static constexpr int most_window = 16;                  ///< positions of a bin, and from bin to bin
    static constexpr int steps = Filters == 128 ? 13 : 16;  ///< pairs of taps, at most
    static constexpr int warps = Filters == 32 ? 4 : 8, threads = 32 * warps;
    static constexpr int parts = Filters / 16, columns = Filters / 8;
    static constexpr int groups = warps / parts;  ///< of warps that share out the sums of a gradient
    static constexpr int positions = bins * most_window + 2 * steps;
    static constexpr int mask_bytes = FrontMask::bytes(bins * most_window * Filters);
    static constexpr int padded = Filters + 8;                 ///< 16-bit numbers from row to row, in different banks
    static constexpr int sign_words = Filters == 128 ? 2 : 1;  ///< of a thread and offset: which of its activations are positive
    static constexpr int place_words = columns;                ///< of a thread: a byte for each of its maxima

    static constexpr Index conv_words = Index{steps} * parts * 128, dense_words = Index{parts} * parts * 128;
};

/// Sizes of a call.
struct FrontSizes {
    int width, window, stride, out_length;
    int tiles;    ///< of a row
    Index items;  ///< tiles of all rows
    CHROMATID_HOST_DEVICE int steps() const { return (width + 1) / 2; }
    /// Positions that a tile reads.
    CHROMATID_HOST_DEVICE int reach() const { return 15 * stride + window - 1 + 2 * steps(); }
    /// Words of the tape of one tile: places, then signs of each offset, thread by thread.
    template <int Filters>
    CHROMATID_HOST_DEVICE Index tape_words() const {
        return 32 * (FrontTile<Filters>::place_words + static_cast<Index>(window) * FrontTile<Filters>::sign_words);
    }
};

/// The tile of a warp, or none where a block has more warps than there are tiles left.
struct FrontPlace {
    Index item, row;
    int bin;  ///< the first one
    bool real;

    CHROMATID_HOST_DEVICE static FrontPlace of(const FrontSizes& sizes, Index item) {
        const bool real = item < sizes.items;
        const Index row = real ? item / sizes.tiles : 0;
        return {item, row, real ? static_cast<int>(item - row * sizes.tiles) * 16 : sizes.out_length, real};
    }
};

/// Writes the positions of a tile to shared memory, as thread `lane` of its warp; zeros where there is no tile.
template <class Format>
CHROMATID_HOST_DEVICE void load_front(const FrontInput& x, const FrontSizes& sizes, const FrontPlace& place, int lane, Quad* to) {
    const int reach = sizes.reach();
    const Index first = place.real ? static_cast<Index>(place.bin) * sizes.stride : x.length;
    for (int p = lane; p < reach; p += 32) {
        float v[FrontInput::channels];
        x.read(place.row, first + p, v);
        to[p] = {{Format::pack(v[0], v[1]), Format::pack(v[2], v[3]), Format::pack(v[4], v[5]), Format::pack(v[6], v[7])}};
    }
}

/// The 16-bit numbers of a tile's convolution at offset j and taps 2 step, 2 step + 1: the row of a left factor that `load_matrices` wants
/// of a lane.
CHROMATID_HOST_DEVICE inline const void* front_row(const Quad* x, const FrontSizes& sizes, int j, int step, int lane) {
    return x + ((lane & 7) + (lane >> 3 & 1) * 8) * sizes.stride + j + 2 * step + (lane >> 4);
}

/// Word i of the parameters as right factors of products, 16 x 16 numbers after another: [pair of taps][16 filters], then [16 filters][16
/// units] of the dense layer, then, for the backward pass, the same of its transpose.
template <int Filters, class Format>
struct PackFront {
    using Tile = FrontTile<Filters>;
    const float *kernel, *dense;
    int width, channels;
    std::uint32_t* to;

    CHROMATID_HOST_DEVICE void operator()(Index i) const {
        const int quarter = static_cast<int>(i % 4), lane = static_cast<int>(i / 4 % 32);
        const int k = 2 * (lane % 4) + quarter % 2 * 8, column = quarter / 2 * 8 + lane / 4;
        Index factor = i / 128;
        const bool conv = i < Tile::conv_words, turned = i >= Tile::conv_words + Tile::dense_words;
        if (!conv) factor -= Tile::conv_words / 128 + (turned ? Tile::dense_words / 128 : 0);
        const int above = static_cast<int>(factor / Tile::parts) * 16 + k, beside = static_cast<int>(factor % Tile::parts) * 16 + column;
        if (conv) to[i] = Format::pack(tap(above, beside), tap(above + 1, beside));
        else if (turned) to[i] = Format::pack(dense[beside * Filters + above], dense[beside * Filters + above + 1]);
        else to[i] = Format::pack(dense[above * Filters + beside], dense[(above + 1) * Filters + beside]);
    }

  private:
    CHROMATID_HOST_DEVICE float tap(int k, int filter) const {
        const int at = k / 8, channel = k % 8;
        return at < width && channel < channels ? kernel[(at * channels + channel) * Filters + filter] : 0.0F;
    }
};

/// `n` words from global to shared memory, by all threads of a block.
template <int Threads>
CHROMATID_HOST_DEVICE void copy_words(const std::uint32_t* from, Index n, Quad* to, int thread) {
    for (Index i = thread; i < n; i += Threads) to[i / 4].r[i % 4] = from[i];
}

}  // namespace chromatid::cuda
