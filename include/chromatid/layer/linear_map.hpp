// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/layer/layer.hpp>

namespace chromatid {

/// Kernel (features, units) and, where there is one, bias (units).
template <bool HasBias>
constexpr auto linear_map_parameters(Index features, Index units) {
    const ParameterSpec kernel("kernel", Initializer::glorot_uniform(features, units), features, units);
    if constexpr (HasBias) return std::array{kernel, ParameterSpec("bias", Initializer::zeros(), units)};
    else return std::array{kernel};
}

/// What `Dense` and `TimeDistributedDense` bind to: y = act(x W + b) for each row of the last axis, all rows of a batch in one product.
///
///     dz = dy act'(y),  dW += x^T dz,  db += sum over rows of dz,  dx = dz W^T
template <class L, AnyShape In, Backend B>
struct LinearMap : Binding<L, In> {
    using T = typename B::Scalar;
    using Activation = typename L::Activation;
    using Binding<L, In>::Binding;

    constexpr Index features() const { return channels(this->in).value(); }
    constexpr Index units() const { return this->recipe.units().value(); }
    constexpr Index rows(Index batch) const { return batch * this->in.size() / features(); }

    void infer(Run<B>& run, const T* parameters, View<const T> x, View<T> y) const {
        const Index m = rows(x.extent(0)), k = features(), n = units();
        B::template linear_map<Activation>(run.on, m, n, k, x.data(), parameters, L::has_bias ? parameters + k * n : nullptr, y.data());
    }
    void forward(Run<B>& run, const T* parameters, View<const T> x, View<T> y, T*) const { infer(run, parameters, x, y); }
    void backward(Run<B>& run, const T* parameters, View<const T> x, View<const T> y, View<T> dy, View<T> dx, const T*,
                  T* gradients) const {
        const Index m = rows(x.extent(0)), k = features(), n = units();
        B::template activation_backward<Activation>(run.on, m * n, y.data(), dy.data());
        B::template gemm<true, false>(run.on, k, n, m, x.data(), k, dy.data(), n, T{1}, gradients, n);
        if constexpr (L::has_bias) B::add_column_sums(run.on, m, n, dy.data(), gradients + k * n);
        if (dx.data() != nullptr) B::template gemm<false, true>(run.on, m, k, n, dy.data(), n, parameters, n, T{0}, dx.data(), k);
    }
};

}  // namespace chromatid
