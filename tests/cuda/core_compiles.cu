// SPDX-License-Identifier: MIT
// The core and the recipes inside a .cu file: shapes and counts are constants there, and a kernel draws the numbers that the CPU draws. No
// relaxed constexpr.

#include <chromatid/core/activation.hpp>
#include <chromatid/core/alphabet.hpp>
#include <chromatid/core/extents.hpp>
#include <chromatid/core/parameter.hpp>
#include <chromatid/core/philox.hpp>
#include <chromatid/core/property.hpp>
#include <chromatid/core/shape.hpp>
#include <chromatid/core/strand_merge.hpp>
#include <chromatid/layer/activation.hpp>
#include <chromatid/layer/bilstm.hpp>
#include <chromatid/layer/conv1d.hpp>
#include <chromatid/layer/dense.hpp>
#include <chromatid/layer/dropout.hpp>
#include <chromatid/layer/flatten.hpp>
#include <chromatid/layer/global_max_pool1d.hpp>
#include <chromatid/layer/lstm.hpp>
#include <chromatid/layer/max_pool1d.hpp>
#include <chromatid/layer/side_input.hpp>
#include <chromatid/layer/time_distributed_dense.hpp>
#include <chromatid/network/concat.hpp>
#include <chromatid/network/reverse_complement_siamese.hpp>
#include <chromatid/network/sequential.hpp>
#include <chromatid/network/summary.hpp>

#include <concepts>
#include <cstdint>
#include <string>
#include <type_traits>

using namespace chromatid;

using FactorNet = ReverseComplementSiamese<
    Sequential<Conv1D<32, 26, ReLU>, Dropout, TimeDistributedDense<32, ReLU>, MaxPool1D<13>, BiLSTM<32, HardSigmoidGates>, Dropout, Flatten,
               Dense<128, ReLU>, SideInput<6>, Dense<128, ReLU>, Dropout, Dense<1, Sigmoid>>,
    SwapTracks<0, 1>>;
using Branched = Sequential<Concat<Conv1D<8, 5, SamePadding>, Sequential<LSTM<4>, Activation<Tanh>>>, GlobalMaxPool1D>;

static_assert(std::same_as<OutputShape<FactorNet, Shape<1000, 6>>, Shape<1>>);
static_assert(parameter_count(FactorNet{}, Shape<1000, 6>{}) == 654657);
static_assert(std::same_as<OutputShape<Branched, Shape<50, 6>>, Shape<12>>);
static_assert(std::same_as<OutputShape<MaxPool1D<dyn>, Shape<50, 6>>, Shape<dyn, 6>>);
static_assert(std::is_empty_v<Conv1D<32, 26, ReLU>> && std::is_trivially_copyable_v<Conv1D<dyn, dyn>>);
static_assert(Philox::block({0, 0}, {0, 0, 0, 0})[0] == 0x6627E8D5U);

/// A dropout mask for one layer, one element a thread: sizes of static shapes are constants, draws and activations work on the device too.
template <Index Elements>
__global__ void dropout_mask(std::uint64_t seed, float keep, float* mask) {
    const Index i = static_cast<Index>(blockIdx.x) * static_cast<Index>(blockDim.x) + static_cast<Index>(threadIdx.x);
    if (i >= Elements) return;
    const Philox::Block bits = Philox::block(Philox::key(seed), {static_cast<std::uint32_t>(i), 0, 0, 0});
    mask[i] = ReLU::apply(keep - Philox::uniform(bits[0])) > 0.0F ? HardSigmoid::apply(1.0F) : 0.0F;
}

constexpr Shape<75, 32> positions;
template __global__ void dropout_mask<length(positions).value() * channels(positions).value()>(std::uint64_t, float, float*);

/// What runs on the host is compiled by nvcc's host pass.
std::string table() { return summary(FactorNet{}, Shape<dyn, dyn>(1000, 6)); }
