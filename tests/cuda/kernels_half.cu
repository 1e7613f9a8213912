// SPDX-License-Identifier: MIT
// The kernels of half precision, for budget.txt: compiled with -Xptxas -v, never run.

#include "tests/cuda/every_primitive.hpp"

namespace chromatid::test {

using Half = Cuda<float, F16, FastMath>;

template void products_and_recurrences<Half, HardSigmoid>(Half::Context&, float*, const Windows<float>&);
template void products_and_recurrences<Half, Sigmoid>(Half::Context&, float*, const Windows<float>&);

}  // namespace chromatid::test
