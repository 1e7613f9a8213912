// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/layer/layer.hpp>

#include <string>

namespace chromatid {

namespace detail {
struct WindowStride {
    using property_kind = kind::Stride;
};
/// Sizes of a pool: the window, and a stride of its own only where one is given.
template <Index Window, class S>
struct PoolExtents : Extents<Window, S::value> {
    using Extents<Window, S::value>::Extents;
    constexpr auto stride() const { return this->template extent<1>(); }
};
template <Index Window>
struct PoolExtents<Window, WindowStride> : Extents<Window> {
    using Extents<Window>::Extents;
    constexpr auto stride() const { return this->template extent<0>(); }
};
}  // namespace detail

/// Largest value of each channel over windows of `Window` positions.
///
///     y[t, c] = max_{j < Window} x[t * stride + j, c]
///
/// In  (length, channels), out (1 + floor((length - Window) / stride), channels); a remainder shorter than a window is dropped, as Keras
/// does. The gradient goes to the first maximum of each window.
///
/// \tparam Window  positions per window, or `dyn`
/// \tparam P       `Stride<N>` (default: Window; `Stride<dyn>` takes its value after the window's), `Name<"...">`
template <Index Window, class... P>
struct MaxPool1D : detail::PoolExtents<Window, property_or<kind::Stride, detail::WindowStride, P...>>,
                   Properties<Takes<kind::Stride, kind::Name>, P...> {
    static constexpr bool translation_equivariant = true;

    using detail::PoolExtents<Window, property_or<kind::Stride, detail::WindowStride, P...>>::PoolExtents;
    static constexpr std::string_view name() { return "MaxPool1D"; }
    /// Positions per window.
    constexpr auto window() const { return this->template extent<0>(); }
    std::string to_text() const {
        const Index n = window().value(), step = this->stride().value();
        return "MaxPool1D<" + std::to_string(n) + (step != n ? ", Stride<" + std::to_string(step) + ">" : "") + ">";
    }

    template <AnyShape In>
    constexpr auto output_shape(const In& in) const {
        CHROMATID_EXPECT(rank_is<2>(in), "MaxPool1D needs (length, channels): put it before Flatten");
        CHROMATID_EXPECT(window() <= length(in), "MaxPool1D: the window is wider than the sequence");
        return shape((length(in) - window()) / this->stride() + extent<1>, channels(in));
    }

    template <AnyShape In, Backend B>
    struct Bound : Binding<MaxPool1D, In> {
        using T = typename B::Scalar;
        using Binding<MaxPool1D, In>::Binding;

        constexpr Pool1DGeometry geometry(Index batch) const {
            return {.batch = batch,
                    .length = length(this->in).value(),
                    .channels = channels(this->in).value(),
                    .out_length = length(this->out).value(),
                    .window = this->recipe.window().value(),
                    .stride = this->recipe.stride().value()};
        }

        void infer(Run<B>& run, const T*, View<const T> x, View<T> y) const {
            B::max_pool1d(run.on, geometry(x.extent(0)), x.data(), y.data());
        }
        void forward(Run<B>& run, const T* parameters, View<const T> x, View<T> y, T*) const { infer(run, parameters, x, y); }
        void backward(Run<B>& run, const T*, View<const T> x, View<const T> y, View<T> dy, View<T> dx, const T*, T*) const {
            if (dx.data() != nullptr) B::max_pool1d_backward(run.on, geometry(x.extent(0)), x.data(), y.data(), dy.data(), dx.data());
        }
    };
};

}  // namespace chromatid
