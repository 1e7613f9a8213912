// SPDX-License-Identifier: MIT
#include "cuda_network.cuh"

template chromatid::AnyModel<> factornet::cuda_network<chromatid::Exact32>(const chromatid::AnyModel<>&, const chromatid::FactorNetSizes&,
                                                                           const std::vector<chromatid::Index>&, int);
template chromatid::History factornet::cuda_training<chromatid::Exact32>(const TrainingJob&, const std::vector<int>&);

std::string factornet::cuda_model_name(int device) {
    const chromatid::cuda::Gpu::Context there(device);
    return chromatid::cuda::Gpu::name(there.device());
}
