// SPDX-License-Identifier: MIT
#pragma once

namespace chromatid {

/// How a file stores convolution kernels. Nothing in a Keras 1 file says so; the wrong choice loads and gives wrong numbers.
enum class KernelConvention {
    theano,      ///< for true convolution: last tap first. What the published FactorNet trained and saved.
    tensorflow,  ///< for cross-correlation: first tap first. What Kipoi serves under the same file names.
};

}  // namespace chromatid
