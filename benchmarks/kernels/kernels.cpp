// SPDX-License-Identifier: MIT
//
// Kernels of the processor backend by themselves, at the sizes they have in the small and the big FactorNet (tiles of 48 windows). Each
// reports GFLOP/s and its share of a probe of fused multiply-adds right behind it; what moves bytes rather than multiplies reports GB/s.
// Needs Google Benchmark.
//
//     kernels [--benchmark_filter=sgemm] [--benchmark_format=json]
#include <chromatid/backend/cpu/cpu.hpp>
#include <chromatid/core/activation.hpp>

#include <Eigen/Core>
#include <benchmark/benchmark.h>

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include <benchmarks/support/fma_probe.hpp>

using namespace chromatid;
using B = Cpu<>;

namespace {

constexpr Index tile = 48, rows = 2 * tile;

std::vector<float> random_floats(Index n, float low = -0.1F, float high = 0.1F) {
    std::mt19937 generator(static_cast<unsigned>(n));
    std::uniform_real_distribution<float> uniform(low, high);
    std::vector<float> values(static_cast<std::size_t>(n));
    for (float& v : values) v = uniform(generator);
    return values;
}

/// \param operations  of one iteration
void report(benchmark::State& state, double operations, double seconds) {
    const double rate = operations * static_cast<double>(state.iterations()) / seconds, probe = bench::fma_probe();
    state.counters["GFLOP/s"] = rate / 1e9;
    state.counters["share_of_probe"] = rate / probe;
}

/// Runs `f` and gives the processor seconds of all iterations.
template <class F>
double timed(benchmark::State& state, const F& f) {
    const double start = bench::cpu_seconds();
    for (auto _ : state) {
        f();
        benchmark::ClobberMemory();
    }
    return bench::cpu_seconds() - start;
}

struct Product {
    const char* name;
    Index m, n, k, lda;
};

void own_product(benchmark::State& state, const Product& p) {
    B::Context on;
    const auto a = random_floats(p.m * p.k), b = random_floats(p.k * p.n);
    std::vector<float> c(static_cast<std::size_t>(p.m * p.n));
    const double seconds =
        timed(state, [&] { B::gemm<false, false>(on, p.m, p.n, p.k, a.data(), p.lda, b.data(), p.n, 0.0F, c.data(), p.n); });
    report(state, 2.0 * static_cast<double>(p.m * p.n * p.k), seconds);
}

void eigen_product(benchmark::State& state, const Product& p) {
    const auto a = random_floats(p.m * p.k), b = random_floats(p.k * p.n);
    std::vector<float> c(static_cast<std::size_t>(p.m * p.n));
    const double seconds =
        timed(state, [&] { cpu::detail::eigen_gemm<false, false>(p.m, p.n, p.k, a.data(), p.lda, b.data(), p.n, 0.0F, c.data(), p.n); });
    report(state, 2.0 * static_cast<double>(p.m * p.n * p.k), seconds);
}

void conv_pool(benchmark::State& state, Index filters, bool encoded) {
    constexpr Index length = 1000, tracks = 2, channels = 4 + tracks, width = 26, window = 13;
    const ConvPoolGeometry g{.length = length,
                             .channels = channels,
                             .filters = filters,
                             .width = width,
                             .units = filters,
                             .window = window,
                             .stride = window,
                             .out_length = (length - width + 1) / window};
    B::Context on;
    const auto kernel = random_floats(width * channels * filters), bias = random_floats(filters), dense = random_floats(filters * filters);
    const auto signal = random_floats(tile * tracks * length, 0.0F, 2.0F), array = random_floats(tile * length * channels, 0.0F, 1.0F);
    std::vector<std::uint8_t> codes;
    for (const float v : random_floats(tile * length, 0.0F, 3.999F)) codes.push_back(static_cast<std::uint8_t>(v));
    std::vector<const std::uint8_t*> code_rows;
    std::vector<const float*> track_rows;
    for (Index w = 0; w < tile; ++w) {
        code_rows.push_back(codes.data() + w * length);
        for (Index t = 0; t < tracks; ++t) track_rows.push_back(signal.data() + (w * tracks + t) * length);
    }
    const Index partner[] = {3, 2, 1, 0, 4, 5};
    Windows<float> x{.count = tile, .length = length, .channels = channels, .partner = partner};
    if (encoded) {
        x.codes = code_rows.data();
        x.tracks = track_rows.data();
    } else {
        x.dense = array.data();
    }
    const ConvPoolParameters<const float> p{kernel.data(), bias.data(), dense.data(), bias.data()};
    std::vector<float> y(static_cast<std::size_t>(rows * g.out_length * filters));
    B::Buffer<float> scratch(B::conv_pool_scratch(g));
    const double seconds = timed(state, [&] { B::conv_pool(on, g, x, p, y.data(), scratch.data()); });
    report(state, 2.0 * static_cast<double>(rows * g.conv_length() * filters * (width * channels + filters)), seconds);
}

template <class Gate>
void lstm(benchmark::State& state, Index units) {
    const LstmGeometry g{
        .batch = rows, .length = 75, .inputs = units, .units = units, .out_channels = 2 * units, .out_offset = 0, .backwards = false};
    B::Context on;
    const auto x = random_floats(rows * 75 * units), kernel = random_floats(4 * units * units),
               recurrent = random_floats(4 * units * units), bias = random_floats(4 * units);
    std::vector<float> y(static_cast<std::size_t>(rows * 75 * 2 * units));
    B::Buffer<float> scratch(g.scratch());
    const double seconds =
        timed(state, [&] { B::lstm<Gate>(on, g, x.data(), kernel.data(), recurrent.data(), bias.data(), y.data(), scratch.data()); });
    report(state, 2.0 * static_cast<double>(rows * 75 * 2 * units * 4 * units), seconds);
}

void dropout(benchmark::State& state, Index columns) {
    B::Context on;
    const auto x = random_floats(rows * columns);
    std::vector<float> y(x.size());
    Draws draws{.seed = 1, .windows = tile};
    const double seconds = timed(state, [&] {
        ++draws.step;
        B::dropout(on, draws, 1, rows, columns, 0.1F, x.data(), y.data());
    });
    state.counters["Gelements/s"] = static_cast<double>(rows * columns) * static_cast<double>(state.iterations()) / seconds / 1e9;
}

void adam(benchmark::State& state, Index n) {
    B::Context on;
    const AdamStep<float> step{
        .rate = 1e-3F, .beta1 = 0.9F, .beta2 = 0.999F, .root_scale = 1.0F, .epsilon = 1e-8F, .decay = 0.0F, .gradient_scale = 1.0F};
    const auto gradient = random_floats(n);
    auto parameters = random_floats(n), first = random_floats(n), second = random_floats(n, 0.0F, 0.1F);
    const double seconds = timed(state, [&] { B::adam(on, n, step, gradient.data(), parameters.data(), first.data(), second.data()); });
    constexpr double bytes_per_parameter = 7 * sizeof(float);  // four read, three written
    state.counters["GB/s"] = bytes_per_parameter * static_cast<double>(n) * static_cast<double>(state.iterations()) / seconds / 1e9;
}

}  // namespace

int main(int argc, char** argv) {
    static constexpr Product products[] = {
        {"square 1024", 1024, 1024, 1024, 1024},
        {"small conv, overlapping rows", 975, 32, 156, 6},
        {"big conv, overlapping rows", 975, 128, 156, 6},
        {"small dense at each position", 975, 32, 32, 32},
        {"big dense at each position", 975, 128, 128, 128},
        {"small LSTM input", rows * 75, 128, 32, 32},
        {"big LSTM input", rows * 75, 512, 128, 128},
        {"small LSTM step", rows, 128, 32, 32},
        {"big LSTM step", rows, 512, 128, 128},
        {"small dense", rows, 128, 4800, 4800},
        {"big dense", rows, 256, 19200, 19200},
    };
    for (const Product& p : products) {
        benchmark::RegisterBenchmark(("sgemm/" + std::string(p.name)).c_str(), [&p](benchmark::State& s) { own_product(s, p); });
        benchmark::RegisterBenchmark(("Eigen/" + std::string(p.name)).c_str(), [&p](benchmark::State& s) { eigen_product(s, p); });
    }
    for (const Index width : {32, 128}) {
        const std::string name = width == 32 ? "small" : "big";
        benchmark::RegisterBenchmark(("conv_pool/" + name + " codes").c_str(), [width](benchmark::State& s) { conv_pool(s, width, true); });
        benchmark::RegisterBenchmark(("conv_pool/" + name + " dense").c_str(),
                                     [width](benchmark::State& s) { conv_pool(s, width, false); });
        benchmark::RegisterBenchmark(("lstm/" + name + " logistic").c_str(), [width](benchmark::State& s) { lstm<Sigmoid>(s, width); });
        benchmark::RegisterBenchmark(("lstm/" + name + " hard_sigmoid").c_str(),
                                     [width](benchmark::State& s) { lstm<HardSigmoid>(s, width); });
        benchmark::RegisterBenchmark(("dropout/" + name).c_str(), [width](benchmark::State& s) { dropout(s, 975 * width); });
    }
    benchmark::RegisterBenchmark("adam/small", [](benchmark::State& s) { adam(s, 640'000); });
    benchmark::RegisterBenchmark("adam/big", [](benchmark::State& s) { adam(s, 5'200'000); });
    benchmark::Initialize(&argc, argv);
    benchmark::RunSpecifiedBenchmarks();
}
