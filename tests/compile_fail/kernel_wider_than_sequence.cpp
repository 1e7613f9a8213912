// SPDX-License-Identifier: MIT
// A kernel whose dilated span is wider than what the first convolution leaves.
// expect: Conv1D: the kernel is wider than the sequence
// expect: StepAt<1, .*Conv1D<8, 5, .*Dilation<4.*Shape<16, 4>
#include <chromatid/layer/conv1d.hpp>
#include <chromatid/network/sequential.hpp>

#include <concepts>

using namespace chromatid;

#ifdef MISTAKE
using Net = Sequential<Conv1D<4, 5>, Conv1D<8, 5, Dilation<4>>>;
#else
using Net = Sequential<Conv1D<4, 5>, Conv1D<8, 5, Dilation<3>>>;
#endif

static_assert(std::same_as<OutputShape<Net, Shape<20, 6>>, Shape<4, 8>>);
