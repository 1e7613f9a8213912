// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/backend/geometry.hpp>

#include <algorithm>

namespace chromatid::cpu {

/// y[c] = max over `rows` neighbouring rows of x; the inner loop runs along channels, which the compiler turns into vector maxima.
template <class T>
void max_of_rows(Index rows, Index channels, const T* x, T* y) {
    std::copy_n(x, channels, y);
    for (Index r = 1; r < rows; ++r)
        for (Index c = 0; c < channels; ++c) y[c] = std::max(y[c], x[r * channels + c]);
}

/// See `Pool1DGeometry`.
template <class T>
void max_pool1d(const Pool1DGeometry& g, const T* x, T* y) {
    for (Index b = 0; b < g.batch; ++b)
        for (Index t = 0; t < g.out_length; ++t)
            max_of_rows(g.window, g.channels, x + (b * g.length + t * g.stride) * g.channels, y + (b * g.out_length + t) * g.channels);
}

/// Gives dy[c] to the first of `rows` rows where x equals the maximum y, and writes or adds 0 to the others.
template <bool Add, class T>
void max_of_rows_backward(Index rows, Index channels, const T* x, const T* y, const T* dy, T* dx) {
    constexpr Index chunk = 64;
    T left[chunk];
    for (Index first = 0; first < channels; first += chunk) {
        const Index n = std::min(chunk, channels - first);
        std::copy_n(dy + first, n, left);
        for (Index r = 0; r < rows; ++r) {
            const T* from = x + r * channels + first;
            T* to = dx + r * channels + first;
            for (Index c = 0; c < n; ++c) {
                const bool takes = from[c] == y[first + c];
                const T share = takes ? left[c] : T{0};
                left[c] = takes ? T{0} : left[c];
                if constexpr (Add) to[c] += share;
                else to[c] = share;
            }
        }
    }
}

/// The gradient of `max_pool1d`: goes to the first maximum of each window, and adds up where windows overlap.
template <class T>
void max_pool1d_backward(const Pool1DGeometry& g, const T* x, const T* y, const T* dy, T* dx) {
    const bool apart = g.stride >= g.window;
    for (Index b = 0; b < g.batch; ++b) {
        const T* sample = x + b * g.length * g.channels;
        T* dsample = dx + b * g.length * g.channels;
        if (!apart) std::fill_n(dsample, g.length * g.channels, T{0});
        for (Index t = 0; t < g.out_length; ++t) {
            const Index at = t * g.stride * g.channels, out = (b * g.out_length + t) * g.channels;
            if (!apart) max_of_rows_backward<true>(g.window, g.channels, sample + at, y + out, dy + out, dsample + at);
            else {
                max_of_rows_backward<false>(g.window, g.channels, sample + at, y + out, dy + out, dsample + at);
                const Index next = t + 1 < g.out_length ? (t + 1) * g.stride : g.length;  // rows that no window reads
                std::fill(dsample + at + g.window * g.channels, dsample + next * g.channels, T{0});
            }
        }
    }
}

}  // namespace chromatid::cpu
