// SPDX-License-Identifier: MIT
#include "device.hpp"

#include "run_training.hpp"
#ifdef FACTORNET_CUDA
#include "cuda_network.hpp"
#endif

#include <chromatid/core/error.hpp>
#include <chromatid/loss/binary_cross_entropy.hpp>
#include <chromatid/train/trainer.hpp>

#include <CLI/CLI.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <string_view>
#include <utility>

namespace factornet {

using namespace chromatid;

namespace {

constexpr std::array arithmetics{"exact32", "tf32", "f16", "bf16"};

#ifdef FACTORNET_CUDA
/// Calls `f.operator()<Precision>()` for the one of this name.
template <class F>
auto with_arithmetic(const std::string& name, const F& f) {
    if (name == "tf32") return f.template operator()<TF32>();
    if (name == "f16") return f.template operator()<F16>();
    if (name == "bf16") return f.template operator()<BF16>();
    return f.template operator()<Exact32>();
}
#endif

/// The N of "cuda:N", 0 for "cuda".
int number_of(const std::string& device) {
    constexpr std::string_view kind = "cuda";
    if (device == kind) return 0;
    int number = -1;
    if (const std::string_view text = device; text.starts_with(kind) && text.size() > kind.size() + 1 && text[kind.size()] == ':') {
        const char *const first = text.data() + kind.size() + 1, *const last = text.data() + text.size();
        if (const auto [end, error] = std::from_chars(first, last, number); error != std::errc{} || end != last) number = -1;
    }
    if (number < 0) throw UsageError("--device \"" + device + "\": write cpu, cuda or cuda:N, where N is the number of a device");
    return number;
}

History train_on_cpu(const TrainingJob& job) {
    if (job.processes)
        return run_training(
            job, [&](const auto& optimizer) { return Trainer(job.model, BinaryCrossEntropy{}, optimizer, job.how, *job.processes); });
    return run_training(job, [&](const auto& optimizer) { return Trainer(job.model, BinaryCrossEntropy{}, optimizer, job.how); });
}

}  // namespace

void add_device_option(CLI::App& command, DeviceOptions& options) {
    command.add_option("--device", options.device, "Where the network runs: cpu, cuda or cuda:N")->capture_default_str()->group("Run");
}

bool is_arithmetic(const std::string& word) { return std::ranges::find(arithmetics, word) != arithmetics.end(); }

void add_arithmetic_option(CLI::App& command, std::string& arithmetic, const std::string& names, const std::string& group) {
    command
        .add_option(names, arithmetic,
                    "How factors of products round on a CUDA device; sums are float32, and exact32 is all in float32, as on the processor")
        ->check(CLI::IsMember(std::vector<std::string>(arithmetics.begin(), arithmetics.end())))
        ->capture_default_str()
        ->group(group);
}

#ifdef FACTORNET_CUDA
const bool Device::has_cuda = true;
#else
const bool Device::has_cuda = false;
#endif

Device Device::open(const DeviceOptions& options) {
    Device device;
    device.numbers_ = options.devices;
    device.arithmetic_ = options.arithmetic;
    if (device.numbers_.empty() && options.device != "cpu") device.numbers_ = {number_of(options.device)};
    device.name_ = device.text_ = "cpu";
    if (device.is_cpu()) {
        if (options.arithmetic != "exact32")
            throw UsageError(
                "--precision " + options.arithmetic +
                " is for CUDA devices (scan: --arithmetic): the processor computes in float32\n       add --device cuda, or leave it out");
        return device;
    }
    device.name_ = "cuda:";
    for (std::size_t i = 0; i < device.numbers_.size(); ++i) {
        const int number = device.numbers_[i];
        if (std::ranges::count(device.numbers_, number) > 1)
            throw UsageError("--devices names device " + std::to_string(number) + " twice");
        device.name_ += (i > 0 ? "," : "") + std::to_string(number);
    }
#ifdef FACTORNET_CUDA
#ifndef FACTORNET_NCCL
    if (device.numbers_.size() > 1)
        throw UsageError(
            "--devices names several devices: this factornet was built without NCCL, which joins their work\n"
            "       add the component nccl, see docs/howto/run-on-a-gpu.md, or name one device");
#endif
    std::string models;
    for (const int number : device.numbers_)
        if (const std::string model = cuda_model_name(number); models.find(model) == std::string::npos)
            models += (models.empty() ? "" : ", ") + model;
    device.text_ = device.name_ + " (" + models + ", " + device.arithmetic_ + ")";
    return device;
#else
    throw UsageError(device.name_ +
                     ": this factornet was built without CUDA\n       build it with \"cmake --preset cuda\", see "
                     "docs/howto/run-on-a-gpu.md, or run on the processor with --device cpu");
#endif
}

Index Device::batch(Index threads) const {
    constexpr Index tiles_ahead = 2, windows_of_a_device = 1024;
    return is_cpu() ? tiles_ahead * AnyModel<>::windows_per_tile * std::min<Index>(threads, 16) : 4 * windows_of_a_device;
}

#ifdef FACTORNET_CUDA

AnyModel<> Device::place(AnyModel<> model, const FactorNetSizes& sizes, const std::vector<Index>& swapped_tracks) const {
    if (is_cpu()) return model;
    return with_arithmetic(arithmetic_,
                           [&]<class Precision>() { return cuda_network<Precision>(model, sizes, swapped_tracks, numbers_.front()); });
}

History Device::train(const TrainingJob& job) const {
    if (is_cpu()) return train_on_cpu(job);
    return with_arithmetic(arithmetic_, [&]<class Precision>() { return cuda_training<Precision>(job, numbers_); });
}

#else

AnyModel<> Device::place(AnyModel<> model, const FactorNetSizes&, const std::vector<Index>&) const { return model; }
History Device::train(const TrainingJob& job) const { return train_on_cpu(job); }

#endif

}  // namespace factornet
