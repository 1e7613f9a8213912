// SPDX-License-Identifier: MIT
//
// One contestant of run.py: makes a training step of a FactorNet (forward, loss, backward, Adam) on random windows for each line "step" on stdin and prints
// the processor seconds it took; for "probe" the floating-point operations per second of fused multiply-adds in registers.
//
//     training_step small|big logistic|hard_sigmoid LSTM_DROPOUT BATCH
#include <chromatid/loss/binary_cross_entropy.hpp>
#include <chromatid/network/factornet.hpp>
#include <chromatid/optim/adam.hpp>
#include <chromatid/train/batch_gradient.hpp>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <vector>

using namespace chromatid;

namespace {

double cpu_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

/// Multiply-adds of so many independent sums: enough to keep every unit busy.
double fma_rate() {
    constexpr int lanes = 256, rounds = 200000;
    float sums[lanes];
    for (int i = 0; i < lanes; ++i) sums[i] = 1e-3F * static_cast<float>(i);
    const float a = 0.999999F, b = 1e-7F;
    const double start = cpu_seconds();
    for (int r = 0; r < rounds; ++r)
        for (int i = 0; i < lanes; ++i) sums[i] = sums[i] * a + b;
    const double seconds = cpu_seconds() - start;
    float all = 0;
    for (const float s : sums) all += s;
    return std::isfinite(all) ? 2.0 * lanes * rounds / seconds : 0.0;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 5) {
        std::fprintf(stderr, "usage: training_step small|big logistic|hard_sigmoid LSTM_DROPOUT BATCH\n");
        return 2;
    }
    const auto within = std::strtof(argv[3], nullptr);
    const Index windows = std::atol(argv[4]);
    FactorNetSizes sizes;
    if (std::string(argv[1]) == "big") {
        sizes.filters = sizes.position_units = sizes.lstm_units = 128;
        sizes.dense_units = 256;
        sizes.tasks = 19;
    }
    if (std::string(argv[2]) == "logistic") sizes.gates = FactorNetSizes::Gates::logistic;
    sizes.dropout.lstm_input = sizes.dropout.lstm_state = within;

    AnyModel<> model = make_factornet(sizes);
    model.initialize(1);
    Batch batch{.x = Tensor<float>({windows, sizes.length, sizes.channels()}), .targets = Tensor<float>({windows, sizes.tasks}), .size = windows};
    for (Index w = 0; w < windows; ++w) {
        const Draws draws{.seed = 7, .first_window = static_cast<std::uint32_t>(w)};
        for (Index t = 0; t < sizes.length; ++t) {
            batch.x(w, t, static_cast<Index>(draw_bits(draws, 0, 0, t) % 4)) = 1.0F;
            for (Index track = 0; track < sizes.tracks; ++track) batch.x(w, t, 4 + track) = Philox::uniform(draw_bits(draws, 1 + static_cast<std::uint32_t>(track), 0, t));
        }
        for (Index task = 0; task < sizes.tasks; ++task) batch.targets(w, task) = static_cast<float>((w + task) % 2);
    }
    Cpu<>::Context on;
    BatchGradient gradient(model, windows);
    Adam adam{.rate = 1e-3};
    auto moments = adam.state<Cpu<>>(static_cast<Index>(model.parameters().size()));
    std::vector<float> slopes(model.parameters().size());
    std::uint32_t step = 0;
    char line[16];
    while (std::fgets(line, sizeof line, stdin) != nullptr) {
        if (line[0] == 'p') std::printf("%.6e\n", fma_rate());
        else {
            const double start = cpu_seconds();
            gradient(on, batch, BinaryCrossEntropy{}, {.seed = 1, .step = step++}, slopes);
            adam.update<Cpu<>>(on, moments, model.parameters(), std::span<const float>(slopes));
            std::printf("%.6f\n", cpu_seconds() - start);
        }
        std::fflush(stdout);
    }
}
