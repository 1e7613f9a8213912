// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/error.hpp>
#include <chromatid/core/index.hpp>

#include <string>

namespace chromatid {

/// One size: a compile-time constant (an empty type), or, where `N` is `dyn`, a run-time value.
///
/// Arithmetic between extents stays static while both sides are, so one shape rule serves static and run-time networks.
template <Index N>
class Extent {
    static_assert(N >= 0, "an extent is a size: it cannot be negative");

  public:
    constexpr Extent() = default;
    /// \throws ShapeError when the run-time value contradicts the static one
    constexpr explicit Extent(Index value) {
        if (value != N) throw ShapeError("size " + std::to_string(value) + " given where the type says " + std::to_string(N));
    }
    static constexpr Index value() { return N; }
};

/// A size known at run time.
template <>
class Extent<dyn> {
  public:
    constexpr explicit Extent(Index value) : value_(value) {}
    constexpr Index value() const { return value_; }

  private:
    Index value_;
};

/// A static extent as a value: `length(in) - width() + extent<1>`.
template <Index N>
inline constexpr Extent<N> extent{};

/// What the compiler knows of a comparison between two extents.
enum class Truth { no, yes, unknown };

/// The outcome of comparing two extents: decided at compile time where both are static, else at run time.
template <Truth Known>
class Relation {
  public:
    static constexpr Truth truth = Known;
    constexpr Relation() = default;
    constexpr bool holds() const { return Known == Truth::yes; }
};

/// A comparison that involves a run-time size.
template <>
class Relation<Truth::unknown> {
  public:
    static constexpr Truth truth = Truth::unknown;
    constexpr explicit Relation(bool holds) : holds_(holds) {}
    constexpr bool holds() const { return holds_; }

  private:
    bool holds_;
};

namespace detail {

template <bool Static, Index (*F)(Index, Index), Index A, Index B>
consteval Index fold_static() {
    if constexpr (Static) return F(A, B);
    else return dyn;
}

template <Index (*F)(Index, Index), Index A, Index B>
constexpr auto combine(Extent<A> a, Extent<B> b) {
    constexpr bool is_static = A != dyn && B != dyn;
    using Result = Extent<fold_static<is_static, F, A, B>()>;
    if constexpr (is_static) return Result{};
    else return Result{F(a.value(), b.value())};
}

template <bool (*F)(Index, Index), Index A, Index B>
constexpr auto compare(Extent<A> a, Extent<B> b) {
    if constexpr (A != dyn && B != dyn) return Relation<F(A, B) ? Truth::yes : Truth::no>{};
    else return Relation<Truth::unknown>{F(a.value(), b.value())};
}

// A result below zero means that a check has already failed; zero keeps the compiler's output to that one message.
constexpr Index add(Index a, Index b) { return a + b; }
constexpr Index subtract(Index a, Index b) { return a > b ? a - b : 0; }
constexpr Index multiply(Index a, Index b) { return a * b; }
constexpr Index divide(Index a, Index b) { return b == 0 ? 0 : a / b; }
constexpr Index divide_up(Index a, Index b) { return b == 0 ? 0 : (a + b - 1) / b; }
constexpr bool equal(Index a, Index b) { return a == b; }
constexpr bool less_equal(Index a, Index b) { return a <= b; }

}  // namespace detail

template <Index A, Index B>
constexpr auto operator+(Extent<A> a, Extent<B> b) { return detail::combine<detail::add>(a, b); }
/// Difference, never below zero.
template <Index A, Index B>
constexpr auto operator-(Extent<A> a, Extent<B> b) { return detail::combine<detail::subtract>(a, b); }
template <Index A, Index B>
constexpr auto operator*(Extent<A> a, Extent<B> b) { return detail::combine<detail::multiply>(a, b); }
/// Quotient, rounded down.
template <Index A, Index B>
constexpr auto operator/(Extent<A> a, Extent<B> b) { return detail::combine<detail::divide>(a, b); }
/// Quotient, rounded up.
template <Index A, Index B>
constexpr auto ceil_div(Extent<A> a, Extent<B> b) { return detail::combine<detail::divide_up>(a, b); }

template <Index A, Index B>
constexpr auto operator==(Extent<A> a, Extent<B> b) { return detail::compare<detail::equal>(a, b); }
template <Index A, Index B>
constexpr auto operator<=(Extent<A> a, Extent<B> b) { return detail::compare<detail::less_equal>(a, b); }

/// A relation between types, which the compiler always knows.
template <bool Holds>
inline constexpr Relation<Holds ? Truth::yes : Truth::no> known{};

}  // namespace chromatid

/// States what a shape must satisfy. Where the sizes are static a violation is a compile error with these words; where they are known at
/// run time it is a `ShapeError` with the same words.
#define CHROMATID_EXPECT(relation, words)                                                             \
    static_assert(decltype(relation)::truth != ::chromatid::Truth::no, words);                        \
    if (!(relation).holds()) throw ::chromatid::ShapeError(words)
