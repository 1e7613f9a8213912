// SPDX-License-Identifier: MIT
// The unit that is measured: the static FactorNet of the README, with inference.
#include <chromatid/chromatid.hpp>

#include <concepts>

using namespace chromatid;

using FactorNet = ReverseComplementSiamese<Sequential<
    Conv1D<32, 26, ReLU>,
    Dropout,
    TimeDistributedDense<32, ReLU>,
    MaxPool1D<13>,
    BiLSTM<32>,
    Dropout,
    Flatten,
    Dense<128, ReLU>,
    Dropout,
    Dense<1, Sigmoid>>>;

static_assert(std::same_as<OutputShape<FactorNet, Shape<1000, 6>>, Shape<1>>);

Tensor<float> predict(const Model<FactorNet, Shape<1000, 6>>& model, View<const float> windows) { return model.predict(windows); }
Model<FactorNet, Shape<1000, 6>> make() { return Model<FactorNet, Shape<1000, 6>>(); }
