// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/layer/lstm_training.hpp>

#include <string>

namespace chromatid {

/// Whether a backend runs both directions at once: `bilstm`, `bilstm_forward` and `bilstm_backward`, optional primitives. Each direction
/// has its own parameters, masks and tape; the geometry is that of the first, scratch twice that of one.
template <class Gate, class B>
concept RunsBothLstms = requires(typename B::Context& on, LstmGeometry g, const typename B::Scalar* in, typename B::Scalar* out,
                                 BothLstms<LstmParameters<const typename B::Scalar>> p) {
    B::template bilstm<Gate>(on, g, in, p, out, out);
};

/// Two LSTMs (see `LSTM`) over the same sequence, one from each end, joined position by position. Schuster and Paliwal 1997.
///
///     y[t] = [h_forward(t), h_backward(t)]
///
/// In  (length, channels), out (length, 2 Units); h_backward(t) has read positions length - 1 down to t.
/// Parameters: for each direction kernel (channels, 4 Units), recurrent (Units, 4 Units), bias (4 Units); gates in the order i, f, c, o.
///
/// \tparam Units  width of each direction's state, or `dyn`
/// \tparam P      `LogisticGates` (default) or `HardSigmoidGates`, `Name<"...">`
///
/// Dropout while training is a value: `BiLSTM<32>(LstmDropout{.input = 0.1F, .state = 0.1F})`.
template <Index Units, class... P>
struct BiLSTM : LstmSizes<Units>, Properties<Takes<kind::Gates, kind::Name>, P...> {
    using Gate = typename property_or<kind::Gates, LogisticGates, P...>::Function;

    static constexpr bool random = true;

    using LstmSizes<Units>::LstmSizes;
    static constexpr std::string_view name() { return "BiLSTM"; }
    std::string to_text() const { return lstm_text<Gate>(name(), this->units().value()); }

    template <AnyShape In>
    constexpr auto output_shape(const In& in) const {
        CHROMATID_EXPECT(rank_is<2>(in), "BiLSTM needs (length, channels): put it before Flatten");
        return shape(length(in), extent<2> * this->units());
    }

    template <AnyShape In>
    constexpr auto parameters(const In& in) const {
        const Index c = channels(in).value(), u = this->units().value();
        const auto f = lstm_parameters({"forward_kernel", "forward_recurrent", "forward_bias"}, c, u);
        const auto b = lstm_parameters({"backward_kernel", "backward_recurrent", "backward_bias"}, c, u);
        return std::array{f[0], f[1], f[2], b[0], b[1], b[2]};
    }

    template <AnyShape In, Backend B>
    struct Bound : Binding<BiLSTM, In> {
        using T = typename B::Scalar;
        using Training = LstmTraining<Gate, B>;
        using Binding<BiLSTM, In>::Binding;

        constexpr LstmGeometry geometry(Index batch, LstmDirection direction) const {
            return lstm_geometry(this->in, this->recipe.units().value(), batch, direction, channels(this->out).value());
        }
        LayerMemory memory(Index batch) const {
            const LstmGeometry g = geometry(batch, LstmDirection::forward);
            const Training training{g, this->recipe.dropout()};
            const Index at_once = RunsBothLstms<Gate, B> ? 2 : 1;
            return {.infer = at_once * arena_size(g.scratch()), .tape = 2 * training.tape(), .train = at_once * training.scratch()};
        }

        void infer(Run<B>& run, const T* parameters, View<const T> x, View<T> y) const {
            if constexpr (RunsBothLstms<Gate, B>) {
                const LstmGeometry g = geometry(x.extent(0), LstmDirection::forward);
                auto frame = run.arena.frame();
                B::template bilstm<Gate>(run.on, g, x.data(), both(parameters, g), y.data(), frame.take(2 * g.scratch()));
            } else for (const LstmDirection direction : {LstmDirection::forward, LstmDirection::backward}) {
                const LstmGeometry g = geometry(x.extent(0), direction);
                auto frame = run.arena.frame();
                const LstmPointers p(parameters, g);
                B::template lstm<Gate>(run.on, g, x.data(), p.kernel, p.recurrent, p.bias, y.data(), frame.take(g.scratch()));
                parameters = p.next;
            }
        }
        void forward(Run<B>& run, const T* parameters, View<const T> x, View<T> y, T* tape) const {
            if constexpr (RunsBothLstms<Gate, B>) {
                const LstmGeometry g = geometry(x.extent(0), LstmDirection::forward);
                const LstmGeometry other = geometry(x.extent(0), LstmDirection::backward);
                const Training training{g, this->recipe.dropout()}, backwards{other, this->recipe.dropout()};
                const LstmMaskTape<T> first = training.draw_masks(run, tape), second = backwards.draw_masks(run, tape + training.tape());
                auto frame = run.arena.frame();
                B::template bilstm_forward<Gate>(run.on, g, {first.masks(), second.masks()}, x.data(), both(parameters, g), y.data(),
                                                 {first.next, second.next}, frame.take(2 * g.training_scratch()));
            } else for (const LstmDirection direction : {LstmDirection::forward, LstmDirection::backward}) {
                const LstmGeometry g = geometry(x.extent(0), direction);
                const Training training{g, this->recipe.dropout()};
                const LstmPointers p(parameters, g);
                training.forward(run, p, x, y, tape);
                parameters = p.next;
                tape += training.tape();
            }
        }
        void backward(Run<B>& run, const T* parameters, View<const T> x, View<const T>, View<T> dy, View<T> dx, const T* tape,
                      T* gradients) const {
            if constexpr (RunsBothLstms<Gate, B>) {
                const LstmGeometry g = geometry(x.extent(0), LstmDirection::forward);
                const Training training{g, this->recipe.dropout()};
                const LstmMaskTape<const T> first(tape, g, training.rates), second(tape + training.tape(), g, training.rates);
                auto frame = run.arena.frame();
                B::template bilstm_backward<Gate>(run.on, g, {first.masks(), second.masks()}, both(parameters, g), dy.data(), dx.data(),
                                                  both(gradients, g), {first.next, second.next}, frame.take(2 * g.training_scratch()));
            } else for (const LstmDirection direction : {LstmDirection::forward, LstmDirection::backward}) {
                const LstmGeometry g = geometry(x.extent(0), direction);
                const Training training{g, this->recipe.dropout()};
                const LstmPointers p(parameters, g);
                const LstmPointers gradient(gradients, g);
                training.backward(run, p, gradient, dy, direction == LstmDirection::backward, dx, tape);
                parameters = p.next;
                gradients = gradient.next;
                tape += training.tape();
            }
        }

      private:
        template <class U>
        static constexpr BothLstms<LstmParameters<U>> both(U* parameters, const LstmGeometry& g) {
            const LstmPointers first(parameters, g), second(first.next, g);
            return {first, second};
        }
    };
};

}  // namespace chromatid
