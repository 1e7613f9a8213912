// SPDX-License-Identifier: MIT
// A layer of size zero.
// expect: a size must be positive, or dyn
#include <chromatid/layer/dense.hpp>

#include <concepts>

using namespace chromatid;

#ifdef MISTAKE
using Net = Dense<0>;
#else
using Net = Dense<1>;
#endif

static_assert(std::same_as<OutputShape<Net, Shape<7>>, Shape<1>>);
