// SPDX-License-Identifier: MIT
// A type that is no property.
// expect: unknown property: this layer does not take one of the properties it was given
#include <chromatid/layer/max_pool1d.hpp>

#include <concepts>

using namespace chromatid;

#ifdef MISTAKE
using Net = MaxPool1D<3, int>;
#else
using Net = MaxPool1D<3, Stride<2>>;
#endif

static_assert(std::same_as<OutputShape<Net, Shape<7, 4>>, Shape<3, 4>>);
