// SPDX-License-Identifier: MIT
// An activation layer of something that is no function.
// expect: ActivationFunction
#include <chromatid/layer/activation.hpp>

#include <concepts>

using namespace chromatid;

#ifdef MISTAKE
using Net = Activation<Stride<2>>;
#else
using Net = Activation<ReLU>;
#endif

static_assert(std::same_as<OutputShape<Net, Shape<7>>, Shape<7>>);
