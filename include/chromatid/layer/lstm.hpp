// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/layer/lstm_parameters.hpp>

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
template <Index Units, class... P>
struct LSTM : Extents<Units>, Properties<Takes<kind::Gates, kind::Name>, P...> {
    using Gate = typename property_or<kind::Gates, LogisticGates, P...>::Function;

    using Extents<Units>::Extents;
    static constexpr std::string_view name() { return "LSTM"; }
    /// Width of the state.
    constexpr auto units() const { return this->template extent<0>(); }
    std::string to_text() const { return lstm_text<Gate>(name(), units().value()); }

    template <AnyShape In>
    constexpr auto output_shape(const In& in) const {
        CHROMATID_EXPECT(rank_is<2>(in), "LSTM needs (length, channels): put it before Flatten");
        return shape(length(in), units());
    }

    template <AnyShape In>
    constexpr auto parameters(const In& in) const {
        return lstm_parameters({"kernel", "recurrent", "bias"}, channels(in).value(), units().value());
    }

    template <AnyShape In, Backend B>
    struct Bound : Binding<LSTM, In> {
        using T = typename B::Scalar;
        using Binding<LSTM, In>::Binding;

        constexpr LstmGeometry geometry(Index batch) const {
            return lstm_geometry(this->in, this->recipe.units().value(), batch, LstmDirection::forward, this->recipe.units().value());
        }
        constexpr LayerMemory memory(Index batch) const { return {.infer = arena_size(geometry(batch).scratch())}; }

        void infer(Run<B>& run, const T* parameters, View<const T> x, View<T> y) const {
            const LstmGeometry g = geometry(x.extent(0));
            auto frame = run.arena.frame();
            const LstmPointers p(parameters, g);
            B::template lstm<Gate>(run.on, g, x.data(), p.kernel, p.recurrent, p.bias, y.data(), frame.take(g.scratch()));
        }
    };
};

}  // namespace chromatid
