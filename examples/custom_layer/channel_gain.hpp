// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/layer/layer.hpp>

#include <cmath>

/// A learned gain for each channel.
///
///     y[t, c] = x[t, c] * exp(log_gain[c])
///
/// In  any shape, out the same. Parameters: log_gain (channels). Written against the processor's memory: backends whose pointers the
/// processor can follow.
struct ChannelGain {
    static constexpr bool translation_equivariant = true;
    static constexpr std::string_view name() { return "ChannelGain"; }

    template <chromatid::AnyShape In>
    constexpr auto output_shape(const In& in) const { return in; }

    template <chromatid::AnyShape In>
    constexpr auto parameters(const In& in) const {
        return std::array{chromatid::ParameterSpec("log_gain", chromatid::Initializer::zeros(), chromatid::channels(in).value())};
    }

    template <chromatid::AnyShape In, chromatid::Backend B>
    struct Bound : chromatid::Binding<ChannelGain, In> {
        using T = typename B::Scalar;
        using Input = chromatid::View<const T>;
        using Output = chromatid::View<T>;
        using chromatid::Binding<ChannelGain, In>::Binding;

        chromatid::Index channel(chromatid::Index element) const { return element % channels(this->in).value(); }

        void infer(chromatid::Run<B>&, const T* log_gain, Input x, Output y) const {
            for (chromatid::Index i = 0; i < x.size(); ++i) y.data()[i] = x.data()[i] * std::exp(log_gain[channel(i)]);
        }
        void forward(chromatid::Run<B>& run, const T* log_gain, Input x, Output y, T*) const { infer(run, log_gain, x, y); }
        void backward(chromatid::Run<B>&, const T* log_gain, Input, Input y, Output dy, Output dx, const T*, T* gradients) const {
            for (chromatid::Index i = 0; i < y.size(); ++i) {
                gradients[channel(i)] += dy.data()[i] * y.data()[i];
                if (dx.data() != nullptr) dx.data()[i] = dy.data()[i] * std::exp(log_gain[channel(i)]);
            }
        }
    };
};
