// SPDX-License-Identifier: MIT
// A join of branches whose outputs have different lengths.
// expect: Concat: the branches put out different lengths
// expect: (StepAt<1, |I = 1[,;] L = ).*Concat<.*Shape<100, 6>
#include <chromatid/layer/conv1d.hpp>
#include <chromatid/layer/dropout.hpp>
#include <chromatid/network/concat.hpp>
#include <chromatid/network/sequential.hpp>

#include <concepts>

using namespace chromatid;

#ifdef MISTAKE
using Net = Sequential<Dropout, Concat<Conv1D<8, 5>, Conv1D<8, 7>>>;
#else
using Net = Sequential<Dropout, Concat<Conv1D<8, 5>, Conv1D<8, 3, Dilation<2>>>>;
#endif

static_assert(std::same_as<OutputShape<Net, Shape<100, 6>>, Shape<96, 16>>);
