// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/tensor/tensor.hpp>
#include <chromatid/tensor/view.hpp>

#include <optional>
#include <utility>

namespace chromatid {

/// What `ArrayTraits::read` gives where only the run shows whether a foreign array lies in memory as chromatid needs it: a view of that
/// array, or a copy. Converts to `View<const T>`. A view lives no longer than the array it was read from.
template <class T>
class ViewOrCopy {
  public:
    ViewOrCopy(View<const T> view) : view_(view) {}
    ViewOrCopy(Tensor<T> copy) : copy_(std::move(copy)) {}

    operator View<const T>() const { return copy_ ? copy_->view() : view_; }
    /// Whether the elements were copied.
    bool is_copy() const { return copy_.has_value(); }

  private:
    View<const T> view_;
    std::optional<Tensor<T>> copy_;
};

}  // namespace chromatid
