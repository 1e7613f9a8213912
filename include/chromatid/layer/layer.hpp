// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/backend/backend.hpp>
#include <chromatid/core/extents.hpp>
#include <chromatid/core/parameter.hpp>
#include <chromatid/core/property.hpp>
#include <chromatid/core/shape.hpp>
#include <chromatid/tensor/view.hpp>

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace chromatid {

/// What every layer recipe offers, a layer of chromatid's or a user's own: a name and a rule that turns the shape of its input into that of
/// its output. A concept, never a base class.
///
/// Besides, a layer with parameters says which in `parameters(in)` (an array of `ParameterSpec`), and `Bound<In, B>` holds what runs:
///
///     void infer   (Run<B>&, const T* parameters, View<const T> x, View<T> y) const;
///     void forward (Run<B>&, const T* parameters, View<const T> x, View<T> y, T* tape) const;
///     void backward(Run<B>&, const T* parameters, View<const T> x, View<const T> y, View<T> dy, View<T> dx, const T* tape, T* gradients) const;
///
/// The first extent of every view is the batch. `backward` adds to `gradients`, writes `dx` unless its data is null, and may overwrite
/// `dy`. `LayerMemory memory(Index batch) const`, where a layer has it, says what scratch and tape it takes.
template <class L, class In>
concept Layer = AnyShape<In> && requires(const L& layer, const In& in) {
    { L::name() } -> std::convertible_to<std::string_view>;
    { layer.output_shape(in) } -> AnyShape;
};

/// Shape that a layer or network puts out for an input shape.
template <class L, AnyShape In>
using OutputShape = decltype(std::declval<const L&>().output_shape(std::declval<const In&>()));

/// The bound form of a layer: recipe, shapes and backend together.
template <class L, AnyShape In, Backend B>
using BoundLayer = typename L::template Bound<In, B>;

/// A layer with a backward pass on backend `B`.
template <class L, class In, class B>
concept Trainable = requires(const BoundLayer<L, In, B>& bound, Run<B>& run, const typename B::Scalar* in, typename B::Scalar* out,
                             View<const typename B::Scalar> x, View<typename B::Scalar> y) {
    bound.forward(run, in, x, y, out);
    bound.backward(run, in, x, x, y, y, in, out);
};

/// Elements that a bound layer takes for one batch, see `Arena`.
struct LayerMemory {
    Index infer = 0;  ///< scratch of `infer`
    Index tape = 0;   ///< kept from `forward` to `backward`, besides the layer's input and output
    Index train = 0;  ///< scratch of `forward` or `backward`
};

/// Whether the output may take the place of the input in memory.
template <class L>
inline constexpr bool is_in_place = requires { requires L::in_place; };

/// Whether moving the input by the layer's stride moves the output by one position: what a genome scan may compute once for all windows.
template <class L>
inline constexpr bool is_translation_equivariant = requires { requires L::translation_equivariant; };

/// The parameter arrays of a layer, in the order of its slice of the flat buffer; empty for a layer without any.
template <class L, AnyShape In>
constexpr auto parameters_of(const L& layer, const In& in) {
    if constexpr (requires { layer.parameters(in); }) return layer.parameters(in);
    else return std::array<ParameterSpec, 0>{};
}

/// Layers that a layer or network counts for, as `Description` and `Run::layer` number them: 1 unless it is made of layers and says how
/// many.
template <class L>
constexpr Index layer_count() {
    if constexpr (requires { L::layer_count; }) return L::layer_count;
    else return 1;
}

/// Number of parameters of a layer or network for an input shape; a constant where the sizes are static.
template <class L, AnyShape In>
constexpr Index parameter_count(const L& layer, const In& in) {
    if constexpr (requires { layer.parameter_count(in); }) return layer.parameter_count(in);
    else {
        Index n = 0;
        for (const ParameterSpec& p : parameters_of(layer, in)) n += p.size();
        return n;
    }
}

/// `memory(batch)` of a bound layer, zero where it takes none.
template <class Bound>
constexpr LayerMemory memory_of(const Bound& bound, Index batch) {
    if constexpr (requires { bound.memory(batch); }) return bound.memory(batch);
    else return {};
}

/// Width of the side input that a layer or network reads, 0 for none.
template <class L>
constexpr Index side_size(const L& layer) {
    if constexpr (requires { layer.side_size(); }) return layer.side_size();
    else return 0;
}

/// "MaxPool1D<13>", or the name alone where there are no sizes.
inline std::string sized_text(std::string_view name, std::span<const Index> sizes) {
    std::string text(name);
    for (std::size_t i = 0; i < sizes.size(); ++i) text += (i == 0 ? "<" : ", ") + std::to_string(sizes[i]);
    return sizes.empty() ? text : text + ">";
}

/// A layer as code would write it, with its sizes: "MaxPool1D<13>".
template <class L>
std::string to_text(const L& layer) {
    if constexpr (requires { layer.to_text(); }) return layer.to_text();
    else if constexpr (requires { layer.values(); }) return sized_text(L::name(), layer.values());
    else return std::string(L::name());
}

/// What every bound layer holds: its recipe, the shape that reaches it and the shape it puts out.
template <class L, AnyShape In>
struct Binding {
    L recipe;
    In in;
    OutputShape<L, In> out;

    constexpr Binding(const L& layer, const In& input) : recipe(layer), in(input), out(layer.output_shape(input)) {}
};

}  // namespace chromatid
