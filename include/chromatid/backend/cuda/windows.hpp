// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/backend/cuda/kernel/expand.hpp>
#include <chromatid/backend/cuda/kernel/for_each.hpp>
#include <chromatid/tensor/windows.hpp>

#include <cstddef>
#include <span>

namespace chromatid::cuda {

/// Windows as dense rows (x.rows(), length, channels), see `Windows`. Codes, tracks and their tables are device memory, partners the host's.
template <class E>
void expand(typename E::Context& on, const Windows<float>& x, float* y) {
    const Index* partner = x.partner == nullptr ? nullptr : on.constants().device(on, std::span(x.partner, static_cast<std::size_t>(x.channels)));
    for_each<E>(on, x.rows() * x.length * x.channels,
                ExpandWindows{x.encoded() ? nullptr : x.dense, x.codes, x.tracks, partner, y, x.count, x.length, x.channels});
}

}  // namespace chromatid::cuda
