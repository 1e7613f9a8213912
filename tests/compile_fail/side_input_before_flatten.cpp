// SPDX-License-Identifier: MIT
// Metadata joined to a sequence.
// expect: SideInput joins flat features: put Flatten or GlobalMaxPool1D before it
// expect: StepAt<0, .*SideInput<8.*Shape<50, 6>
#include <chromatid/layer/flatten.hpp>
#include <chromatid/layer/side_input.hpp>
#include <chromatid/network/sequential.hpp>

#include <concepts>

using namespace chromatid;

#ifdef MISTAKE
using Net = Sequential<SideInput<8>, Flatten>;
#else
using Net = Sequential<Flatten, SideInput<8>>;
#endif

static_assert(std::same_as<OutputShape<Net, Shape<50, 6>>, Shape<308>>);
