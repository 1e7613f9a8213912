// SPDX-License-Identifier: MIT
// A FactorNet on a GPU, in a .cu file of one's own: scores windows there and on the processor, and says how far the scores agree.
//
//     cuda_inference [WEIGHTS.hdf5]     weights of the published network for MAX (Keras 1); random ones where there is no argument
#include <chromatid/chromatid.hpp>
#include <chromatid/core/philox.hpp>
#include <chromatid/cuda.cuh>
#include <chromatid/dataset/encoded_windows.hpp>
#include <chromatid/network/factornet.hpp>
#include <chromatid/serialize/keras1_weights.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <exception>

using namespace chromatid;

namespace {

using Network = StaticFactorNet<64, 34, 17, 32, 64>;
using Window = Shape<1002, 6>;  // 4 bases and 2 tracks
using Gpu = Cuda<float, TF32>;

EncodedWindows random_windows(Index count) {
    EncodedWindows windows(count, 1002, 2);
    for (Index w = 0; w < count; ++w)
        for (Index t = 0; t < 1002; ++t) {
            const Philox::Block bits = Philox::block(Philox::key(1), {static_cast<std::uint32_t>(t), static_cast<std::uint32_t>(w), 0, 0});
            windows.codes(w)[static_cast<std::size_t>(t)] = static_cast<std::uint8_t>(bits[0] % 4);
            for (Index track = 0; track < 2; ++track)
                windows.track(w, track)[static_cast<std::size_t>(t)] = Philox::uniform(bits[static_cast<std::size_t>(1 + track)]);
        }
    return windows;
}

void run(const char* weights) {
    Gpu::Context device(0);  // throws where there is none; nothing falls back to the processor
    std::printf("device: %s\n", cuda::Gpu::name(device.device()).c_str());

    Model<Network, Window, Cpu<float>> here;
    if (weights != nullptr) load_keras1_weights(here, weights);
    else here.initialize(1);
    Model<Network, Window, Gpu> there;
    std::ranges::copy(here.parameters(), there.parameters().begin());

    constexpr Index count = 5000;
    const EncodedWindows windows = random_windows(count);
    Tensor<float> expected{count, 1}, scores{count, 1};
    Cpu<float>::Context threads(hardware_threads());
    here.infer(threads, windows.view(count), View<const float>{}, expected);
    there.infer(device, windows.view(count), View<const float>{},
                scores);  // any number of windows: they go to the device in tiles, copies beside work

    float difference = 0;
    for (Index i = 0; i < count; ++i) difference = std::max(difference, std::abs(scores(i, 0) - expected(i, 0)));
    std::printf("%td windows, the first scores %.6f; the processor's scores differ by %.2g at most\n", count,
                static_cast<double>(scores(0, 0)), static_cast<double>(difference));
    if (!(difference < 1e-2F)) throw Error("the device computes something else");
}

}  // namespace

int main(int argc, char** argv) {
    try {
        run(argc > 1 ? argv[1] : nullptr);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "error: %s\n", error.what());
        return 1;
    }
}
