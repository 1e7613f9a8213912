// SPDX-License-Identifier: MIT
//
// A contestant of run.py: a training step of a FactorNet (forward, loss, backward, Adam).
//
//     training_step CASE small|big logistic|hard_sigmoid DROPOUT
//
// CASE holds first weights, windows and targets, see support/cases.py. DROPOUT is the share dropped within the LSTM, or "none" for none
// anywhere.
// Entries: "codes" (base codes and tracks), "dense" (the same windows as an array); "gradient" is a part of the first gradient, to compare.
#include <chromatid/loss/binary_cross_entropy.hpp>
#include <chromatid/network/factornet.hpp>
#include <chromatid/optim/adam.hpp>
#include <chromatid/serialize/safetensors_file.hpp>
#include <chromatid/train/batch_gradient.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include <benchmarks/support/case_file.hpp>
#include <benchmarks/support/contestant.hpp>

using namespace chromatid;

namespace {

constexpr std::size_t parts = 2000;  // of the gradient that are compared

FactorNetSizes sizes_of(const std::string& net, const std::string& gates, const std::string& dropout) {
    FactorNetSizes sizes;
    if (net == "big") {
        sizes.filters = sizes.position_units = sizes.lstm_units = 128;
        sizes.dense_units = 256;
        sizes.tasks = 19;
    }
    if (gates == "logistic") sizes.gates = FactorNetSizes::Gates::logistic;
    sizes.dropout.lstm_input = sizes.dropout.lstm_state = std::strtof(dropout.c_str(), nullptr);
    if (dropout == "none") sizes.dropout = {0, 0, 0, 0, 0, 0, 0};
    return sizes;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 5) {
        std::fprintf(stderr, "usage: training_step CASE small|big logistic|hard_sigmoid DROPOUT|none\n");
        return 2;
    }
    const SafetensorsFile file(argv[1]);
    const bench::CaseWindows windows(file);
    AnyModel<> model = make_factornet(sizes_of(argv[2], argv[3], argv[4]));
    model.visit_parameters([&](const std::string& name, const ParameterSpec&, std::span<float> values) { file.read(name, values); });

    const Index n = windows.count(), length = windows.length(), tracks = windows.channels() - 4;
    const Batch dense{.x = windows.dense, .targets = file.read<float>("targets"), .size = n};
    Batch codes{.encoded = EncodedWindows(n, length, tracks), .targets = dense.targets, .size = n};
    for (Index w = 0; w < n; ++w) {
        std::copy_n(windows.code_rows[static_cast<std::size_t>(w)], length, codes.encoded.codes(w).data());
        for (Index t = 0; t < tracks; ++t)
            std::copy_n(windows.track_rows[static_cast<std::size_t>(w * tracks + t)], length, codes.encoded.track(w, t).data());
    }

    Cpu<>::Context on;
    BatchGradient gradient(model, n);
    const Adam adam{.rate = 1e-3};
    auto moments = adam.state<Cpu<>>(static_cast<Index>(model.parameters().size()));
    std::vector<float> slopes(model.parameters().size()), shown(parts + 1);
    std::uint32_t step = 0;
    const auto train = [&](const Batch& batch) {
        gradient(on, batch, BinaryCrossEntropy{}, {.seed = 1, .step = step++}, slopes);
        adam.update<Cpu<>>(on, moments, model.parameters(), std::span<const float>(slopes));
    };
    bench::Contestant contestant;
    contestant.add("codes", [&] { train(codes); }, {});
    contestant.add("dense", [&] { train(dense); }, {});
    contestant.add(
        "gradient",
        [&] {
            shown[0] = static_cast<float>(gradient(on, codes, BinaryCrossEntropy{}, {.seed = 1}, slopes));
            float largest = 0;
            for (const float slope : slopes) largest = std::max(largest, std::abs(slope));
            for (std::size_t i = 0; i < parts; ++i) shown[i + 1] = slopes[i * (slopes.size() / parts)] / largest;
        },
        shown);
    return contestant.serve();
}
