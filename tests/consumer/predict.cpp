// SPDX-License-Identifier: MIT
// A small network of the FactorNet family predicts; what both strands share must not depend on the strand that is shown.
#include <chromatid/chromatid.hpp>
#include <chromatid/version.hpp>

#include <cmath>
#include <concepts>
#include <cstddef>
#include <iostream>
#include <string_view>

using namespace chromatid;

using Net = ReverseComplementSiamese<
    Sequential<Conv1D<8, 6, ReLU>, Dropout, TimeDistributedDense<8, ReLU>, MaxPool1D<5>, BiLSTM<4>, Flatten, Dense<1, Sigmoid>>>;

static_assert(std::same_as<OutputShape<Net, Shape<50, 4>>, Shape<1>>);

int main() {
    constexpr std::string_view forward = "GATTACAGATTACACCTGAGGTTCAAACGTGGGCATCTTGACCAGTACGT";
    constexpr std::string_view letters = "ACGT";
    Tensor<float> windows{2, 50, 4};  // the sequence and its reverse complement
    for (std::size_t t = 0; t < forward.size(); ++t) {
        const auto letter = static_cast<Index>(letters.find(forward[t]));
        const auto position = static_cast<Index>(t);
        windows(0, position, letter) = 1.0F;
        windows(1, 49 - position, 3 - letter) = 1.0F;
    }

    Model<Net, Shape<50, 4>> model;
    model.initialize(1);
    const auto probabilities = model.predict(windows);
    const float p = probabilities(0, 0), q = probabilities(1, 0);
    std::cout << "chromatid " << version << ": " << p << ", reverse complement " << q << '\n';
    return p > 0.0F && p < 1.0F && p != 0.5F && std::abs(p - q) < 1e-6F ? 0 : 1;
}
