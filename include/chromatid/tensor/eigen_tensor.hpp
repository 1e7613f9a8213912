// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/tensor/array.hpp>

#include <unsupported/Eigen/CXX11/Tensor>

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <numeric>
#include <span>
#include <type_traits>

namespace chromatid {

namespace detail {

template <class E>
inline constexpr bool is_eigen_tensor = false;
template <class T, int N, int Options, class I>
inline constexpr bool is_eigen_tensor<Eigen::Tensor<T, N, Options, I>> = true;
template <class T, class D, int Options, class I>
inline constexpr bool is_eigen_tensor<Eigen::TensorFixedSize<T, D, Options, I>> = true;
template <class Plain, int Options, template <class> class Pointer>
inline constexpr bool is_eigen_tensor<Eigen::TensorMap<Plain, Options, Pointer>> = true;

}  // namespace detail

/// `Eigen::Tensor`, `TensorFixedSize` and `TensorMap` (of Eigen's unsupported modules) of rank 1 to 4.
template <class E>
concept EigenTensor = detail::is_eigen_tensor<E> && E::NumIndices >= 1 && E::NumIndices <= 4;

/// Eigen's tensors as arrays.
///
/// A row-major one of the model's scalar is read and written without a copy, another is copied on reading; results are written into
/// row-major ones only. A call with a tensor gives an `Eigen::Tensor` where the result's rank is static (`Model`), else a `Tensor`.
template <EigenTensor E>
struct ArrayTraits<E> {
    using Scalar = std::remove_const_t<typename E::Scalar>;
    static constexpr std::size_t rank = E::NumIndices;
    static constexpr bool is_row_major = static_cast<int>(E::Layout) == static_cast<int>(Eigen::RowMajor);

    template <class T>
    static auto read(const E& e) {
        if constexpr (std::same_as<Scalar, T> && is_row_major) return View<const T>(e.data(), extents_of(e));
        else {
            Tensor<T> copy(extents_of(e));
            Eigen::TensorMap<Eigen::Tensor<T, static_cast<int>(rank), Eigen::RowMajor>> target(copy.data(), e.dimensions());
            if constexpr (is_row_major) target = e.template cast<T>();
            else {
                std::array<int, rank> reversed;
                std::iota(reversed.rbegin(), reversed.rend(), 0);
                target = e.template cast<T>().swap_layout().shuffle(reversed);
            }
            return copy;
        }
    }

    template <class T>
        requires std::same_as<T, typename E::Scalar>
    static View<T> write(E& e) {
        static_assert(is_row_major, "results are written into row-major tensors: Eigen::Tensor<T, N, Eigen::RowMajor>");
        return {e.data(), extents_of(e)};
    }

    template <class T, std::size_t Rank>
    static auto make(std::span<const Index, Rank> extents) {
        if constexpr (Rank == std::dynamic_extent) return Tensor<T>(extents);
        else {
            std::array<Eigen::Index, Rank> dimensions;
            std::copy(extents.begin(), extents.end(), dimensions.begin());
            return Eigen::Tensor<T, static_cast<int>(Rank), Eigen::RowMajor>(dimensions);
        }
    }

  private:
    static std::array<Index, rank> extents_of(const E& e) {
        std::array<Index, rank> extents;
        for (unsigned i = 0; i < rank; ++i) extents[i] = static_cast<Index>(e.dimension(i));  // fits Eigen's signed and unsigned axes
        return extents;
    }
};

}  // namespace chromatid
