// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/chromatid.hpp>

namespace benchmarks {

using namespace chromatid;

/// Published architectures over both strands, in their published sizes but for the number of tasks and the tracks. Quang and Xie 2019;
/// Quang and Xie 2016; Zhou and Troyanskaya 2015; Kelley, Snoek and Rinn 2016.
using FactorNet = ReverseComplementSiamese<Sequential<Conv1D<32, 26, ReLU>, Dropout, TimeDistributedDense<32, ReLU>, MaxPool1D<13>,
                                                      BiLSTM<32>, Dropout, Flatten, Dense<128, ReLU>, Dropout, Dense<1, Sigmoid>>>;
using BigFactorNet = ReverseComplementSiamese<Sequential<Conv1D<128, 26, ReLU>, Dropout, TimeDistributedDense<128, ReLU>, MaxPool1D<13>,
                                                         BiLSTM<128>, Dropout, Flatten, Dense<256, ReLU>, Dropout, Dense<19, Sigmoid>>>;
using DanQ = ReverseComplementSiamese<
    Sequential<Conv1D<320, 26, ReLU>, MaxPool1D<13>, Dropout, BiLSTM<320>, Dropout, Flatten, Dense<925, ReLU>, Dense<19, Sigmoid>>>;
using DeepSea = ReverseComplementSiamese<Sequential<Conv1D<320, 8, ReLU>, MaxPool1D<4>, Dropout, Conv1D<480, 8, ReLU>, MaxPool1D<4>,
                                                    Dropout, Conv1D<960, 8, ReLU>, Dropout, Flatten, Dense<925, ReLU>, Dense<19, Sigmoid>>>;
using Basset =
    ReverseComplementSiamese<Sequential<Conv1D<300, 19, ReLU>, MaxPool1D<3>, Conv1D<200, 11, ReLU>, MaxPool1D<4>, Conv1D<200, 7, ReLU>,
                                        MaxPool1D<4>, Flatten, Dense<1000, ReLU>, Dropout, Dense<1000, ReLU>, Dropout, Dense<19, Sigmoid>>>;

}  // namespace benchmarks
