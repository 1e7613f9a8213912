// SPDX-License-Identifier: MIT
// The first network of the README with a window too wide: what a user sees who only makes a model of it.
// expect: MaxPool1D: the window is wider than the sequence
// expect: StepAt<3, .*MaxPool1D<1300.*Shape<975, 32>
#include <chromatid/chromatid.hpp>

using namespace chromatid;

#ifdef MISTAKE
constexpr Index window = 1300;
#else
constexpr Index window = 13;
#endif

using FactorNet = ReverseComplementSiamese<Sequential<Conv1D<32, 26, ReLU>, Dropout, TimeDistributedDense<32, ReLU>, MaxPool1D<window>,
                                                      BiLSTM<32>, Dropout, Flatten, Dense<128, ReLU>, Dropout, Dense<1, Sigmoid>>>;

Model<FactorNet, Shape<1000, 6>, Cpu<float>> model;
