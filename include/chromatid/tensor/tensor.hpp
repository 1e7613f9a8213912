// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/tensor/view.hpp>

#include <cstddef>
#include <functional>
#include <initializer_list>
#include <numeric>
#include <span>
#include <vector>

namespace chromatid {

/// A row-major array that owns its elements; zero when made.
template <class T>
class Tensor {
  public:
    using value_type = T;

    Tensor() = default;
    explicit Tensor(std::span<const Index> extents)
        : extents_(extents.begin(), extents.end()),
          data_(static_cast<std::size_t>(std::accumulate(extents.begin(), extents.end(), Index{1}, std::multiplies<>{}))) {}
    Tensor(std::initializer_list<Index> extents) : Tensor(std::span(extents.begin(), extents.size())) {}

    View<T> view() { return {data_.data(), extents_}; }
    View<const T> view() const { return {data_.data(), extents_}; }
    operator View<T>() { return view(); }
    operator View<const T>() const { return view(); }

    T* data() { return data_.data(); }
    const T* data() const { return data_.data(); }
    std::span<const Index> extents() const { return extents_; }
    Index extent(std::size_t i) const { return extents_[i]; }
    Index size() const { return static_cast<Index>(data_.size()); }
    std::span<T> span() { return data_; }
    std::span<const T> span() const { return data_; }

    /// Element by its indices, one for each extent; not checked.
    template <class... I>
    T& operator()(I... i) { return view()(i...); }
    template <class... I>
    const T& operator()(I... i) const { return view()(i...); }

  private:
    std::vector<Index> extents_;
    std::vector<T> data_;
};

}  // namespace chromatid
