// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/backend/cuda/conv_pool_general.hpp>

namespace chromatid::cuda {

/// Floats of scratch memory that `conv_pool` takes, however many windows.
template <class Precision>
Index conv_pool_scratch(const ConvPoolGeometry& g) {
    return conv_pool_general_scratch<Precision>(g);
}

/// The fused run of `ConvPoolGeometry` in inference: x (rows, length, channels), y (rows, out_length, features).
template <class E, class Precision>
void conv_pool(typename E::Context& on, const ConvPoolGeometry& g, const Windows<float>& x, const ConvPoolParameters<const float>& p, float* y, float* scratch) {
    conv_pool_general<E, Precision>(on, g, x, p, y, scratch);
}

/// Floats that `conv_pool_forward` keeps for `conv_pool_backward`.
template <class Precision>
Index conv_pool_tape(const ConvPoolGeometry& g, Index rows) {
    return conv_pool_general_tape<Precision>(g, rows);
}

/// Floats of scratch memory that either pass of training takes, however many windows.
template <class Precision>
Index conv_pool_training_scratch(const ConvPoolGeometry& g) {
    return conv_pool_general_training_scratch<Precision>(g);
}

/// The fused run in training, with a pool and step, dilation and spacing 1. Element t * filters + f of the dropped activations of row r draws as element of
/// layer `layer` and that row, see `Draws`.
/// \param y     (rows, out_length, features)
/// \param tape  `conv_pool_tape` floats
template <class E, class Precision>
void conv_pool_forward(typename E::Context& on, const ConvPoolGeometry& g, const Windows<float>& x, const Draws& draws, Index layer,
                       const ConvPoolParameters<const float>& p, float* y, float* tape, float* scratch) {
    conv_pool_general_forward<E, Precision>(on, g, x, draws, layer, p, y, tape, scratch);
}

/// Adds to the gradients of all parameters, and writes dx (rows, length, channels) where it is not null: of each row as the row is read, so that the other
/// strand's is not turned back. The gradient of a maximum goes to the first one of its bin.
/// \param y, tape  what `conv_pool_forward` wrote for the same windows, draws and parameters
/// \param dy       (rows, out_length, features)
template <class E, class Precision>
void conv_pool_backward(typename E::Context& on, const ConvPoolGeometry& g, const Windows<float>& x, const Draws& draws, Index layer,
                        const ConvPoolParameters<const float>& p, const float* y, const float* dy, float* dx, const ConvPoolParameters<float>& gradients,
                        const float* tape, float* scratch) {
    conv_pool_general_backward<E, Precision>(on, g, x, draws, layer, p, y, dy, dx, gradients, tape, scratch);
}

}  // namespace chromatid::cuda
