// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/tensor/tensor.hpp>
#include <chromatid/tensor/view.hpp>

#include <concepts>
#include <span>
#include <type_traits>

namespace chromatid {

/// How chromatid reads and makes arrays of a foreign type. Specialised here for `View` and `Tensor`, in tensor/xtensor.hpp,
/// tensor/eigen.hpp and tensor/eigen_tensor.hpp for theirs; specialise it for your own type to pass it to every public call.
///
/// - `read<T>(a)`: a `View<const T>` of `a` where layout and scalar agree, else a `Tensor<T>` copy
/// - `write<T>(a)`: a `View<T>` of `a`; throws ShapeError where its layout does not allow one
/// - `make<T>(extents)`: a new array of the family that results of a call with `a` should have; `extents` is a `std::span<const Index, N>`
///   where the rank is static, else a `std::span<const Index>`
template <class A>
struct ArrayTraits;

template <class U>
struct ArrayTraits<View<U>> {
    template <class T>
    static auto read(View<U> a) {
        if constexpr (std::is_same_v<std::remove_const_t<U>, T>) return View<const T>(a);
        else {
            Tensor<T> copy(a.extents());
            for (Index i = 0; i < a.size(); ++i) copy.data()[i] = static_cast<T>(a.data()[i]);
            return copy;
        }
    }
    template <class T>
        requires std::same_as<T, U>
    static View<T> write(View<U> a) { return a; }
    template <class T>
    static Tensor<T> make(std::span<const Index> extents) { return Tensor<T>(extents); }
};

template <class U>
struct ArrayTraits<Tensor<U>> {
    template <class T>
    static auto read(const Tensor<U>& a) { return ArrayTraits<View<const U>>::template read<T>(a.view()); }
    template <class T>
        requires std::same_as<T, U>
    static View<T> write(Tensor<U>& a) { return a.view(); }
    template <class T>
    static Tensor<T> make(std::span<const Index> extents) { return Tensor<T>(extents); }
};

/// An n-dimensional host array that public calls take.
template <class A>
concept Array = requires { sizeof(ArrayTraits<std::remove_cvref_t<A>>); };

/// `a` as a `View<const T>`, or a copy that converts to one.
template <class T, Array A>
auto read_array(const A& a) { return ArrayTraits<std::remove_cvref_t<A>>::template read<T>(a); }

/// A view through which results are written into `a`.
template <class T, Array A>
View<T> write_array(A&& a) { return ArrayTraits<std::remove_cvref_t<A>>::template write<T>(a); }

}  // namespace chromatid
