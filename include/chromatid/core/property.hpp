// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/fixed_string.hpp>
#include <chromatid/core/index.hpp>

#include <cstddef>
#include <string_view>
#include <type_traits>

namespace chromatid {

/// The kinds of property a layer may take. A layer takes at most one property of each kind it knows, in any order.
namespace kind {
struct Activation;  ///< `ReLU`, `Sigmoid`, ...
struct Gates;       ///< `LogisticGates`, `HardSigmoidGates`
struct Stride;      ///< `Stride<N>`
struct Dilation;    ///< `Dilation<N>`
struct Padding;     ///< `ValidPadding`, `SamePadding`
struct Bias;        ///< `NoBias`
struct Name;        ///< `Name<"...">`
struct Merge;       ///< `MeanOfStrands`, `MaxOfStrands`, `LogitMeanOfStrands`
struct Alphabet;    ///< `Alphabet<Dna>`
struct Tracks;      ///< `SwapTracks<...>`
}  // namespace kind

/// A type that can stand behind the sizes in a layer's template arguments.
template <class P>
concept Property = requires { typename P::property_kind; };

/// Step between neighbouring windows of a convolution or a pool, or `dyn`.
template <Index N>
struct Stride {
    using property_kind = kind::Stride;
    static constexpr Index value = N;
};

/// Distance between neighbouring taps of a convolution kernel, or `dyn`.
template <Index N>
struct Dilation {
    using property_kind = kind::Dilation;
    static constexpr Index value = N;
};

/// Only whole windows: the sequence gets shorter (default).
struct ValidPadding {
    using property_kind = kind::Padding;
};

/// Zeros around the sequence so that a stride of 1 keeps its length; of an odd number of zeros the larger half comes behind.
struct SamePadding {
    using property_kind = kind::Padding;
};

/// The layer has no bias.
struct NoBias {
    using property_kind = kind::Bias;
};

/// Gives a layer that takes properties a name of its own in summaries and parameter names.
template <FixedString Text>
struct Name {
    using property_kind = kind::Name;
    static constexpr std::string_view value = Text.view();
};

namespace detail {

struct DefaultBias {
    using property_kind = kind::Bias;
};
struct DefaultName {
    using property_kind = kind::Name;
    static constexpr std::string_view value{};
};

template <class P, class Kind>
consteval bool is_kind() {
    if constexpr (Property<P>) return std::is_same_v<typename P::property_kind, Kind>;
    else return false;
}

template <class Kind, class Default, class... P>
struct Pick {
    using type = Default;
};
template <class Kind, class Default, class First, class... P>
struct Pick<Kind, Default, First, P...>
    : std::conditional_t<is_kind<First, Kind>(), std::type_identity<First>, Pick<Kind, Default, P...>> {};

}  // namespace detail

/// The property of a kind among `P...`, or the default.
template <class Kind, class Default, class... P>
using property_or = typename detail::Pick<Kind, Default, P...>::type;

/// The kinds of property a layer knows.
template <class... Kind>
struct Takes;

/// Base of every layer recipe: refuses properties the layer does not know and two of one kind.
template <class Known, class... P>
struct Properties;

template <class... Kind, class... P>
struct Properties<Takes<Kind...>, P...> {
    template <class K>
    static constexpr std::size_t count = (std::size_t{0} + ... + std::size_t{detail::is_kind<P, K>()});
    template <class Q>
    static constexpr bool is_known = (detail::is_kind<Q, Kind>() || ...);

    static_assert((is_known<P> && ...), "unknown property: this layer does not take one of the properties it was given");
    static_assert(((count<Kind> <= 1) && ...), "two properties of one kind, such as two activations, given to one layer");

    /// The name given with `Name<"...">`, or an empty string.
    static constexpr std::string_view given_name() { return property_or<kind::Name, detail::DefaultName, P...>::value; }
    /// Whether the layer adds a bias.
    static constexpr bool has_bias = !std::is_same_v<property_or<kind::Bias, detail::DefaultBias, P...>, NoBias>;
};

}  // namespace chromatid
