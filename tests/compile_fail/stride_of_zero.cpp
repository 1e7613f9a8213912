// SPDX-License-Identifier: MIT
// A window that never moves on.
// expect: a size must be positive, or dyn
#include <chromatid/layer/max_pool1d.hpp>

#include <concepts>

using namespace chromatid;

#ifdef MISTAKE
using Net = MaxPool1D<3, Stride<0>>;
#else
using Net = MaxPool1D<3, Stride<1>>;
#endif

static_assert(std::same_as<OutputShape<Net, Shape<7, 4>>, Shape<5, 4>>);
