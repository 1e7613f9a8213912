// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/layer/lstm_parameters.hpp>

#include <string>

namespace chromatid {

/// Two LSTMs (see `LSTM`) over the same sequence, one from each end, joined position by position. Schuster and Paliwal 1997.
///
///     y[t] = [h_forward(t), h_backward(t)]
///
/// In  (length, channels), out (length, 2 Units); h_backward(t) has read positions length - 1 down to t.
/// Parameters: for each direction kernel (channels, 4 Units), recurrent (Units, 4 Units), bias (4 Units); gates in the order i, f, c, o.
///
/// \tparam Units  width of each direction's state, or `dyn`
/// \tparam P      `LogisticGates` (default) or `HardSigmoidGates`, `Name<"...">`
template <Index Units, class... P>
struct BiLSTM : Extents<Units>, Properties<Takes<kind::Gates, kind::Name>, P...> {
    using Gate = typename property_or<kind::Gates, LogisticGates, P...>::Function;

    using Extents<Units>::Extents;
    static constexpr std::string_view name() { return "BiLSTM"; }
    /// Width of the state.
    constexpr auto units() const { return this->template extent<0>(); }
    std::string to_text() const { return lstm_text<Gate>(name(), units().value()); }

    template <AnyShape In>
    constexpr auto output_shape(const In& in) const {
        CHROMATID_EXPECT(rank_is<2>(in), "BiLSTM needs (length, channels): put it before Flatten");
        return shape(length(in), extent<2> * units());
    }

    template <AnyShape In>
    constexpr auto parameters(const In& in) const {
        const Index c = channels(in).value(), u = units().value();
        const auto f = lstm_parameters({"forward_kernel", "forward_recurrent", "forward_bias"}, c, u);
        const auto b = lstm_parameters({"backward_kernel", "backward_recurrent", "backward_bias"}, c, u);
        return std::array{f[0], f[1], f[2], b[0], b[1], b[2]};
    }

    template <AnyShape In, Backend B>
    struct Bound : Binding<BiLSTM, In> {
        using T = typename B::Scalar;
        using Binding<BiLSTM, In>::Binding;

        constexpr LstmGeometry geometry(Index batch, LstmDirection direction) const {
            return lstm_geometry(this->in, this->recipe.units().value(), batch, direction, channels(this->out).value());
        }
        constexpr LayerMemory memory(Index batch) const {
            return {.infer = arena_size(geometry(batch, LstmDirection::forward).scratch())};
        }

        void infer(Run<B>& run, const T* parameters, View<const T> x, View<T> y) const {
            for (const LstmDirection direction : {LstmDirection::forward, LstmDirection::backward}) {
                const LstmGeometry g = geometry(x.extent(0), direction);
                auto frame = run.arena.frame();
                const LstmPointers p(parameters, g);
                B::template lstm<Gate>(run.on, g, x.data(), p.kernel, p.recurrent, p.bias, y.data(), frame.take(g.scratch()));
                parameters = p.next;
            }
        }
    };
};

}  // namespace chromatid
