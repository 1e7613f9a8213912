// SPDX-License-Identifier: MIT
//
// How much faster two threads are than one, for windows one by one and for a scan every 50 bases: `threads [THREADS]`, default 2. Wall
// time, best of five rounds in which the numbers of threads take turns. Prints Markdown.

#include <benchmarks/scan_exactness/networks.hpp>

#include <chromatid/core/philox.hpp>
#include <chromatid/dataset/encoded_windows.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <limits>

namespace {

using namespace benchmarks;

template <class F>
double seconds(const F& f) {
    const auto start = std::chrono::steady_clock::now();
    f();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

template <class Net>
void run(const char* name, Index threads, Index windows) {
    constexpr Index length = 1000, stride = 50;
    Model<Net, Shape<length, 6>> model;
    model.initialize(420);
    EncodedWindows stretch(1, (windows - 1) * stride + length, 2);
    std::uint32_t at = 0;
    const auto random = [&at] { return Philox::block(Philox::key(1), {at++, 0, 0, 0})[0]; };
    for (std::uint8_t& code : stretch.codes(0)) code = static_cast<std::uint8_t>(random() % 4);
    for (Index track = 0; track < 2; ++track)
        for (float& value : stretch.track(0, track)) value = Philox::uniform(random());
    const Windows<float> view = stretch.view(1);
    const StretchWindows<float> each(view, stride, length, 0, windows);
    Tensor<float> y({windows, model.output_shape().size()});

    typename Cpu<float>::Context one(1), many(threads);
    std::array<double, 4> best;
    best.fill(std::numeric_limits<double>::infinity());
    for (int round = 0; round < 5; ++round)
        for (std::size_t i = 0; i < 2; ++i) {
            auto& on = i == 0 ? one : many;
            best[i] = std::min(best[i], seconds([&] { model.infer(on, each.view(), View<const float>{}, y); }));
            best[2 + i] = std::min(best[2 + i], seconds([&] { model.scan(on, view, stride, View<const float>{}, y); }));
        }
    std::printf("| %s | %.1f | %.2f | %.1f | %.2f |\n", name, 1e6 * best[0] / static_cast<double>(windows), best[0] / best[1],
                1e6 * best[2] / static_cast<double>(windows), best[2] / best[3]);
}

}  // namespace

int main(int argc, char** argv) {
    const Index threads = argc > 1 ? std::atol(argv[1]) : 2;
    std::printf(
        "| network | windows, us each, 1 thread | %td threads | scan, us each, 1 thread | %td threads |\n|---|---:|---:|---:|---:|\n",
        threads, threads);
    run<FactorNet>("FactorNet, small", threads, 3840);
    run<BigFactorNet>("FactorNet, big", threads, 960);
}
