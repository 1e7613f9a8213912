// SPDX-License-Identifier: MIT
// The kernels of exact products, and those of every precision, for budget.txt: compiled with -Xptxas -v, never run.

#include "tests/cuda/every_primitive.hpp"

namespace chromatid::test {

template void plain_primitives<Cuda<>>(Cuda<>::Context&, float*, double*, const Index*, const Windows<float>&);
template void products_and_recurrences<Cuda<>, HardSigmoid>(Cuda<>::Context&, float*, const Windows<float>&);
template void products_and_recurrences<Cuda<>, Sigmoid>(Cuda<>::Context&, float*, const Windows<float>&);

}  // namespace chromatid::test
