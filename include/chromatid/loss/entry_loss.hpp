// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/backend/backend.hpp>
#include <chromatid/core/error.hpp>
#include <chromatid/core/parameter.hpp>

#include <algorithm>
#include <string>

namespace chromatid::detail {

/// What all losses that look at one entry at a time share.
///
/// An `Entry` is what the backend's `sum_losses` needs of one: a trivially copyable value with `takes_part(target)`, `value(y, target,
/// task)` and `slope(y, target, task)`, which run wherever the backend does. One with class weights holds a `WeightsView` called `weights`,
/// and `with_weights(view)` is the same entry with its weights elsewhere.

template <class Entry>
Index count_entries(const Entry& entry, View<const float> targets) {
    Index n = 0;
    for (const float t : targets.span()) n += entry.takes_part(t) ? 1 : 0;
    return n;
}

/// Tasks of an output (windows, tasks).
template <class T>
Index tasks_of(View<T> y) { return y.rank() < 2 || y.extent(0) == 0 ? 1 : y.size() / y.extent(0); }

template <class B, class Entry>
void accumulate_entries(typename B::Context& on, const Entry& entry, View<const typename B::Scalar> y, View<const float> targets,
                        double scale, View<typename B::Scalar> dy, double* sum) {
    if (!std::ranges::equal(y.extents(), targets.extents()))
        throw ShapeError("targets have shape " + to_string(targets.extents()) + ", the network's output " + to_string(y.extents()));
    if (dy.data() != nullptr && !std::ranges::equal(y.extents(), dy.extents()))
        throw ShapeError("the output's gradient has shape " + to_string(dy.extents()) + ", the output " + to_string(y.extents()));
    const Index tasks = tasks_of(y);
    B::sum_losses(on, y.size() / tasks, tasks, entry, y.data(), targets.data(), scale, dy.data(), sum);
}

/// Entries that take part and are on the right side of a border: target 1 where y > border, else 0.
template <class Entry, class T>
Index count_right(const Entry& entry, View<const T> y, View<const float> targets, T border) {
    Index n = 0;
    for (Index i = 0; i < targets.size(); ++i) {
        const float t = targets.data()[i];
        n += entry.takes_part(t) && (y.data()[i] > border ? t == 1.0F : t == 0.0F) ? 1 : 0;
    }
    return n;
}

}  // namespace chromatid::detail
