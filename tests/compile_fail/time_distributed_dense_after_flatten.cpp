// SPDX-License-Identifier: MIT
// A layer that works position by position, where there are no positions any more.
// expect: TimeDistributedDense needs .length, channels.: put it before Flatten, or use Dense
// expect: StepAt<1, .*TimeDistributedDense<7.*Shape<300>
#include <chromatid/layer/flatten.hpp>
#include <chromatid/layer/time_distributed_dense.hpp>
#include <chromatid/network/sequential.hpp>

#include <concepts>

using namespace chromatid;

#ifdef MISTAKE
using Net = Sequential<Flatten, TimeDistributedDense<7>>;
#else
using Net = Sequential<TimeDistributedDense<7>, Flatten>;
#endif

static_assert(std::same_as<OutputShape<Net, Shape<50, 6>>, Shape<350>>);
