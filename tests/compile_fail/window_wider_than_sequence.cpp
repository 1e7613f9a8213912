// SPDX-License-Identifier: MIT
// A pooling window wider than what the convolution and the first pool leave.
// expect: MaxPool1D: the window is wider than the sequence
// expect: StepAt<2, .*MaxPool1D<100.*Shape<75, 32>
#include <chromatid/layer/conv1d.hpp>
#include <chromatid/layer/max_pool1d.hpp>
#include <chromatid/network/sequential.hpp>

#include <concepts>

using namespace chromatid;

#ifdef MISTAKE
using Net = Sequential<Conv1D<32, 26>, MaxPool1D<13>, MaxPool1D<100>>;
#else
using Net = Sequential<Conv1D<32, 26>, MaxPool1D<13>, MaxPool1D<75>>;
#endif

static_assert(std::same_as<OutputShape<Net, Shape<1000, 6>>, Shape<1, 32>>);
