// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/backend/cuda/kernel/col2im.hpp>
#include <chromatid/backend/cuda/kernel/for_each.hpp>
#include <chromatid/backend/cuda/kernel/im2col.hpp>
#include <chromatid/backend/geometry.hpp>
#include <chromatid/core/error.hpp>

#include <algorithm>
#include <string>

// A convolution is a product of two matrices: what each output reads, row by row, times the kernel. The left one is written out, as many
// rows at a time as the workspace of the context holds. With one tap and step 1 it is x as it lies.

namespace chromatid::cuda {

namespace detail {

inline bool is_pointwise(const Conv1DGeometry& g) { return g.width == 1 && g.stride == 1 && g.padding == 0 && g.out_length == g.length; }

/// Calls `f(first, rows)` for pieces of the outputs of all samples, in order, such that `rows` rows of the left factor fit the workspace.
template <class E, class F>
void for_each_piece(typename E::Context& on, const Conv1DGeometry& g, const F& f) {
    const Index all = g.batch * g.out_length, room = on.workspace().size() / (g.width * g.channels);
    if (room == 0)
        throw DeviceError("a convolution of " + std::to_string(g.width) + " taps and " + std::to_string(g.channels) +
                          " channels reads more for one output than the workspace holds");
    for (Index first = 0; first < all; first += room) f(first, std::min(room, all - first));
}

}  // namespace detail

/// y = x * kernel, see `Conv1DGeometry`; no bias.
template <class E, class Precision>
void conv1d(typename E::Context& on, const Conv1DGeometry& g, const float* x, const float* kernel, float* y) {
    if constexpr (requires { E::template conv1d<Precision>(on, g, x, kernel, y); })
        if (E::template conv1d<Precision>(on, g, x, kernel, y)) return;
    const Index k = g.width * g.channels;
    const auto product = [&](Index rows, const float* columns, float* out) {
        E::template gemm<Precision, false, false>(on, rows, g.filters, k, columns, k, kernel, g.filters, 0.0F, out, g.filters);
    };
    if (detail::is_pointwise(g)) return product(g.batch * g.length, x, y);
    detail::for_each_piece<E>(on, g, [&](Index first, Index rows) {
        float* const columns = on.workspace().data();
        for_each<E>(on, rows * k, Im2Col{g, first, x, columns});
        product(rows, columns, y + first * g.filters);
    });
}

/// Adds to the kernel's gradient, and writes dx where it is not null.
template <class E, class Precision>
void conv1d_backward(typename E::Context& on, const Conv1DGeometry& g, const float* x, const float* kernel, const float* dy, float* dx,
                     float* dkernel) {
    const Index k = g.width * g.channels;
    const auto add_to_kernel = [&](Index rows, const float* columns, const float* dout) {
        E::template gemm<Precision, true, false>(on, k, g.filters, rows, columns, k, dout, g.filters, 1.0F, dkernel, g.filters);
    };
    const auto to_columns = [&](Index rows, const float* dout, float* columns) {
        E::template gemm<Precision, false, true>(on, rows, k, g.filters, dout, g.filters, kernel, g.filters, 0.0F, columns, k);
    };
    if (detail::is_pointwise(g)) {
        add_to_kernel(g.batch * g.length, x, dy);
        if (dx != nullptr) to_columns(g.batch * g.length, dy, dx);
        return;
    }
    detail::for_each_piece<E>(on, g, [&](Index first, Index rows) {
        float* const columns = on.workspace().data();
        const float* const dout = dy + first * g.filters;
        for_each<E>(on, rows * k, Im2Col{g, first, x, columns});
        add_to_kernel(rows, columns, dout);
        if (dx == nullptr) return;
        to_columns(rows, dout, columns);
        const Index sample = first / g.out_length, samples = (first + rows - 1) / g.out_length + 1 - sample;
        for_each<E>(on, samples * g.length * g.channels, Col2Im{g, first, rows, sample, columns, dx});
    });
}

}  // namespace chromatid::cuda
