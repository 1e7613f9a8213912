// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/backend/cuda/kernel/bias_activation.hpp>
#include <chromatid/backend/cuda/kernel/for_each.hpp>
#include <chromatid/backend/cuda/kernel/four.hpp>
#include <chromatid/backend/cuda/kernel/map.hpp>
#include <chromatid/core/activation.hpp>
#include <chromatid/core/host_device.hpp>
#include <chromatid/core/index.hpp>

#include <type_traits>

namespace chromatid::cuda {

namespace detail {

template <class F>
struct Activate {
    static constexpr int inputs = 1, outputs = 1;
    CHROMATID_HOST_DEVICE void operator()(const float (&x)[1], float (&y)[1]) const { y[0] = F::apply(x[0]); }
};

template <class F>
struct ActivateBackward {
    static constexpr int inputs = 2, outputs = 1;
    CHROMATID_HOST_DEVICE void operator()(const float (&y_dy)[2], float (&dy)[1]) const { dy[0] = y_dy[1] * F::slope(y_dy[0]); }
};

struct Add {
    static constexpr int inputs = 2, outputs = 1;
    CHROMATID_HOST_DEVICE void operator()(const float (&y_x)[2], float (&y)[1]) const { y[0] = y_x[0] + y_x[1]; }
};

template <class Merge>
struct MergeStrands {
    static constexpr int inputs = 2, outputs = 1;
    CHROMATID_HOST_DEVICE void operator()(const float (&strands)[2], float (&y)[1]) const { y[0] = Merge::apply(strands[0], strands[1]); }
};

template <class Merge>
struct MergeStrandsBackward {
    static constexpr int inputs = 3, outputs = 2;
    CHROMATID_HOST_DEVICE void operator()(const float (&strands_dy)[3], float (&dstrands)[2]) const {
        const auto slopes = Merge::slopes(strands_dy[0], strands_dy[1]);
        dstrands[0] = strands_dy[2] * slopes.forward;
        dstrands[1] = strands_dy[2] * slopes.reverse;
    }
};

}  // namespace detail

/// y = f(x) for n numbers; x may be y.
template <class E, class F>
void activation(typename E::Context& on, Index n, const float* x, float* y) {
    if (std::is_same_v<F, Linear> && x == y) return;
    map<E>(on, n, detail::Activate<F>{}, {x}, {y});
}

/// y = f(y + bias) for y (rows, columns), in place; a null bias means none.
template <class E, class F>
void bias_activation(typename E::Context& on, Index rows, Index columns, const float* bias, float* y) {
    if (bias == nullptr) return activation<E, F>(on, rows * columns, y, y);
    if (come_in_fours({bias, y}, {columns}))
        for_each<E>(on, rows * columns / 4,
                    BiasActivation<F, Four>{reinterpret_cast<const Four*>(bias), reinterpret_cast<Four*>(y), columns / 4});
    else for_each<E>(on, rows * columns, BiasActivation<F, float>{bias, y, columns});
}

/// dy *= f'(x) for n numbers, in terms of y = f(x).
template <class E, class F>
void activation_backward(typename E::Context& on, Index n, const float* y, float* dy) {
    if constexpr (!std::is_same_v<F, Linear>) map<E>(on, n, detail::ActivateBackward<F>{}, {y, dy}, {dy});
}

/// y += x for n numbers.
template <class E>
void add(typename E::Context& on, Index n, const float* x, float* y) {
    map<E>(on, n, detail::Add{}, {y, x}, {y});
}

/// y = merge(forward, reverse) for n numbers.
template <class E, class Merge>
void merge_strands(typename E::Context& on, Index n, const float* forward, const float* reverse, float* y) {
    map<E>(on, n, detail::MergeStrands<Merge>{}, {forward, reverse}, {y});
}

/// dforward and dreverse of `merge_strands`, written.
template <class E, class Merge>
void merge_strands_backward(typename E::Context& on, Index n, const float* forward, const float* reverse, const float* dy, float* dforward,
                            float* dreverse) {
    map<E>(on, n, detail::MergeStrandsBackward<Merge>{}, {forward, reverse, dy}, {dforward, dreverse});
}

}  // namespace chromatid::cuda
