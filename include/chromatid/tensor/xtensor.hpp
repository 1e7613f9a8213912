// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/xtensor.hpp>
#include <chromatid/tensor/array.hpp>
#include <chromatid/tensor/view_or_copy.hpp>

#include <array>
#include <concepts>
#include <cstddef>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

namespace chromatid {

namespace detail {

/// Extents as chromatid has them, at most four.
class XtensorExtents {
  public:
    template <class E>
    explicit XtensorExtents(const E& e) : rank_(e.dimension()) {
        if (rank_ > values_.size()) throw ShapeError("an xtensor of rank " + std::to_string(rank_) + " was given; four is the most");
        for (std::size_t i = 0; i < rank_; ++i) values_[i] = static_cast<Index>(e.shape()[i]);
    }
    operator std::span<const Index>() const { return {values_.data(), rank_}; }

  private:
    std::array<Index, View<float>::max_rank> values_{};
    std::size_t rank_;
};

}  // namespace detail

/// xtensor's arrays of rank up to 4.
///
/// Read without a copy where the elements lie row by row without gaps and have the model's scalar; everything else, lazy expressions
/// among it, is evaluated into a copy. Results are written into such arrays only. A call with an xtensor gives an `xt::xtensor` where the
/// result's rank is static (`Model`), else an `xt::xarray` (`AnyModel`).
template <XtensorExpression E>
struct ArrayTraits<E> {
    /// \throws ShapeError for more than four extents
    template <class T>
    static ViewOrCopy<T> read(const E& e) {
        const detail::XtensorExtents extents(e);
        if constexpr (XtensorInMemory<E> && std::same_as<typename E::value_type, T>)
            if (is_row_major(e)) return View<const T>(e.data() + e.data_offset(), extents);
        Tensor<T> copy(extents);
        const std::vector<std::size_t> shape(e.shape().begin(), e.shape().end());
        auto target = xt::adapt<xt::layout_type::row_major>(copy.data(), static_cast<std::size_t>(copy.size()), xt::no_ownership(), shape);
        xt::noalias(target) = xt::cast<T>(e);
        return copy;
    }

    /// \throws ShapeError where the elements do not lie row by row without gaps
    template <class T>
        requires XtensorInMemory<E> && std::same_as<T, typename E::value_type>
    static View<T> write(E& e) {
        if (!is_row_major(e))
            throw ShapeError("results cannot be written into an xtensor that is column-major or a view with gaps: "
                             "write into a row-major array and assign it");
        return {e.data() + e.data_offset(), detail::XtensorExtents(e)};
    }

    template <class T, std::size_t Rank>
    static auto make(std::span<const Index, Rank> extents) {
        if constexpr (Rank == std::dynamic_extent)
            return xt::xarray<T, xt::layout_type::row_major>::from_shape(std::vector<std::size_t>(extents.begin(), extents.end()));
        else {
            std::array<std::size_t, Rank> shape;
            for (std::size_t i = 0; i < Rank; ++i) shape[i] = static_cast<std::size_t>(extents[i]);
            return xt::xtensor<T, Rank, xt::layout_type::row_major>(shape);
        }
    }
};

/// A row-major view, such as `Tensor::view()` or what `Model::trace` shows, as an xtensor adaptor, without a copy.
template <class T>
auto as_xtensor(View<T> view) {
    const std::vector<std::size_t> shape(view.extents().begin(), view.extents().end());
    return xt::adapt<xt::layout_type::row_major>(view.data(), static_cast<std::size_t>(view.size()), xt::no_ownership(), shape);
}

}  // namespace chromatid
