// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/index.hpp>
#include <chromatid/network/any_model.hpp>
#include <chromatid/network/factornet_sizes.hpp>
#include <chromatid/train/history.hpp>

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace factornet {

struct TrainingJob;

/// Where a network runs and how products round there, as the command line says it.
struct DeviceOptions {
    std::string device = "cpu";          ///< --device: cpu, cuda or cuda:N
    std::string arithmetic = "exact32";  ///< --arithmetic: exact32, tf32, f16 or bf16
    std::vector<int> devices;            ///< --devices of train: numbers of CUDA devices that share a run; instead of `device`
};

/// Adds --device to a command's group "Run".
void add_device_option(CLI::App& command, DeviceOptions& options);
/// Whether a word is one of those of --arithmetic.
bool is_arithmetic(const std::string& word);
/// Adds --arithmetic. Where a command has no other meaning for it, --precision is the same.
/// \param names  "--precision,--arithmetic"
void add_arithmetic_option(CLI::App& command, std::string& arithmetic, const std::string& names, const std::string& group);

/// A device that is there: the processor, or one or several CUDA devices.
class Device {
  public:
    /// Whether this build knows any but the processor.
    static const bool has_cuda;

    /// \throws chromatid::UsageError for what is misspelled, does not go together, or is not in this build; chromatid::DeviceError where
    ///         there is no such device
    static Device open(const DeviceOptions& options);

    bool is_cpu() const { return numbers_.empty(); }
    /// "cpu", "cuda:0" or "cuda:0,1"
    const std::string& name() const { return name_; }
    /// "cpu", or "cuda:0 (NVIDIA H100 80GB HBM3, tf32)"
    const std::string& text() const { return text_; }
    /// "exact32", ...
    const std::string& arithmetic() const { return arithmetic_; }
    /// Windows that are worth to be scored at a time.
    chromatid::Index batch(chromatid::Index threads) const;

    /// The network on this device, behind the same calls. Its weights are copied now.
    /// \param swapped_tracks  as `make_factornet` takes them
    chromatid::AnyModel<> place(chromatid::AnyModel<> model, const chromatid::FactorNetSizes& sizes,
                                const std::vector<chromatid::Index>& swapped_tracks) const;
    /// Trains here. `job.model` gets the last weights.
    chromatid::History train(const TrainingJob& job) const;

  private:
    std::vector<int> numbers_;  // of CUDA devices; none: the processor
    std::string arithmetic_, name_, text_;
};

}  // namespace factornet
