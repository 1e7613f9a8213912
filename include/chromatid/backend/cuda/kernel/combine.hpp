// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/host_device.hpp>
#include <chromatid/core/index.hpp>

namespace chromatid::cuda {

/// Neighbouring columns that the threads of a block take: as many as there are, rounded up to a power of two, and no more than a line
/// holds.
inline int columns_of_block(Index columns) {
    int width = 1;
    while (width < columns && width < 32) width *= 2;
    return width;
}

/// Combines the values of the threads of a block in pairs, always the same ones, where threads t, t + width, t + 2 width, ... share a
/// column: values[t] of the first `width` threads are then what `f` makes of all of their column, for every thread to read.
///
/// \param values  shared memory, one for each thread
/// \param width   a power of two
template <class Block, class T, class F>
CHROMATID_HOST_DEVICE void combine(Block& block, T* values, int width, const F& f) {
    for (int half = Block::threads / 2; half >= width; half /= 2) {
        block.sync();
        block.each([&](int thread) {
            if (thread < half) values[thread] = f(values[thread], values[thread + half]);
        });
    }
    block.sync();
}

}  // namespace chromatid::cuda
