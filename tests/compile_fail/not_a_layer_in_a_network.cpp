// SPDX-License-Identifier: MIT
// Something in a network that is no layer.
// expect: this is not a layer: it has no name.. or no output_shape.in.
// expect: StepAt<1, .*Shape<2.*Shape<50, 6>
#include <chromatid/layer/dropout.hpp>
#include <chromatid/layer/max_pool1d.hpp>
#include <chromatid/network/sequential.hpp>

#include <concepts>

using namespace chromatid;

#ifdef MISTAKE
using Net = Sequential<Dropout, Shape<2>>;
#else
using Net = Sequential<Dropout, MaxPool1D<2>>;
#endif

static_assert(std::same_as<OutputShape<Net, Shape<50, 6>>, Shape<25, 6>>);
