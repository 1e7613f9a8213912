// SPDX-License-Identifier: MIT
// A small network that reads both strands of DNA: its table of layers, predictions for random windows held in an xtensor, and the same
// predictions written into an Eigen matrix. The parameters are random, so the probabilities mean nothing yet.
#include <chromatid/chromatid.hpp>
#include <chromatid/io/npy.hpp>
#include <chromatid/tensor/eigen.hpp>
#include <chromatid/tensor/xtensor.hpp>

#include <cstddef>
#include <exception>
#include <filesystem>
#include <iostream>
#include <random>

using namespace chromatid;

namespace {

using Network = ReverseComplementSiamese<Sequential<
    Conv1D<16, 12, ReLU>,
    MaxPool1D<4>,
    BiLSTM<8>,
    Flatten,
    Dense<32, ReLU>,
    Dense<1, Sigmoid>>>;

static_assert(std::same_as<OutputShape<Network, Shape<200, 4>>, Shape<1>>);

/// One-hot windows of random bases: (n, 200, 4), channels A, C, G, T.
xt::xtensor<float, 3> random_windows(std::size_t n) {
    std::mt19937 random(1);
    xt::xtensor<float, 3> windows({n, 200, 4}, 0.0F);
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t t = 0; t < 200; ++t) windows(i, t, random() % 4) = 1.0F;
    return windows;
}

void run() {
    Model<Network, Shape<200, 4>> model;
    model.initialize(1);
    std::cout << model.summary();

    // xtensor in, xtensor out; nothing is copied on the way in
    const xt::xtensor<float, 3> windows = random_windows(5);
    const xt::xtensor<float, 2> probabilities = model.predict(windows);

    // the same into memory of ours, on four threads: the same bits
    using Matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
    Matrix again(5, 1);
    Cpu<float>::Context threads(4);
    model.infer(threads, windows, View<const float>{}, again);

    std::cout << "\nwindow  probability  again\n";
    for (Index i = 0; i < again.rows(); ++i) std::cout << i << "       " << probabilities(i, 0) << "     " << again(i, 0) << '\n';
    std::cout << "mean " << again.mean() << '\n';

    // to numpy and back
    const std::filesystem::path file = std::filesystem::temp_directory_path() / "first_network_windows.npy";
    write_npy(file, windows);
    std::cout << "from " << file.string() << ": " << model.predict(read_npy(file))(0, 0) << " again\n";
    std::filesystem::remove(file);
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
