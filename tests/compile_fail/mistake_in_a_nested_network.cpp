// SPDX-License-Identifier: MIT
// A mistake within a network within a network: both positions are named.
// expect: MaxPool1D: the window is wider than the sequence
// expect: I = 1[,;] L = .*Sequential<.*In = .*Shape<8, 6>
// expect: StepAt<1, .*MaxPool1D<9.*Shape<7, 4>
#include <chromatid/layer/conv1d.hpp>
#include <chromatid/layer/dropout.hpp>
#include <chromatid/layer/max_pool1d.hpp>
#include <chromatid/network/sequential.hpp>

#include <concepts>

using namespace chromatid;

#ifdef MISTAKE
using Net = Sequential<Dropout, Sequential<Conv1D<4, 2>, MaxPool1D<9>>>;
#else
using Net = Sequential<Dropout, Sequential<Conv1D<4, 2>, MaxPool1D<7>>>;
#endif

static_assert(std::same_as<OutputShape<Net, Shape<8, 6>>, Shape<1, 4>>);
