// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/tensor/windows.hpp>

#include <algorithm>

namespace chromatid::cpu {

/// y[b, length - 1 - t, partner[c]] = x[b, t, c]
template <class T>
void reverse_complement(Index batch, Index length, Index channels, const Index* partner, const T* x, T* y) {
    for (Index b = 0; b < batch; ++b)
        for (Index t = 0; t < length; ++t, x += channels) {
            T* to = y + (b * length + length - 1 - t) * channels;
            for (Index c = 0; c < channels; ++c) to[partner[c]] = x[c];
        }
}

/// Writes windows as dense rows (x.rows(), length, channels), see `Windows`.
template <class T>
void expand(const Windows<T>& x, T* y) {
    const Index length = x.length, channels = x.channels, tracks = channels - Windows<T>::letters;
    for (Index w = 0; w < x.count; ++w) {
        T* row = y + w * length * channels;
        if (!x.encoded()) std::copy_n(x.dense + w * length * channels, length * channels, row);
        else
            for (Index t = 0; t < length; ++t, row += channels) {
                std::fill_n(row, Windows<T>::letters, T{0});
                if (x.codes[w][t] < Windows<T>::letters) row[x.codes[w][t]] = T{1};
                for (Index k = 0; k < tracks; ++k) row[Windows<T>::letters + k] = x.tracks[w * tracks + k][t];
            }
    }
    if (x.partner != nullptr) reverse_complement(x.count, length, channels, x.partner, y, y + x.count * length * channels);
}

}  // namespace chromatid::cpu
