// SPDX-License-Identifier: MIT
//
// A contestant of run.py: our own forward pass.
//
//     forward_chromatid CASE small|big logistic|hard_sigmoid
//
// Entries: "codes" (base codes and tracks), "dense" (the same windows as an array), "noise" (an array whose rows are not one-hot),
// "unfused" (dense, layer after layer), "fast_math" (codes, with FastMath).
#include <chromatid/network/factornet.hpp>
#include <chromatid/serialize/safetensors_file.hpp>

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include <benchmarks/support/case_file.hpp>
#include <benchmarks/support/contestant.hpp>

using namespace chromatid;

namespace {

template <class Gates>
using Small = StaticFactorNet<32, 26, 13, 32, 128, 1, Gates>;
template <class Gates>
using Big = StaticFactorNet<128, 26, 13, 128, 256, 19, Gates>;

/// A model on one backend, with its outputs.
template <class Net, class B>
struct Entrant {
    Model<Net, Shape<1000, 6>, B> model;
    typename B::Context on;
    Tensor<float> y;

    explicit Entrant(const SafetensorsFile& file, Index windows) : y({windows, model.output_shape().size()}) {
        model.visit_parameters([&](const std::string& name, const ParameterSpec&, std::span<float> values) { file.read(name, values); });
    }
    template <class X>
    void run(const X& x) {
        model.infer(on, x, View<const float>{}, y);
    }
    std::span<const float> results() const { return {y.data(), static_cast<std::size_t>(y.size())}; }
};

template <class Net>
int serve(const char* path) {
    const SafetensorsFile file(path);
    const bench::CaseWindows windows(file);
    const Windows<float> encoded = windows.encoded();
    Entrant<Net, Cpu<>> usual(file, windows.count());
    Entrant<Net, Cpu<float, ExactMath, Unfused>> unfused(file, windows.count());
    Entrant<Net, Cpu<float, FastMath>> fast(file, windows.count());
    bench::Contestant contestant;
    contestant.add(
        "codes", [&] { usual.run(encoded); }, usual.results());
    contestant.add(
        "dense", [&] { usual.run(windows.dense); }, usual.results());
    contestant.add(
        "noise", [&] { usual.run(windows.noise); }, usual.results());
    contestant.add(
        "unfused", [&] { unfused.run(windows.dense); }, unfused.results());
    contestant.add(
        "fast_math", [&] { fast.run(encoded); }, fast.results());
    return contestant.serve();
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 4) {
        std::fprintf(stderr, "usage: forward_chromatid CASE small|big logistic|hard_sigmoid\n");
        return 2;
    }
    const bool big = std::string(argv[2]) == "big";
    if (std::string(argv[3]) == "logistic") return big ? serve<Big<LogisticGates>>(argv[1]) : serve<Small<LogisticGates>>(argv[1]);
    return big ? serve<Big<HardSigmoidGates>>(argv[1]) : serve<Small<HardSigmoidGates>>(argv[1]);
}
