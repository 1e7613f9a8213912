// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/extent.hpp>

#include <array>
#include <concepts>
#include <cstddef>
#include <string>

namespace chromatid {

/// A fixed number of sizes, each static or `dyn`. An empty type when all are static.
///
/// Recipes and shapes derive from it. Constructed from one value for each `dyn` size, or from one for each size (the static ones are then
/// checked against their type).
template <Index... N>
class Extents {
    static_assert(((N > 0 || N == dyn) && ...), "a size must be positive, or dyn");

  public:
    static constexpr std::size_t rank = sizeof...(N);
    static constexpr std::size_t rank_dynamic = (std::size_t{0} + ... + std::size_t{N == dyn});
    static constexpr bool is_static = false;

    /// \throws ShapeError when a value is not positive, or contradicts a static size
    template <std::convertible_to<Index>... V>
        requires(sizeof...(V) == rank_dynamic || sizeof...(V) == rank)
    constexpr explicit(sizeof...(V) == 1) Extents(V... v) {
        const std::array<Index, sizeof...(V)> given{static_cast<Index>(v)...};
        std::size_t next = 0;
        for (std::size_t i = 0; i < rank; ++i) {
            const bool take = sizeof...(V) == rank || type_[i] == dyn;
            values_[i] = take ? given[next++] : type_[i];
            if (type_[i] != dyn && values_[i] != type_[i])
                throw ShapeError("size " + std::to_string(values_[i]) + " given where the type says " + std::to_string(type_[i]));
            if (values_[i] <= 0) throw ShapeError("a size must be positive, not " + std::to_string(values_[i]));
        }
    }

    /// Size `I`, static where the type says so.
    template <std::size_t I>
    constexpr auto extent() const {
        if constexpr (type_[I] != dyn) return Extent<type_[I]>{};
        else return Extent<dyn>{values_[I]};
    }
    /// All sizes as run-time values.
    constexpr const std::array<Index, rank>& values() const { return values_; }
    /// The sizes as the type has them, `dyn` among them.
    static constexpr const std::array<Index, rank>& types() { return type_; }

  private:
    static constexpr std::array<Index, rank> type_{N...};
    std::array<Index, rank> values_{};
};

/// All sizes static: nothing to store.
template <Index... N>
    requires((N != dyn) && ...)
class Extents<N...> {
    static_assert(((N > 0) && ...), "a size must be positive, or dyn");

  public:
    static constexpr std::size_t rank = sizeof...(N);
    static constexpr std::size_t rank_dynamic = 0;
    static constexpr bool is_static = true;

    constexpr Extents() = default;
    /// \throws ShapeError when a value contradicts its static size
    template <std::convertible_to<Index>... V>
        requires(sizeof...(V) == rank && rank > 0)
    constexpr explicit Extents(V... v) {
        (static_cast<void>(Extent<N>(static_cast<Index>(v))), ...);
    }

    template <std::size_t I>
    constexpr auto extent() const { return Extent<type_[I]>{}; }
    static constexpr const std::array<Index, rank>& values() { return type_; }
    static constexpr const std::array<Index, rank>& types() { return type_; }

  private:
    static constexpr std::array<Index, rank> type_{N...};
};

}  // namespace chromatid
