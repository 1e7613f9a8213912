// SPDX-License-Identifier: MIT
// A layer of one's own (channel_gain.hpp) between chromatid's: it appears in the table, in the parameters, in predictions and in gradients.
#include "channel_gain.hpp"

#include <chromatid/chromatid.hpp>

#include <cmath>
#include <exception>
#include <iostream>
#include <string>
#include <vector>

using namespace chromatid;

namespace {

using Network = Sequential<Conv1D<4, 3, ReLU>, ChannelGain, Flatten, Dense<1>>;

static_assert(Layer<ChannelGain, Shape<8, 4>> && Trainable<ChannelGain, Shape<8, 4>, Cpu<double>>);

void set_gain(Model<Network, Shape<10, 4>, Cpu<double>>& model, double factor) {
    model.visit_parameters([&](const std::string& name, const ParameterSpec&, std::span<double> values) {
        if (name == "channel_gain_1.log_gain")
            for (double& value : values) value = std::log(factor);
    });
}

/// Sum of the outputs for a batch, and its gradient for the first gain.
std::pair<double, double> sum_and_gradient(const Model<Network, Shape<10, 4>, Cpu<double>>& model, const Tensor<double>& x) {
    Cpu<double>::Context on;
    auto tape = model.tape(x.extent(0));
    Tensor<double> y{x.extent(0), 1}, dy{x.extent(0), 1};
    std::vector<double> gradients(model.parameters().size());
    model.forward(on, x, View<const double>{}, y, tape);
    double sum = 0.0;
    for (Index i = 0; i < y.size(); ++i) sum += y.data()[i], dy.data()[i] = 1.0;
    model.backward(on, x, View<const double>{}, y, dy, View<double>{}, gradients, tape);
    const std::size_t first_gain = 3 * 4 * 4 + 4;  // behind the kernel and bias of the convolution
    return {sum, gradients[first_gain]};
}

void run() {
    Model<Network, Shape<10, 4>, Cpu<double>> model;
    model.initialize(2);
    std::cout << model.summary();

    Tensor<double> x{3, 10, 4};
    for (Index i = 0; i < 30; ++i) x.data()[4 * i + i * i % 4] = 1.0;
    const double plain = model.predict(x)(0, 0);
    set_gain(model, 2.0);
    std::cout << "\noutput with gain 1: " << plain << ", with gain 2: " << model.predict(x)(0, 0) << '\n';

    const double step = 1e-6;
    double& gain = model.parameters()[3 * 4 * 4 + 4];
    const auto [sum, slope] = sum_and_gradient(model, x);
    gain += step;
    const double difference = (sum_and_gradient(model, x).first - sum) / step;
    std::cout << "gradient of the first gain: " << slope << ", by differences: " << difference << '\n';
    if (std::abs(slope - difference) > 1e-4) throw Error("the gradient of ChannelGain is wrong");
}

}  // namespace

int main() {
    try {
        run();
    } catch (const std::exception& error) {
        std::cerr << "error: " << error.what() << '\n';
        return 1;
    }
}
