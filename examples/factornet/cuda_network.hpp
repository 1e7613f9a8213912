// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/backend/cuda/precision.hpp>
#include <chromatid/core/index.hpp>
#include <chromatid/network/any_model.hpp>
#include <chromatid/network/factornet_sizes.hpp>
#include <chromatid/train/history.hpp>

#include <string>
#include <vector>

// What the program's CUDA part offers to the rest of it, which is compiled without CUDA's headers. One .cu file for each precision.

namespace factornet {

struct TrainingJob;

/// "NVIDIA H100 80GB HBM3"
/// \throws chromatid::DeviceError where there is no such device, or no driver
std::string cuda_model_name(int device);

/// A FactorNet on a device with the weights of `model`, behind the calls of one on the processor.
template <class Precision>
chromatid::AnyModel<> cuda_network(const chromatid::AnyModel<>& model, const chromatid::FactorNetSizes& sizes,
                                   const std::vector<chromatid::Index>& swapped_tracks, int device);

/// Trains on one device, or on several that share each batch; the weights come from `job.model` and go there in the end.
template <class Precision>
chromatid::History cuda_training(const TrainingJob& job, const std::vector<int>& devices);

}  // namespace factornet
