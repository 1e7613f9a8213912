// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/backend/cuda/kernel/split.hpp>
#include <chromatid/core/host_device.hpp>
#include <chromatid/core/index.hpp>

// What is done to each element by itself, for `for_each`. Neighbouring threads have neighbouring elements, so every warp reads and writes whole lines; all of these
// are bound by memory.

namespace chromatid::cuda {

/// y = F(x)
template <class F>
struct Activate {
    const float* x;
    float* y;
    CHROMATID_HOST_DEVICE void operator()(Index i) const { y[i] = F::apply(x[i]); }
};

/// y = F(y + bias) in rows of `columns`
template <class F>
struct AddBiasAndActivate {
    const float* bias;
    float* y;
    Index columns;
    CHROMATID_HOST_DEVICE void operator()(Index i) const { y[i] = F::apply(y[i] + bias[split(i, columns).column]); }
};

/// dy *= F'(y)
template <class F>
struct MultiplyBySlope {
    const float* y;
    float* dy;
    CHROMATID_HOST_DEVICE void operator()(Index i) const { dy[i] *= F::slope(y[i]); }
};

/// y += x
struct AddTo {
    const float* x;
    float* y;
    CHROMATID_HOST_DEVICE void operator()(Index i) const { y[i] += x[i]; }
};

/// y = Merge(forward, reverse)
template <class Merge>
struct MergeStrands {
    const float *forward, *reverse;
    float* y;
    CHROMATID_HOST_DEVICE void operator()(Index i) const { y[i] = Merge::apply(forward[i], reverse[i]); }
};

/// dforward and dreverse from dy
template <class Merge>
struct UnmergeStrands {
    const float *forward, *reverse, *dy;
    float *dforward, *dreverse;
    CHROMATID_HOST_DEVICE void operator()(Index i) const {
        const auto slopes = Merge::slopes(forward[i], reverse[i]);
        dforward[i] = dy[i] * slopes.forward;
        dreverse[i] = dy[i] * slopes.reverse;
    }
};

}  // namespace chromatid::cuda
