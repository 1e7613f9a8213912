// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/backend/cpu/gemm.hpp>
#include <chromatid/backend/geometry.hpp>

#include <algorithm>

// A channels-last convolution without padding or dilation is one matrix product per sample: row t of the left factor is the stretch of
// width * channels numbers that begins at position t * stride, and neighbouring rows overlap in memory. Nothing is copied out first.
// With padding or dilation the taps no longer lie side by side, so each tap is a product of its own, over the outputs for which it
// falls inside the sequence.

namespace chromatid::cpu {

namespace detail {

/// Outputs [first, last) for which one tap reads inside the sequence, and the position it reads for the first of them.
struct TapRange {
    Index first, last, position;
};

inline TapRange tap_range(const Conv1DGeometry& g, Index tap) {
    const Index offset = tap * g.dilation - g.padding;
    const Index first = offset >= 0 ? 0 : (-offset + g.stride - 1) / g.stride;
    const Index last = g.length > offset ? std::min(g.out_length, (g.length - offset - 1) / g.stride + 1) : 0;
    return {first, std::max(first, last), first * g.stride + offset};
}

/// Calls `f(x_offset, out_first, rows, tap, taps)` for each product of one sample: `taps` neighbouring taps from `tap` on.
template <class F>
void for_each_product(const Conv1DGeometry& g, const F& f) {
    const bool ends_inside = (g.out_length - 1) * g.stride + g.width <= g.length;  // zeros may be wanted behind the sequence only
    if (g.dilation == 1 && g.padding == 0 && ends_inside) return f(Index{0}, Index{0}, g.out_length, Index{0}, g.width);
    for (Index tap = 0; tap < g.width; ++tap) {
        const TapRange range = tap_range(g, tap);
        if (range.first < range.last) f(range.position * g.channels, range.first, range.last - range.first, tap, Index{1});
    }
}

}  // namespace detail

/// y = x * kernel, see `Conv1DGeometry`; no bias.
template <class T>
void conv1d(const Conv1DGeometry& g, const T* x, const T* kernel, T* y) {
    for (Index b = 0; b < g.batch; ++b) {
        const T* sample = x + b * g.length * g.channels;
        T* out = y + b * g.out_length * g.filters;
        std::fill_n(out, g.out_length * g.filters, T{0});
        detail::for_each_product(g, [&](Index from, Index first, Index rows, Index tap, Index taps) {
            gemm<false, false>(rows, g.filters, taps * g.channels, sample + from, g.stride * g.channels,
                    kernel + tap * g.channels * g.filters, g.filters, T{1}, out + first * g.filters, g.filters);
        });
    }
}

/// Adds to the kernel's gradient, and writes dx where it is not null.
template <class T>
void conv1d_backward(const Conv1DGeometry& g, const T* x, const T* kernel, const T* dy, T* dx, T* dkernel) {
    for (Index b = 0; b < g.batch; ++b) {
        const T* sample = x + b * g.length * g.channels;
        const T* dout = dy + b * g.out_length * g.filters;
        detail::for_each_product(g, [&](Index from, Index first, Index rows, Index tap, Index taps) {
            gemm<true, false>(taps * g.channels, g.filters, rows, sample + from, g.stride * g.channels, dout + first * g.filters,
                    g.filters, T{1}, dkernel + tap * g.channels * g.filters, g.filters);
        });
        if (dx == nullptr) continue;
        // Rows of one tap's product never overlap, so taps are added one by one here even where the forward product takes all at once.
        T* dsample = dx + b * g.length * g.channels;
        std::fill_n(dsample, g.length * g.channels, T{0});
        for (Index tap = 0; tap < g.width; ++tap) {
            const detail::TapRange range = detail::tap_range(g, tap);
            if (range.first >= range.last) continue;
            gemm<false, true>(range.last - range.first, g.channels, g.filters, dout + range.first * g.filters, g.filters,
                    kernel + tap * g.channels * g.filters, g.filters, T{1}, dsample + range.position * g.channels, g.stride * g.channels);
        }
    }
}

}  // namespace chromatid::cpu
