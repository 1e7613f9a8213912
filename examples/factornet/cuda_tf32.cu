// SPDX-License-Identifier: MIT
#include "cuda_network.cuh"

template chromatid::AnyModel<> factornet::cuda_network<chromatid::TF32>(const chromatid::AnyModel<>&, const chromatid::FactorNetSizes&,
                                                                        const std::vector<chromatid::Index>&, int);
template chromatid::History factornet::cuda_training<chromatid::TF32>(const TrainingJob&, const std::vector<int>&);
