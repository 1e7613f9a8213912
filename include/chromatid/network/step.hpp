// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/layer/layer.hpp>

#include <algorithm>
#include <cstddef>
#include <string>
#include <tuple>
#include <utility>

namespace chromatid {

/// One step of a network: layer `L` at position `I` (from 0), reached by shape `In`. It exists to stand in the compiler's message when the
/// layer cannot take the shape: "StepAt<2, MaxPool1D<100>, Shape<75, 32>>".
template <std::size_t I, class L, AnyShape In>
struct StepAt {
    static_assert(Layer<L, In>, "this is not a layer: it has no name() or no output_shape(in)");
    using Output = OutputShape<L, In>;
};

/// Shape that a step puts out.
/// \throws ShapeError with position, layer and shape before the layer's own words, where sizes are known at run time only
template <std::size_t I, class L, AnyShape In>
constexpr auto step_shape(const L& layer, const In& in) -> typename StepAt<I, L, In>::Output {
    try {
        return layer.output_shape(in);
    } catch (const ShapeError& error) {
        throw ShapeError("layer " + std::to_string(I) + ", " + to_text(layer) + ", reached by " + to_string(in) + ": " + error.what());
    }
}

/// The shapes between the layers of a chain: input, output of layer 0, output of layer 1, ...
template <std::size_t I = 0, class... L, AnyShape In>
constexpr auto chain_shapes(const std::tuple<L...>& layers, const In& in) {
    if constexpr (I == sizeof...(L)) return std::tuple<In>(in);
    else
        return std::tuple_cat(std::tuple<In>(in), chain_shapes<I + 1>(layers, step_shape<I, std::tuple_element_t<I, std::tuple<L...>>>(
                                                                                  std::get<I>(layers), in)));
}

/// Calls `f` with `std::integral_constant<std::size_t, 0>`, ..., `N - 1`, in order.
template <std::size_t N, class F>
constexpr void for_each_index(F&& f) {
    [&]<std::size_t... I>(std::index_sequence<I...>) {
        (f(std::integral_constant<std::size_t, I>{}), ...);
    }(std::make_index_sequence<N>{});
}

/// Width of the side input that the layers of a network read, 0 for none.
/// \throws ShapeError when two of them read side inputs of different widths
template <class... L>
constexpr Index common_side_size(const std::tuple<L...>& layers) {
    Index width = 0;
    for_each_index<sizeof...(L)>([&](auto i) {
        const Index w = side_size(std::get<i>(layers));
        if (w != 0 && width != 0 && w != width) throw ShapeError("two side inputs of different widths in one network");
        width = std::max(width, w);
    });
    return width;
}

}  // namespace chromatid
