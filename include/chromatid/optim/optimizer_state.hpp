// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/backend/backend.hpp>
#include <chromatid/core/error.hpp>

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace chromatid {

/// What an optimizer remembers: flat arrays as long as the parameters, and how many steps it has made. All of it is what a checkpoint
/// saves.
template <class B>
struct OptimizerState {
    using Values = typename B::template Mirror<typename B::Scalar>;

    struct Array {
        std::string name;  ///< such as "first_moment"
        Values values;
    };

    std::vector<Array> arrays;
    std::int64_t steps = 0;

    /// Brings what the host has changed to the backend: before an update that is recorded, see `repeat` of a backend.
    void prepare(typename B::Context& on) {
        for (Array& array : arrays) array.values.on(on);
    }

    /// \throws ShapeError where arrays, parameters and gradients differ in length
    void check(std::span<const typename B::Scalar> parameters, std::span<const typename B::Scalar> gradients) const {
        bool same = parameters.size() == gradients.size();
        for (const Array& array : arrays) same = same && array.values.size() == static_cast<Index>(parameters.size());
        if (!same)
            throw ShapeError("an optimizer needs parameters, gradients and a state of one length; there are " +
                             std::to_string(parameters.size()) + " parameters and " + std::to_string(gradients.size()) + " gradients" +
                             (arrays.empty() ? "" : ", and a state for " + std::to_string(arrays.front().values.size())));
    }
};

namespace detail {

/// Calls `chunk(first, count)` for pieces of flat buffers, on all threads; the pieces depend on the size alone. A device takes all in one.
template <class B, class F>
void for_each_chunk(typename B::Context& on, Index size, const F& chunk) {
    const Index length = B::on_host ? 16384 : size;
    if (size > 0)
        B::for_each_tile(on, (size + length - 1) / length, [&](Index i) { chunk(i * length, std::min(length, size - i * length)); });
}

}  // namespace detail

}  // namespace chromatid
