// SPDX-License-Identifier: MIT
// A recurrent layer behind Flatten.
// expect: BiLSTM needs .length, channels.: put it before Flatten
// expect: StepAt<1, .*BiLSTM<32.*Shape<300>
#include <chromatid/layer/bilstm.hpp>
#include <chromatid/layer/flatten.hpp>
#include <chromatid/network/sequential.hpp>

#include <concepts>

using namespace chromatid;

#ifdef MISTAKE
using Net = Sequential<Flatten, BiLSTM<32>>;
#else
using Net = Sequential<BiLSTM<32>, Flatten>;
#endif

static_assert(std::same_as<OutputShape<Net, Shape<50, 6>>, Shape<3200>>);
