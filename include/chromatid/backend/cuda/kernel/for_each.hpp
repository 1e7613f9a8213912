// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/backend/cuda/grid.hpp>
#include <chromatid/core/host_device.hpp>
#include <chromatid/core/index.hpp>

#include <algorithm>

namespace chromatid::cuda {

/// `f(i)` for each i in [0, n), in strides of the whole grid; f is a value of pointers and numbers and writes what belongs to i alone.
template <class F>
struct ForEach {
    static constexpr int threads = 256;
    static constexpr Index most_blocks = 132 * 8;  ///< what a large device holds at once; more would only wait
    struct Shared {};

    F f;
    Index n;

    template <class Block>
    CHROMATID_HOST_DEVICE void operator()(Block& block, Shared&) const {
        block.each([&](int thread) {
            for (Index i = block.x() * threads + thread; i < n; i += block.blocks_x() * threads) f(i);
        });
    }
};

/// Launches `f(i)` for each i in [0, n).
template <class E, class F>
void for_each(typename E::Context& on, Index n, const F& f) {
    if (n > 0) E::launch(on, Grid{std::min(blocks_of(n, ForEach<F>::threads), ForEach<F>::most_blocks)}, ForEach<F>{f, n});
}

}  // namespace chromatid::cuda
