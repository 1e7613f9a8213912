// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/tensor/array.hpp>
#include <chromatid/tensor/view_or_copy.hpp>

#include <Eigen/Core>

#include <array>
#include <concepts>
#include <cstddef>
#include <span>
#include <string>
#include <type_traits>

namespace chromatid {

namespace detail {
template <class D>
void take_dense(const Eigen::DenseBase<D>&);
}

/// A dense Eigen matrix or array, one that is mapped, a block, or an expression of them.
template <class E>
concept EigenDense = requires(const E& e) { detail::take_dense(e); };

/// Whether the elements lie row by row without gaps.
template <EigenDense E>
bool is_row_major(const E& e) {
    return (e.cols() <= 1 || e.colStride() == 1) && (e.rows() <= 1 || e.rowStride() == e.cols());
}

namespace detail {

/// Rank 1 for types that are vectors, else rank 2.
template <EigenDense E>
auto eigen_extents(const E& e) {
    if constexpr (E::IsVectorAtCompileTime) return std::array<Index, 1>{e.size()};
    else return std::array<Index, 2>{e.rows(), e.cols()};
}

template <class T>
using EigenArray = Eigen::Array<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

}  // namespace detail

/// Eigen's dense types as arrays: vectors have rank 1, all others rank 2 (rows, columns).
///
/// Read without a copy where the elements lie row by row without gaps and have the model's scalar; `Eigen::MatrixXf`, which lies column by
/// column, is copied. Results are written into such arrays only. A call with an Eigen matrix (array) gives a row-major matrix (array).
template <EigenDense E>
struct ArrayTraits<E> {
    template <class T>
    static ViewOrCopy<T> read(const E& e) {
        const auto extents = detail::eigen_extents(e);
        if constexpr (std::is_same_v<typename E::Scalar, T> && bool(E::Flags & Eigen::DirectAccessBit))
            if (is_row_major(e)) return View<const T>(e.data(), extents);
        Tensor<T> copy(extents);
        Eigen::Map<detail::EigenArray<T>>(copy.data(), e.rows(), e.cols()) = e.array().template cast<T>();
        return copy;
    }

    /// \throws ShapeError where the elements do not lie row by row without gaps
    template <class T>
        requires std::same_as<T, typename E::Scalar> && (bool(E::Flags & Eigen::DirectAccessBit) && bool(E::Flags & Eigen::LvalueBit))
    static View<T> write(E& e) {
        if (!is_row_major(e))
            throw ShapeError("results cannot be written into an Eigen matrix that is column-major or has gaps between its rows: "
                             "use Eigen::Matrix<T, Dynamic, Dynamic, Eigen::RowMajor>");
        return {e.data(), detail::eigen_extents(e)};
    }

    /// \throws ShapeError for more than two extents
    template <class T>
    static auto make(std::span<const Index> extents) {
        using Result = std::conditional_t<std::is_base_of_v<Eigen::ArrayBase<E>, E>, detail::EigenArray<T>,
                                          Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>>;
        if (extents.empty() || extents.size() > 2)
            throw ShapeError("an Eigen matrix cannot hold a result of rank " + std::to_string(extents.size()));
        return Result(extents[0], extents.size() == 2 ? extents[1] : 1);
    }
};

/// A row-major view of rank 1 or 2 as an `Eigen::Map`, without a copy; rank 1 becomes a column.
/// \throws ShapeError for another rank
template <class T>
auto as_eigen(View<T> view) {
    using Matrix = Eigen::Matrix<std::remove_const_t<T>, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
    if (view.rank() != 1 && view.rank() != 2)
        throw ShapeError("only an array of rank 1 or 2 is an Eigen matrix, not one of rank " + std::to_string(view.rank()));
    return Eigen::Map<std::conditional_t<std::is_const_v<T>, const Matrix, Matrix>>(view.data(), view.extent(0),
                                                                                  view.rank() == 2 ? view.extent(1) : 1);
}

}  // namespace chromatid
