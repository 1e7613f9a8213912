// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/layer/layer.hpp>

namespace chromatid {

/// Largest value of each channel over the whole sequence.
///
///     y[c] = max_t x[t, c]
///
/// In  (length, channels), out (channels). The gradient goes to the first maximum.
struct GlobalMaxPool1D {
    static constexpr std::string_view name() { return "GlobalMaxPool1D"; }

    template <AnyShape In>
    constexpr auto output_shape(const In& in) const {
        CHROMATID_EXPECT(rank_is<2>(in), "GlobalMaxPool1D needs (length, channels): put it before Flatten");
        return shape(channels(in));
    }

    template <AnyShape In, Backend B>
    struct Bound : Binding<GlobalMaxPool1D, In> {
        using T = typename B::Scalar;
        using Binding<GlobalMaxPool1D, In>::Binding;

        void infer(Run<B>& run, const T*, View<const T> x, View<T> y) const {
            B::global_max_pool1d(run.on, x.extent(0), length(this->in).value(), channels(this->in).value(), x.data(), y.data());
        }
        void forward(Run<B>& run, const T* parameters, View<const T> x, View<T> y, T*) const { infer(run, parameters, x, y); }
        void backward(Run<B>& run, const T*, View<const T> x, View<const T> y, View<T> dy, View<T> dx, const T*, T*) const {
            if (dx.data() != nullptr)
                B::global_max_pool1d_backward(run.on, x.extent(0), length(this->in).value(), channels(this->in).value(), x.data(), y.data(),
                                              dy.data(), dx.data());
        }
    };
};

}  // namespace chromatid
