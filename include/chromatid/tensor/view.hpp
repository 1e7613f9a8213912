// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/error.hpp>
#include <chromatid/core/index.hpp>
#include <chromatid/core/shape.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <initializer_list>
#include <span>
#include <type_traits>

namespace chromatid {

/// A row-major array that somebody else owns: pointer and extents, at most four, the batch first and the channels last.
template <class T>
class View {
  public:
    static constexpr std::size_t max_rank = 4;
    using value_type = std::remove_const_t<T>;

    constexpr View() = default;
    /// \throws ShapeError for more than four extents
    constexpr View(T* data, std::span<const Index> extents) : data_(data), rank_(extents.size()) {
        if (rank_ > max_rank) throw ShapeError("a view has at most four extents");
        std::copy(extents.begin(), extents.end(), extents_.begin());
    }
    constexpr View(T* data, std::initializer_list<Index> extents) : View(data, std::span(extents.begin(), extents.size())) {}
    /// `batch` samples of one shape.
    template <AnyShape S>
    constexpr View(T* data, Index batch, const S& sample) : data_(data), rank_(S::rank + 1) {
        static_assert(S::rank < max_rank);
        extents_[0] = batch;
        std::copy(sample.values().begin(), sample.values().end(), extents_.begin() + 1);
    }

    /// To a view of constants; a template, so that a view of constants has no conversion to itself.
    template <class C>
        requires(std::is_same_v<C, const T> && !std::is_const_v<T>)
    constexpr operator View<C>() const {
        return {data_, extents()};
    }

    constexpr T* data() const { return data_; }
    constexpr std::size_t rank() const { return rank_; }
    constexpr std::span<const Index> extents() const { return {extents_.data(), rank_}; }
    constexpr Index extent(std::size_t i) const { return extents_[i]; }
    /// Number of elements.
    constexpr Index size() const {
        Index n = rank_ == 0 ? 0 : 1;
        for (const Index e : extents()) n *= e;
        return n;
    }
    constexpr std::span<T> span() const { return {data_, static_cast<std::size_t>(size())}; }

    /// Element by its indices, one for each extent; not checked.
    template <class... I>
    constexpr T& operator()(I... i) const {
        Index offset = 0;
        std::size_t axis = 0;
        ((offset = offset * extents_[axis++] + static_cast<Index>(i)), ...);
        return data_[offset];
    }

    /// Rows [first, first + count) of the first extent.
    constexpr View rows(Index first, Index count) const {
        View part = *this;
        part.extents_[0] = count;
        part.data_ = data_ + (extents_[0] > 0 ? size() / extents_[0] * first : 0);
        return part;
    }

  private:
    T* data_ = nullptr;
    std::size_t rank_ = 0;
    std::array<Index, max_rank> extents_{};
};

}  // namespace chromatid
