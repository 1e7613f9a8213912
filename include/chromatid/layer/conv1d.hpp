// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/layer/layer.hpp>

#include <string>
#include <type_traits>

namespace chromatid {

/// Filters that slide along a sequence (a cross-correlation: the kernel is not flipped).
///
///     y[t, f] = act(bias[f] + sum_{j < Width, c} x[t * stride + j * dilation - padding, c] * kernel[j, c, f])
///
/// In  (length, channels), out (1 + floor((length - span) / stride), Filters) with span = 1 + (Width - 1) * dilation; with `SamePadding`
/// out (ceil(length / stride), Filters).
/// Parameters: kernel (Width, channels, Filters), bias (Filters).
///
/// \tparam Filters  output channels, or `dyn`
/// \tparam Width    taps of each filter, or `dyn`
/// \tparam P        an activation (default `Linear`), `Stride<N>`, `Dilation<N>`, `SamePadding`, `NoBias`, `Name<"...">`; a stride or
///                  dilation of `dyn` takes its value after the sizes: `Conv1D<dyn, dyn, ReLU, Stride<dyn>>(32, 26, 1)`
template <Index Filters, Index Width, class... P>
struct Conv1D
    : Extents<Filters, Width, property_or<kind::Stride, Stride<1>, P...>::value, property_or<kind::Dilation, Dilation<1>, P...>::value>,
      Properties<Takes<kind::Activation, kind::Stride, kind::Dilation, kind::Padding, kind::Bias, kind::Name>, P...> {
    using Activation = property_or<kind::Activation, Linear, P...>;
    static constexpr bool is_padded = std::is_same_v<property_or<kind::Padding, ValidPadding, P...>, SamePadding>;
    static constexpr bool translation_equivariant = !is_padded;

    using Extents<Filters, Width, property_or<kind::Stride, Stride<1>, P...>::value,
                  property_or<kind::Dilation, Dilation<1>, P...>::value>::Extents;
    static constexpr std::string_view name() { return "Conv1D"; }
    constexpr auto filters() const { return this->template extent<0>(); }
    constexpr auto width() const { return this->template extent<1>(); }
    constexpr auto stride() const { return this->template extent<2>(); }
    constexpr auto dilation() const { return this->template extent<3>(); }
    std::string to_text() const {
        std::string text = "Conv1D<" + std::to_string(filters().value()) + ", " + std::to_string(width().value());
        if (stride().value() != 1) text += ", Stride<" + std::to_string(stride().value()) + ">";
        if (dilation().value() != 1) text += ", Dilation<" + std::to_string(dilation().value()) + ">";
        return text + ">";
    }
    /// Positions that one output reads across.
    constexpr auto span() const { return (width() - extent<1>) * dilation() + extent<1>; }

    template <AnyShape In>
    constexpr auto output_shape(const In& in) const {
        CHROMATID_EXPECT(rank_is<2>(in), "Conv1D needs (length, channels): put it before Flatten");
        if constexpr (is_padded) return shape(ceil_div(length(in), stride()), filters());
        else {
            CHROMATID_EXPECT(span() <= length(in), "Conv1D: the kernel is wider than the sequence");
            return shape((length(in) - span()) / stride() + extent<1>, filters());
        }
    }

    template <AnyShape In>
    constexpr auto parameters(const In& in) const {
        const Index k = width().value(), c = channels(in).value(), f = filters().value();
        const ParameterSpec kernel("kernel", Initializer::glorot_uniform(k * c, k * f), k, c, f);
        if constexpr (Conv1D::has_bias) return std::array{kernel, ParameterSpec("bias", Initializer::zeros(), f)};
        else return std::array{kernel};
    }

    template <AnyShape In, Backend B>
    struct Bound : Binding<Conv1D, In> {
        using T = typename B::Scalar;
        using Binding<Conv1D, In>::Binding;

        constexpr Conv1DGeometry geometry(Index batch) const {
            const Conv1D& r = this->recipe;
            const Index out_length = length(this->out).value(), span = r.span().value();
            const Index covered = (out_length - 1) * r.stride().value() + span;
            return {.batch = batch, .length = length(this->in).value(), .channels = channels(this->in).value(), .out_length = out_length,
                    .filters = r.filters().value(), .width = r.width().value(), .stride = r.stride().value(),
                    .dilation = r.dilation().value(),
                    .padding = is_padded ? std::max<Index>(0, covered - length(this->in).value()) / 2 : 0};
        }
        constexpr Index kernel_size() const {
            return this->recipe.width().value() * channels(this->in).value() * this->recipe.filters().value();
        }
        constexpr Index rows(Index batch) const { return batch * length(this->out).value(); }

        void infer(Run<B>& run, const T* parameters, View<const T> x, View<T> y) const {
            B::conv1d(run.on, geometry(x.extent(0)), x.data(), parameters, y.data());
            B::template bias_activation<Activation>(run.on, rows(x.extent(0)), this->recipe.filters().value(),
                                                    Conv1D::has_bias ? parameters + kernel_size() : nullptr, y.data());
        }
        void forward(Run<B>& run, const T* parameters, View<const T> x, View<T> y, T*) const { infer(run, parameters, x, y); }
        void backward(Run<B>& run, const T* parameters, View<const T> x, View<const T> y, View<T> dy, View<T> dx, const T*,
                      T* gradients) const {
            const Index batch = x.extent(0);
            B::template activation_backward<Activation>(run.on, y.size(), y.data(), dy.data());
            if constexpr (Conv1D::has_bias)
                B::add_column_sums(run.on, rows(batch), this->recipe.filters().value(), dy.data(), gradients + kernel_size());
            B::conv1d_backward(run.on, geometry(batch), x.data(), parameters, dy.data(), dx.data(), gradients);
        }
    };
};

}  // namespace chromatid
