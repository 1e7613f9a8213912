// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/backend/cuda/lstm_general.hpp>
#include <chromatid/backend/geometry.hpp>

namespace chromatid::cuda {

/// One direction of an LSTM over a batch, see `LstmGeometry`.
template <class E, class Precision, class Gate, class Math>
void lstm(typename E::Context& on, const LstmGeometry& g, const float* x, const float* kernel, const float* recurrent, const float* bias, float* y,
          float* scratch) {
    lstm_general<E, Precision, Gate, Math>(on, g, x, kernel, recurrent, bias, y, scratch);
}

/// The same in training.
template <class E, class Precision, class Gate, class Math>
void lstm_forward(typename E::Context& on, const LstmGeometry& g, const LstmMasks<float>& masks, const float* x, const float* kernel,
                  const float* recurrent, const float* bias, float* y, float* tape, float* scratch) {
    lstm_general_forward<E, Precision, Gate, Math>(on, g, masks, x, kernel, recurrent, bias, y, tape, scratch);
}

/// The gradients of `lstm_forward`.
template <class E, class Precision, class Gate, class Math>
void lstm_backward(typename E::Context& on, const LstmGeometry& g, const LstmMasks<float>& masks, const float* kernel, const float* recurrent,
                   const float* dy, bool add, float* dx, float* dkernel, float* drecurrent, float* dbias, const float* tape, float* scratch) {
    lstm_general_backward<E, Precision, Gate, Math>(on, g, masks, kernel, recurrent, dy, add, dx, dkernel, drecurrent, dbias, tape, scratch);
}

}  // namespace chromatid::cuda
