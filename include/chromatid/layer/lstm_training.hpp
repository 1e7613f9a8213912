// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/layer/lstm_dropout.hpp>
#include <chromatid/layer/lstm_parameters.hpp>

#include <type_traits>

namespace chromatid {

/// Masks of one direction on a tape: four for the inputs and four for the state, side by side for each row; null where nothing is dropped.
template <class T>
struct LstmMaskTape {
    T *input = nullptr, *state = nullptr, *next;

    constexpr LstmMaskTape(T* tape, const LstmGeometry& g, const LstmDropout& rates) : next(tape) {
        if (rates.input > 0.0F) next = (input = next) + size(g, g.inputs);
        if (rates.state > 0.0F) next = (state = next) + size(g, g.units);
    }
    constexpr LstmMasks<std::remove_const_t<T>> masks() const { return {input, state}; }
    static constexpr Index size(const LstmGeometry& g, Index width) { return arena_size(g.batch * 4 * width); }
    /// Elements of all masks.
    static constexpr Index size(const LstmGeometry& g, const LstmDropout& rates) {
        return (rates.input > 0.0F ? size(g, g.inputs) : 0) + (rates.state > 0.0F ? size(g, g.units) : 0);
    }
};

/// One direction of an LSTM in training: what `LSTM` and `BiLSTM` have in common. On the tape lie the masks, then what the backend keeps.
template <class Gate, Backend B>
struct LstmTraining {
    using T = typename B::Scalar;
    const LstmGeometry& g;
    const LstmDropout& rates;

    Index tape() const { return LstmMaskTape<T>::size(g, rates) + arena_size(g.tape()); }
    Index scratch() const { return arena_size(g.training_scratch()); }

    /// Draws the masks of a training batch.
    LstmMaskTape<T> draw_masks(Run<B>& run, T* tape) const {
        const LstmMaskTape<T> masks(tape, g, rates);
        const Index first = g.backwards ? 4 * (g.inputs + g.units) : 0;  // the directions' masks are different ones
        if (masks.input != nullptr) B::dropout_mask(run.on, run.draws, run.layer, first, g.batch, 4 * g.inputs, rates.input, masks.input);
        if (masks.state != nullptr)
            B::dropout_mask(run.on, run.draws, run.layer, first + 4 * g.inputs, g.batch, 4 * g.units, rates.state, masks.state);
        return masks;
    }
    void forward(Run<B>& run, const LstmPointers<const T>& p, View<const T> x, View<T> y, T* tape) const {
        const LstmMaskTape<T> masks = draw_masks(run, tape);
        auto frame = run.arena.frame();
        B::template lstm_forward<Gate>(run.on, g, masks.masks(), x.data(), p.kernel, p.recurrent, p.bias, y.data(), masks.next,
                                       frame.take(g.training_scratch()));
    }
    /// \param add  add to dx instead of writing it
    void backward(Run<B>& run, const LstmPointers<const T>& p, const LstmPointers<T>& gradient, View<T> dy, bool add, View<T> dx,
                  const T* tape) const {
        const LstmMaskTape<const T> masks(tape, g, rates);
        auto frame = run.arena.frame();
        B::template lstm_backward<Gate>(run.on, g, masks.masks(), p.kernel, p.recurrent, dy.data(), add, dx.data(), gradient.kernel,
                                        gradient.recurrent, gradient.bias, masks.next, frame.take(g.training_scratch()));
    }
};

}  // namespace chromatid
