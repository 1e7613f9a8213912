// SPDX-License-Identifier: MIT
// A property that the layer does not take.
// expect: unknown property: this layer does not take one of the properties it was given
#include <chromatid/layer/dense.hpp>

#include <concepts>

using namespace chromatid;

#ifdef MISTAKE
using Net = Dense<5, ReLU, Stride<2>>;
#else
using Net = Dense<5, ReLU, NoBias>;
#endif

static_assert(std::same_as<OutputShape<Net, Shape<7>>, Shape<5>>);
