// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>
#include <type_traits>

namespace chromatid::cuda {

/// A kernel: a value of pointers and numbers whose call operator is what one block does, on a device or on the processor.
///
///     struct Scale {
///         static constexpr int threads = 256;     // of a block
///         struct Shared {};                       // shared memory of a block, not initialized
///         const float* x;                         // arguments: device memory and numbers, nothing else crosses a launch
///         float* y;
///         Index n;
///
///         template <class Block>
///         CHROMATID_HOST_DEVICE void operator()(Block& block, Shared&) const {
///             block.each([&](int thread) { const Index i = block.x() * threads + thread; if (i < n) y[i] = 2 * x[i]; });
///         }
///     };
///     E::launch(on, {blocks_of(n, Scale::threads)}, Scale{x, y, n});
///
/// `blocks_per_sm`, where a kernel has it, is the least number of blocks that registers must leave room for on one multiprocessor (1). A
/// block type offers what `HostBlock` describes.
template <class K>
concept Kernel = std::is_trivially_copyable_v<K> && std::is_trivially_default_constructible_v<typename K::Shared> && requires {
    { K::threads } -> std::convertible_to<int>;
};

}  // namespace chromatid::cuda
