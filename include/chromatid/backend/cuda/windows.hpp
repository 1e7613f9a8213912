// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/backend/cuda/kernel/expand.hpp>
#include <chromatid/backend/cuda/kernel/for_each.hpp>
#include <chromatid/backend/cuda/rows.hpp>
#include <chromatid/core/index.hpp>
#include <chromatid/tensor/windows.hpp>

namespace chromatid::cuda {

/// Windows as dense rows (x.rows(), length, channels), see `Windows`.
/// \param x  numbers, codes and the tables of where they are in device memory; partners, a permutation, on the host
template <class E>
void expand(typename E::Context& on, const Windows<float>& x, float* y) {
    const bool both = x.partner != nullptr;
    detail::with_partners<E>(on, both ? x.channels : 0, x.partner, [&]<class Partners>(const Partners& partners) {
        for_each<E>(
            on, x.count * x.length * x.channels,
            ExpandWindows<Partners>{partners, both, x.count, x.length, x.channels, x.encoded() ? nullptr : x.dense, x.codes, x.tracks, y});
    });
}

}  // namespace chromatid::cuda
