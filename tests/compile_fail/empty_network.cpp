// SPDX-License-Identifier: MIT
// A network without layers.
// expect: Sequential needs at least one layer
#include <chromatid/layer/flatten.hpp>
#include <chromatid/network/sequential.hpp>

#include <concepts>

using namespace chromatid;

#ifdef MISTAKE
using Net = Sequential<>;
#else
using Net = Sequential<Flatten>;
#endif

static_assert(std::same_as<OutputShape<Net, Shape<4, 6>>, Shape<24>>);
