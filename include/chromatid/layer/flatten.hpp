// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/layer/layer.hpp>

namespace chromatid {

/// The same numbers as one flat row: feature t * channels + c is x[t, c].
///
/// In  any shape, out (size).
struct Flatten {
    static constexpr bool in_place = true;
    static constexpr std::string_view name() { return "Flatten"; }

    template <AnyShape In>
    constexpr auto output_shape(const In& in) const { return shape(element_count(in)); }

    template <AnyShape In, Backend B>
    struct Bound : Binding<Flatten, In> {
        using T = typename B::Scalar;
        using Binding<Flatten, In>::Binding;

        void infer(Run<B>& run, const T*, View<const T> x, View<T> y) const {
            if (x.data() != y.data()) B::copy(run.on, x.size(), x.data(), y.data());
        }
        void forward(Run<B>& run, const T* parameters, View<const T> x, View<T> y, T*) const { infer(run, parameters, x, y); }
        void backward(Run<B>& run, const T*, View<const T>, View<const T>, View<T> dy, View<T> dx, const T*, T*) const {
            if (dx.data() != nullptr && dx.data() != dy.data()) B::copy(run.on, dy.size(), dy.data(), dx.data());
        }
    };
};

}  // namespace chromatid
