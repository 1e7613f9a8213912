// SPDX-License-Identifier: MIT
// Two activations for one layer.
// expect: two properties of one kind, such as two activations, given to one layer
#include <chromatid/layer/conv1d.hpp>

#include <concepts>

using namespace chromatid;

#ifdef MISTAKE
using Net = Conv1D<5, 3, ReLU, Sigmoid>;
#else
using Net = Conv1D<5, 3, ReLU, Stride<2>>;
#endif

static_assert(std::same_as<OutputShape<Net, Shape<7, 4>>, Shape<3, 5>>);
