// SPDX-License-Identifier: MIT
#pragma once

namespace chromatid {

/// Which habits `initialize` follows.
enum class Initialization {
    standard,  ///< each array as its initializer says
    /// as Keras 1.2 on Theano, which trained FactorNet: fans of a convolution kernel (width, inputs, filters) are taken for inputs *
    /// filters
    keras1,
               ///< and width * inputs * filters, which makes its numbers smaller, and recurrent kernels are Glorot uniform, not orthogonal
};

}  // namespace chromatid
