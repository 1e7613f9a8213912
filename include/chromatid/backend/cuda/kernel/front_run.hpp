// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/backend/conv_pool_geometry.hpp>
#include <chromatid/backend/cuda/kernel/for_each.hpp>
#include <chromatid/backend/cuda/kernel/front_backward.hpp>
#include <chromatid/backend/cuda/kernel/front_exact.hpp>
#include <chromatid/backend/cuda/kernel/front_forward.hpp>
#include <chromatid/backend/cuda/kernel/front_sums.hpp>
#include <chromatid/backend/cuda/precision.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <type_traits>

// Which fused runs the kernels of the front take, and their launches.

namespace chromatid::cuda {

/// Masks of a call. Asks the context for the draws whether it needs them or not, as each call of a primitive must ask for the same.
template <class E>
FrontMask front_mask(typename E::Context& on, const ConvPoolGeometry& g, const Draws& draws, Index layer) {
    const Late<Draws> late = on.late(draws);
    if (!(g.dropout > 0.0F)) return {late, static_cast<std::uint32_t>(layer), 0, 1.0F};
    return {late, static_cast<std::uint32_t>(layer), dropout_threshold(g.dropout), 1.0F / (1.0F - g.dropout)};
}

/// Whether layers and sizes are those of a front: every product at neighbouring positions, ReLU after both layers, as many units as
/// filters.
constexpr bool is_front(const ConvPoolGeometry& g) {
    return g.step == 1 && g.dilation == 1 && g.spacing == 1 && g.conv_relu && g.dense_relu && g.units == g.filters &&
           g.channels <= FrontInput::channels && (g.filters == 32 || g.filters == 64 || g.filters == 128);
}

/// Calls `f(std::integral_constant<int, filters>)`.
template <class F>
void with_front_filters(Index filters, const F& f) {
    if (filters == 32) f(std::integral_constant<int, 32>{});
    else if (filters == 64) f(std::integral_constant<int, 64>{});
    else f(std::integral_constant<int, 128>{});
}

/// The front in float on the ordinary units.
struct ExactFront {
    static constexpr bool takes(const ConvPoolGeometry& g) {
        using Kernel = FrontExact<32, false>;
        return is_front(g) && g.window == g.stride && g.window <= Kernel::most_window && g.width <= Kernel::most_width;
    }

    /// Of a block, in bytes.
    static std::size_t shared_memory(const ConvPoolGeometry& g, bool training) {
        std::size_t bytes = 0;
        with_front_filters(g.filters, [&](auto filters) {
            bytes = training ? sizeof(typename FrontExact<filters(), true>::Shared) : sizeof(typename FrontExact<filters(), false>::Shared);
        });
        return bytes;
    }

    /// \param places  as the general path keeps them; null in inference
    template <class E>
    static void forward(typename E::Context& on, const ConvPoolGeometry& g, const Windows<float>& x, const FrontMask& mask,
                        const ConvPoolParameters<const float>& p, float* y, std::int32_t* places) {
        with_front_filters(g.filters, [&](auto filters) {
            if (places == nullptr) launch<E, FrontExact<filters(), false>>(on, g, x, mask, p, y, places);
            else launch<E, FrontExact<filters(), true>>(on, g, x, mask, p, y, places);
        });
    }

  private:
    template <class E, class Kernel>
    static void launch(typename E::Context& on, const ConvPoolGeometry& g, const Windows<float>& x, const FrontMask& mask,
                       const ConvPoolParameters<const float>& p, float* y, std::int32_t* places) {
        const Index items = x.rows() * blocks_of(g.out_length, Kernel::bins);
        E::launch(on, Grid{std::min(blocks_of(items, Kernel::warps), Index{132 * 2})},
                  Kernel{FrontInput::of(x), static_cast<int>(g.channels), static_cast<int>(g.width), static_cast<int>(g.window),
                         g.out_length, items, p.kernel, p.bias, p.dense_kernel, p.dense_bias, y, places, mask});
    }
};

/// The front on the matrix units.
/// \tparam Format  of factors: `Half` or `Bfloat`
template <class Format>
struct MmaFront {
    static constexpr Index most_blocks = 132;  ///< of a gradient's sums: what a large device holds at once
    static constexpr Index maxima = 128;       ///< blocks that look for the largest gradient

    static constexpr bool takes(const ConvPoolGeometry& g) {
        using Tile = FrontTile<32>;
        return is_front(g) && g.window <= Tile::most_window && g.stride <= Tile::most_window && g.width <= (g.filters == 128 ? 26 : 32) &&
               g.out_length < 1 << 24;
    }

    /// Of a block, in bytes: the most that a kernel of inference, or one of training, takes.
    static std::size_t shared_memory(const ConvPoolGeometry& g, bool training) {
        std::size_t bytes = 0;
        with_front_filters(g.filters, [&](auto filters) {
            constexpr int n = filters();
            bytes = training ? std::max({sizeof(typename FrontForward<n, Format, true>::Shared),
                                         sizeof(typename FrontKernelGradient<n, Format>::Shared),
                                         sizeof(typename FrontDenseGradient<n, Format>::Shared)})
                             : sizeof(typename FrontForward<n, Format, false>::Shared);
        });
        return bytes;
    }

    static Index scratch(const ConvPoolGeometry& g) {
        Index words = 0;
        with_front_filters(g.filters, [&](auto filters) { words = FrontTile<filters()>::conv_words + FrontTile<filters()>::dense_words; });
        return words;
    }
    static Index training_scratch(const ConvPoolGeometry& g) {
        Index floats = 0;
        with_front_filters(g.filters, [&](auto filters) {
            constexpr int n = filters();
            floats = FrontTile<n>::conv_words + 2 * FrontTile<n>::dense_words + most_blocks * AddFrontSums<n>::size() + maxima + 1;
        });
        return floats;
    }
    static Index tape(const ConvPoolGeometry& g, Index rows) {
        Index words = 0;
        with_front_filters(g.filters,
                           [&](auto filters) { words = sizes(g, rows).items * sizes(g, rows).template tape_words<filters()>(); });
        return words;
    }

    /// \param tape  null in inference
    template <class E>
    static void forward(typename E::Context& on, const ConvPoolGeometry& g, const Windows<float>& x, const FrontMask& mask,
                        const ConvPoolParameters<const float>& p, float* y, float* tape, float* scratch) {
        with_front_filters(g.filters, [&](auto filters) {
            constexpr int n = filters();
            const std::uint32_t* weights = pack<E, n>(on, g, p, false, scratch);
            auto* words = reinterpret_cast<std::uint32_t*>(tape);
            const FrontSizes s = sizes(g, x.rows());
            const Grid grid{std::min(blocks_of(s.items, FrontTile<n>::warps), Index{132 * 2})};
            if (tape == nullptr)
                E::launch(on, grid, FrontForward<n, Format, false>{FrontInput::of(x), s, weights, p.bias, p.dense_bias, y, words, mask});
            else E::launch(on, grid, FrontForward<n, Format, true>{FrontInput::of(x), s, weights, p.bias, p.dense_bias, y, words, mask});
        });
    }

    /// Adds to the gradients of all parameters.
    template <class E>
    static void backward(typename E::Context& on, const ConvPoolGeometry& g, const Windows<float>& x, const FrontMask& mask,
                         const ConvPoolParameters<const float>& p, const float* y, const float* dy,
                         const ConvPoolParameters<float>& gradients, const float* tape, float* scratch) {
        with_front_filters(g.filters, [&](auto filters) {
            constexpr int n = filters();
            using Tile = FrontTile<n>;
            const FrontSizes s = sizes(g, x.rows());
            const std::uint32_t* weights = pack<E, n>(on, g, p, true, scratch);
            const Index blocks = std::min(blocks_of(s.items, Tile::warps), most_blocks);
            float *const kernel_sums = scratch + Tile::conv_words + 2 * Tile::dense_words, *const dense_sums =
                                                                                               kernel_sums +
                                                                                               blocks * FrontSums<n>::kernel_size;
            float *const largest = scratch + training_scratch(g) - 1, *const partial = largest - maxima;
            E::launch(on, Grid{maxima}, LargestMagnitude{dy, x.rows() * g.out_length * g.units, partial});
            E::launch(on, Grid{1}, LargestMagnitude{partial, maxima, largest});
            const FrontGradientInput in{FrontInput::of(x), s,       y,         dy, reinterpret_cast<const std::uint32_t*>(tape),
                                        weights,           largest, mask.scale};
            E::launch(on, Grid{blocks}, FrontKernelGradient<n, Format>{in, kernel_sums});
            E::launch(on, Grid{blocks}, FrontDenseGradient<n, Format>{in, p.bias, dense_sums});
            for_each<E>(on, AddFrontSums<n>::size(),
                        AddFrontSums<n>{kernel_sums, dense_sums, blocks, static_cast<int>(g.width), static_cast<int>(g.channels),
                                        gradients.kernel, gradients.bias, gradients.dense_kernel, gradients.dense_bias});
        });
    }

  private:
    static FrontSizes sizes(const ConvPoolGeometry& g, Index rows) {
        const Index tiles = blocks_of(g.out_length, 16);
        return {static_cast<int>(g.width),      static_cast<int>(g.window), static_cast<int>(g.stride),
                static_cast<int>(g.out_length), static_cast<int>(tiles),    rows * tiles};
    }
    template <class E, int Filters>
    static const std::uint32_t* pack(typename E::Context& on, const ConvPoolGeometry& g, const ConvPoolParameters<const float>& p,
                                     bool turned, float* scratch) {
        using Tile = FrontTile<Filters>;
        auto* const words = reinterpret_cast<std::uint32_t*>(scratch);
        for_each<E>(on, Tile::conv_words + (turned ? 2 : 1) * Tile::dense_words,
                    PackFront<Filters, Format>{p.kernel, p.dense_kernel, static_cast<int>(g.width), static_cast<int>(g.channels), words});
        return words;
    }
};

/// The front for a precision; void where there is none and products of matrices are as good.
template <class Precision>
using FrontFor = std::conditional_t<std::is_same_v<Precision, Exact32>, ExactFront,
                                    std::conditional_t<std::is_same_v<Precision, F16>, MmaFront<Half>,
                                                       std::conditional_t<std::is_same_v<Precision, BF16>, MmaFront<Bfloat>, void>>>;

}  // namespace chromatid::cuda
