// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/layer/layer.hpp>

namespace chromatid {

/// An activation as a layer of its own: y = act(x).
///
/// In  any shape, out the same.
///
/// \tparam F  `ReLU`, `Sigmoid`, `HardSigmoid`, `Tanh`, `Linear`, or a type of yours that satisfies `ActivationFunction`
/// \tparam P  `Name<"...">`
template <ActivationFunction F, class... P>
struct Activation : Properties<Takes<kind::Name>, P...> {
    static constexpr bool in_place = true;
    static constexpr bool translation_equivariant = true;
    static constexpr std::string_view name() { return "Activation"; }

    template <AnyShape In>
    constexpr auto output_shape(const In& in) const { return in; }

    template <AnyShape In, Backend B>
    struct Bound : Binding<Activation, In> {
        using T = typename B::Scalar;
        using Binding<Activation, In>::Binding;

        void infer(Run<B>& run, const T*, View<const T> x, View<T> y) const {
            B::template activation<F>(run.on, x.size(), x.data(), y.data());
        }
        void forward(Run<B>& run, const T* parameters, View<const T> x, View<T> y, T*) const { infer(run, parameters, x, y); }
        void backward(Run<B>& run, const T*, View<const T>, View<const T> y, View<T> dy, View<T> dx, const T*, T*) const {
            if (dx.data() == nullptr) return;
            B::template activation_backward<F>(run.on, y.size(), y.data(), dy.data());
            B::copy(run.on, dy.size(), dy.data(), dx.data());
        }
    };
};

}  // namespace chromatid
