// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/tensor/windows.hpp>

#include <algorithm>

namespace chromatid::cpu {

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
    if (x.partner == nullptr) return;
    T* other = y + x.count * length * channels;
    for (Index w = 0; w < x.count; ++w, other += length * channels)
        for (Index t = 0; t < length; ++t) {
            const T* from = y + (w * length + t) * channels;
            T* to = other + (length - 1 - t) * channels;
            for (Index c = 0; c < channels; ++c) to[x.partner[c]] = from[c];
        }
}

}  // namespace chromatid::cpu
