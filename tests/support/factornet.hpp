// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/layer/bilstm.hpp>
#include <chromatid/layer/conv1d.hpp>
#include <chromatid/layer/dense.hpp>
#include <chromatid/layer/dropout.hpp>
#include <chromatid/layer/flatten.hpp>
#include <chromatid/layer/max_pool1d.hpp>
#include <chromatid/layer/side_input.hpp>
#include <chromatid/layer/time_distributed_dense.hpp>
#include <chromatid/network/reverse_complement_siamese.hpp>
#include <chromatid/network/sequential.hpp>

namespace chromatid::test {

/// FactorNet of any size, without and with metadata. All sizes static.
template <Index Kernels, Index Width, Index Pool, Index Recurrent, Index Units, class... Merge>
using FactorNet = ReverseComplementSiamese<
    Sequential<Conv1D<Kernels, Width, ReLU>, Dropout, TimeDistributedDense<Kernels, ReLU>, MaxPool1D<Pool>,
               BiLSTM<Recurrent, HardSigmoidGates>, Dropout, Flatten, Dense<Units, ReLU>, Dropout, Dense<1, Sigmoid>>,
    Merge...>;

template <Index Kernels, Index Width, Index Pool, Index Recurrent, Index Units, Index Metadata, class... Merge>
using MetadataFactorNet = ReverseComplementSiamese<
    Sequential<Conv1D<Kernels, Width, ReLU>, Dropout, TimeDistributedDense<Kernels, ReLU>, MaxPool1D<Pool>,
               BiLSTM<Recurrent, HardSigmoidGates>, Dropout, Flatten, Dense<Units, ReLU>, SideInput<Metadata>, Dense<Units, ReLU>, Dropout,
               Dense<1, Sigmoid>>,
    Merge...>;

/// The same with all sizes dynamic.
using DynamicFactorNet = ReverseComplementSiamese<
    Sequential<Conv1D<dyn, dyn, ReLU>, Dropout, TimeDistributedDense<dyn, ReLU>, MaxPool1D<dyn>, BiLSTM<dyn, HardSigmoidGates>, Dropout,
               Flatten, Dense<dyn, ReLU>, Dropout, Dense<dyn, Sigmoid>>>;

inline DynamicFactorNet dynamic_factornet(Index kernels, Index width, Index pool, Index recurrent, Index units) {
    return DynamicFactorNet(Sequential(Conv1D<dyn, dyn, ReLU>(kernels, width), Dropout(0.1F), TimeDistributedDense<dyn, ReLU>(kernels),
                                       MaxPool1D<dyn>(pool), BiLSTM<dyn, HardSigmoidGates>(recurrent), Dropout(0.5F), Flatten{},
                                       Dense<dyn, ReLU>(units), Dropout(0.5F), Dense<dyn, Sigmoid>(1)));
}

}  // namespace chromatid::test
