// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/layer/lstm_training.hpp>

#include <string>

namespace chromatid {

/// A long short-term memory that reads the sequence from its start. Hochreiter and Schmidhuber 1997, without peepholes.
///
///     i = g(x_t W_i + h U_i + b_i)      f = g(x_t W_f + h U_f + b_f)      o = g(x_t W_o + h U_o + b_o)
///     c = f c + i tanh(x_t W_c + h U_c + b_c)                             y_t = h = o tanh(c)
///
/// In  (length, channels), out (length, Units). h and c start at 0.
/// Parameters: kernel (channels, 4 Units), recurrent (Units, 4 Units), bias (4 Units); gates in the order i, f, c, o.
///
/// \tparam Units  width of the state, or `dyn`
/// \tparam P      `LogisticGates` (default) or `HardSigmoidGates`, `Name<"...">`
///
/// Dropout while training is a value: `LSTM<32>(LstmDropout{.input = 0.1F, .state = 0.1F})`.
template <Index Units, class... P>
struct LSTM : LstmSizes<Units>, Properties<Takes<kind::Gates, kind::Name>, P...> {
    using Gate = typename property_or<kind::Gates, LogisticGates, P...>::Function;

    static constexpr bool random = true;

    using LstmSizes<Units>::LstmSizes;
    static constexpr std::string_view name() { return "LSTM"; }
    std::string to_text() const { return lstm_text<Gate>(name(), this->units().value()); }

    template <AnyShape In>
    constexpr auto output_shape(const In& in) const {
        CHROMATID_EXPECT(rank_is<2>(in), "LSTM needs (length, channels): put it before Flatten");
        return shape(length(in), this->units());
    }

    template <AnyShape In>
    constexpr auto parameters(const In& in) const {
        return lstm_parameters({"kernel", "recurrent", "bias"}, channels(in).value(), this->units().value());
    }

    template <AnyShape In, Backend B>
    struct Bound : Binding<LSTM, In> {
        using T = typename B::Scalar;
        using Training = LstmTraining<Gate, B>;
        using Binding<LSTM, In>::Binding;

        constexpr LstmGeometry geometry(Index batch) const {
            return lstm_geometry(this->in, this->recipe.units().value(), batch, LstmDirection::forward, this->recipe.units().value());
        }
        LayerMemory memory(Index batch) const {
            const LstmGeometry g = geometry(batch);
            const Training training{g, this->recipe.dropout()};
            return {.infer = arena_size(g.scratch()), .tape = training.tape(), .train = training.scratch()};
        }

        void infer(Run<B>& run, const T* parameters, View<const T> x, View<T> y) const {
            const LstmGeometry g = geometry(x.extent(0));
            auto frame = run.arena.frame();
            const LstmPointers p(parameters, g);
            B::template lstm<Gate>(run.on, g, x.data(), p.kernel, p.recurrent, p.bias, y.data(), frame.take(g.scratch()));
        }
        void forward(Run<B>& run, const T* parameters, View<const T> x, View<T> y, T* tape) const {
            const LstmGeometry g = geometry(x.extent(0));
            Training{g, this->recipe.dropout()}.forward(run, LstmPointers(parameters, g), x, y, tape);
        }
        void backward(Run<B>& run, const T* parameters, View<const T> x, View<const T>, View<T> dy, View<T> dx, const T* tape,
                      T* gradients) const {
            const LstmGeometry g = geometry(x.extent(0));
            Training{g, this->recipe.dropout()}.backward(run, LstmPointers(parameters, g), LstmPointers(gradients, g), dy, false, dx, tape);
        }
    };
};

}  // namespace chromatid
