// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/backend/cuda/kernel/four.hpp>
#include <chromatid/backend/cuda/kernel/split.hpp>
#include <chromatid/core/host_device.hpp>
#include <chromatid/core/index.hpp>

#include <type_traits>

// y = f(y + bias), row by row, in place. Bound by memory: one read and one write of y; the bias stays in the caches. No tile. Where rows
// are a multiple of four wide a thread takes four neighbouring columns, 16 bytes a load, and divides once to find them; elsewhere one
// element. Computed in float.

namespace chromatid::cuda {

/// \tparam F  an activation
/// \tparam T  `Four`, or float
template <class F, class T>
struct BiasActivation {
    const T* bias;  ///< (columns)
    T* y;           ///< (rows, columns)
    Index columns;  ///< each of them a `T`

    CHROMATID_HOST_DEVICE void operator()(Index i) const {
        const T add = bias[split(i, columns).column];
        T value = y[i];
        if constexpr (std::is_same_v<T, Four>) {
            CHROMATID_DEVICE_UNROLL
            for (int e = 0; e < 4; ++e) value.values[e] = F::apply(value.values[e] + add.values[e]);
        } else {
            value = F::apply(value + add);
        }
        y[i] = value;
    }
};

}  // namespace chromatid::cuda
