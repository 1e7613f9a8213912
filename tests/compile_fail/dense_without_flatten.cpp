// SPDX-License-Identifier: MIT
// A dense layer over a sequence.
// expect: Dense needs flat features: put Flatten or GlobalMaxPool1D before it, or use TimeDistributedDense
// expect: StepAt<1, .*Dense<7.*Shape<75, 32>
#include <chromatid/layer/dense.hpp>
#include <chromatid/layer/flatten.hpp>
#include <chromatid/layer/max_pool1d.hpp>
#include <chromatid/network/sequential.hpp>

#include <concepts>

using namespace chromatid;

#ifdef MISTAKE
using Net = Sequential<MaxPool1D<13>, Dense<7>>;
#else
using Net = Sequential<MaxPool1D<13>, Flatten, Dense<7>>;
#endif

static_assert(std::same_as<OutputShape<Net, Shape<975, 32>>, Shape<7>>);
