// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/network/chain.hpp>
#include <chromatid/network/fusion.hpp>

#include <concepts>
#include <cstddef>
#include <tuple>
#include <utility>

namespace chromatid {

namespace detail {

/// The layers as a backend runs them: fused where it fuses.
template <class B, class... L>
constexpr auto steps(const std::tuple<L...>& layers) {
    if constexpr (B::fuses) return Fusion<L...>::fuse(layers);
    else return layers;
}

template <class Recipe, AnyShape In, class B, class Steps>
struct ChainOf;
template <class Recipe, AnyShape In, class B, class... Step>
struct ChainOf<Recipe, In, B, std::tuple<Step...>> {
    using type = Chain<Recipe, In, B, Step...>;
};
template <class Recipe, AnyShape In, class B, class... L>
using SequentialChain = typename ChainOf<Recipe, In, B, decltype(steps<B>(std::declval<const std::tuple<L...>&>()))>::type;

}  // namespace detail

/// Layers one after another; a layer itself, so it nests.
///
/// A mistake in a static chain is a compile error that names `StepAt<position, layer, shape>`; with `dyn` sizes a `ShapeError` that says
/// the same. Parameters lie in the order of the layers, so those of a prefix are a prefix of the flat buffer.
///
/// Where the backend fuses, runs of layers for which it has one primitive are bound as one, see `Fusion`; `summary()` of a model shows
/// which.
template <class... L>
class Sequential {
    static_assert(sizeof...(L) > 0, "Sequential needs at least one layer");
    static constexpr std::size_t size_ = sizeof...(L);

  public:
    constexpr Sequential()
        requires(std::default_initializable<L> && ...)
    = default;
    constexpr explicit Sequential(L... layers)
        requires(sizeof...(L) > 0)
        : layers_(std::move(layers)...) {}

    static constexpr std::string_view name() { return "Sequential"; }
    static constexpr Index layer_count = (chromatid::layer_count<L>() + ...);
    static constexpr bool translation_equivariant = (is_translation_equivariant<L> && ...);
    constexpr const std::tuple<L...>& layers() const { return layers_; }

    template <AnyShape In>
    constexpr auto output_shape(const In& in) const { return std::get<size_>(chain_shapes(layers_, in)); }

    template <AnyShape In>
    constexpr Index parameter_count(const In& in) const { return chain_parameter_count(layers_, in); }
    template <AnyShape In>
    void describe(const In& in, Description& description) const { describe_chain(layers_, in, description); }
    /// \throws ShapeError when two layers read side inputs of different widths
    constexpr Index side_size() const { return common_side_size(layers_); }
    /// Notes the runs that a backend which fuses computes as one; layer `first` of the description is this network's first.
    static void add_fused_runs(Index first, Description& description) {
        using Runs = Fusion<L...>;
        std::size_t next = 0;
        for_each_index<size_>([&](auto i) {
            if (i == next) {
                if (Runs::begins_run(i)) description.add_fused({first, static_cast<Index>(Runs::run_length(i))});
                else chromatid::add_fused_runs<std::tuple_element_t<i, std::tuple<L...>>>(first, description);
                next += Runs::run_length(i);
            }
            first += chromatid::layer_count<std::tuple_element_t<i, std::tuple<L...>>>();
        });
    }

    template <AnyShape In, Backend B>
    struct Bound : detail::SequentialChain<Sequential, In, B, L...> {
        Bound(const Sequential& net, const In& input)
            : detail::SequentialChain<Sequential, In, B, L...>(net, input, detail::steps<B>(net.layers_)) {}
    };

  private:
    std::tuple<L...> layers_;
};

}  // namespace chromatid
