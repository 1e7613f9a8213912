// SPDX-License-Identifier: MIT
//
// A contestant of run.py: windows that begin every few bases of a stretch of a genome, scored by a scan and one by one.
//
//     scan_chromatid CASE NET WINDOWS
//
// NET is small or big (FactorNet, logistic gates, its weights in CASE) or danq, deepsea or basset: networks like those, of one strand and
// without tracks, with initial weights. CASE also holds the stretch. Entries "scan/S" and "windows/S" for windows every S bases.
#include <chromatid/network/factornet.hpp>
#include <chromatid/network/stretch_windows.hpp>
#include <chromatid/serialize/safetensors_file.hpp>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include <benchmarks/support/contestant.hpp>

using namespace chromatid;

namespace {

using Small = StaticFactorNet<32, 26, 13, 32, 128, 1, LogisticGates>;
using Big = StaticFactorNet<128, 26, 13, 128, 256, 19, LogisticGates>;
using DanQ = Sequential<Conv1D<320, 26, ReLU>, MaxPool1D<13>, BiLSTM<320, LogisticGates>, Flatten, Dense<925, ReLU>, Dense<919, Sigmoid>>;
using DeepSea = Sequential<Conv1D<320, 8, ReLU>, MaxPool1D<4>, Conv1D<480, 8, ReLU>, MaxPool1D<4>, Conv1D<960, 8, ReLU>, Flatten,
                           Dense<925, ReLU>, Dense<919, Sigmoid>>;
using Basset = Sequential<Conv1D<300, 19, ReLU>, MaxPool1D<3>, Conv1D<200, 11, ReLU>, MaxPool1D<4>, Conv1D<200, 7, ReLU>, MaxPool1D<4>,
                          Flatten, Dense<1000, ReLU>, Dense<1000, ReLU>, Dense<164, Sigmoid>>;

template <class Net, Index Channels>
int serve(const SafetensorsFile& file, Index count) {
    constexpr Index length = 1000;
    Model<Net, Shape<length, Channels>> model;
    if (file.has("conv1d_1.kernel") && Channels > 4)
        model.visit_parameters([&](const std::string& name, const ParameterSpec&, std::span<float> values) { file.read(name, values); });
    else model.initialize(1);

    std::vector<std::uint8_t> codes;
    for (const Tensor<float> letters = file.read<float>("stretch_codes"); const float letter : letters.span())
        codes.push_back(static_cast<std::uint8_t>(letter));
    const Tensor<float> signal = file.read<float>("stretch_tracks");
    const std::uint8_t* const code_rows[] = {codes.data()};
    const float* const track_rows[] = {signal.data(), signal.data() + signal.extent(1)};

    struct Stride {
        Windows<float> stretch;
        std::unique_ptr<StretchWindows<float>> windows;
        Tensor<float> y;
    };
    constexpr Index strides[] = {1, 13, 25, 50, 200};
    std::vector<std::unique_ptr<Stride>> all;
    Cpu<>::Context on;
    bench::Contestant contestant;
    for (const Index stride : strides) {
        all.push_back(std::make_unique<Stride>(
            Stride{{.count = 1, .length = (count - 1) * stride + length, .channels = Channels, .codes = code_rows, .tracks = track_rows},
                   nullptr,
                   Tensor<float>({count, model.output_shape().size()})}));
        Stride& s = *all.back();
        s.windows = std::make_unique<StretchWindows<float>>(s.stretch, stride, length, 0, count);
        const std::span<const float> results = s.y.span();
        contestant.add(
            "scan/" + std::to_string(stride), [&, stride] { model.scan(on, s.stretch, stride, View<const float>{}, s.y); }, results);
        contestant.add(
            "windows/" + std::to_string(stride), [&] { model.infer(on, s.windows->view(), View<const float>{}, s.y); }, results);
    }
    return contestant.serve();
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 4) {
        std::fprintf(stderr, "usage: scan_chromatid CASE small|big|danq|deepsea|basset WINDOWS\n");
        return 2;
    }
    const SafetensorsFile file(argv[1]);
    const std::string net = argv[2];
    const Index count = std::atol(argv[3]);
    if (net == "small") return serve<Small, 6>(file, count);
    if (net == "big") return serve<Big, 6>(file, count);
    if (net == "danq") return serve<DanQ, 4>(file, count);
    if (net == "deepsea") return serve<DeepSea, 4>(file, count);
    return serve<Basset, 4>(file, count);
}
