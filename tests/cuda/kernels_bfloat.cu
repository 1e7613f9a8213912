// SPDX-License-Identifier: MIT
// The kernels of bfloat16, for budget.txt: compiled with -Xptxas -v, never run.

#include "tests/cuda/every_primitive.hpp"

namespace chromatid::test {

using Bfloat = Cuda<float, BF16, ExactMath>;

template void products_and_recurrences<Bfloat, HardSigmoid>(Bfloat::Context&, float*, const Windows<float>&);
template void products_and_recurrences<Bfloat, Sigmoid>(Bfloat::Context&, float*, const Windows<float>&);

}  // namespace chromatid::test
