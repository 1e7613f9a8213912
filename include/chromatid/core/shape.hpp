// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/extents.hpp>

#include <cstddef>
#include <string>
#include <type_traits>
#include <utility>

namespace chromatid {

/// Shape of one sample, without the batch: `Shape<1000, 6>` is 1000 positions of 6 channels, channels last.
/// Each extent is a number or `dyn`; an empty type when all are static.
template <Index... E>
class Shape : public Extents<E...> {
  public:
    using Extents<E...>::Extents;

    /// Number of elements.
    constexpr Index size() const {
        Index n = 1;
        for (const Index e : this->values()) n *= e;
        return n;
    }
};

namespace detail {
template <class S>
inline constexpr bool is_shape = false;
template <Index... E>
inline constexpr bool is_shape<Shape<E...>> = true;
}  // namespace detail

/// Any `Shape<...>`.
template <class S>
concept AnyShape = detail::is_shape<std::remove_cvref_t<S>>;

/// A shape from extents, static ones staying static: `shape(length(in), filters())`.
template <Index... E>
constexpr auto shape(Extent<E>... e) {
    if constexpr (((E != dyn) && ...)) return Shape<E...>{};
    else return Shape<E...>(e.value()...);
}

/// Whether a shape has `Rank` extents, for `CHROMATID_EXPECT`.
template <std::size_t Rank, AnyShape S>
constexpr auto rank_is(const S&) { return known<S::rank == Rank>; }

/// First extent: positions of a (length, channels) shape, features of a flat one.
constexpr auto length(const AnyShape auto& s) { return s.template extent<0>(); }

/// Last extent: channels of a (length, channels) shape, features of a flat one.
template <AnyShape S>
constexpr auto channels(const S& s) { return s.template extent<S::rank - 1>(); }

/// Number of elements as an extent, static while the shape is.
template <AnyShape S>
constexpr auto element_count(const S& s) {
    return [&]<std::size_t... I>(std::index_sequence<I...>) {
        return (extent<1> * ... * s.template extent<I>());
    }(std::make_index_sequence<S::rank>{});
}

/// "(75, 32)"
template <AnyShape S>
std::string to_string(const S& s) {
    std::string text = "(";
    for (std::size_t i = 0; i < S::rank; ++i) text += (i ? ", " : "") + std::to_string(s.values()[i]);
    return text + ")";
}

}  // namespace chromatid
