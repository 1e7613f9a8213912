// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/cuda.cuh>
#include <chromatid/loss/binary_cross_entropy.hpp>
#include <chromatid/network/factornet.hpp>
#include <chromatid/network/on_device.hpp>
#include <chromatid/train/trainer.hpp>

#include "cuda_network.hpp"
#include "run_training.hpp"
#ifdef FACTORNET_NCCL
#include <chromatid/train/nccl_communicator.cuh>
#endif

#include <algorithm>
#include <memory>
#include <span>
#include <utility>

namespace factornet {

namespace detail {

/// A FactorNet with the weights of another.
template <class Precision>
chromatid::AnyModel<chromatid::Cuda<float, Precision>> network_on_cuda(const chromatid::AnyModel<>& model,
                                                                       const chromatid::FactorNetSizes& sizes,
                                                                       const std::vector<chromatid::Index>& swapped_tracks) {
    auto network = chromatid::make_factornet<chromatid::Cuda<float, Precision>>(sizes, swapped_tracks);
    std::ranges::copy(model.parameters(), network.parameters().begin());
    return network;
}

}  // namespace detail

template <class Precision>
chromatid::AnyModel<> cuda_network(const chromatid::AnyModel<>& model, const chromatid::FactorNetSizes& sizes,
                                   const std::vector<chromatid::Index>& swapped_tracks, int device) {
    using Context = typename chromatid::Cuda<float, Precision>::Context;
    return chromatid::OnDevice(detail::network_on_cuda<Precision>(model, sizes, swapped_tracks),
                               [device] { return std::make_unique<Context>(device); });
}

template <class Precision>
chromatid::History cuda_training(const TrainingJob& job, const std::vector<int>& devices) {
    using namespace chromatid;
    using Backend = Cuda<float, Precision>;
    const std::span<float> weights = job.model.parameters();
    if (devices.size() == 1) {
        typename Backend::Context on(devices.front());
        auto network = detail::network_on_cuda<Precision>(job.model, job.sizes, job.swapped_tracks);
        History history =
            run_training(job, [&](const auto& optimizer) { return Trainer(on, network, BinaryCrossEntropy{}, optimizer, job.how); });
        std::ranges::copy(std::as_const(network).parameters(), weights.begin());
        return history;
    }
#ifdef FACTORNET_NCCL
    History history;
    NcclCommunicator::run(devices, [&](NcclCommunicator all) {
        typename Backend::Context on(all.device());
        auto network = detail::network_on_cuda<Precision>(job.model, job.sizes, job.swapped_tracks);
        History own =
            run_training(job, [&](const auto& optimizer) { return Trainer(on, network, BinaryCrossEntropy{}, optimizer, job.how, all); });
        all.barrier();  // nobody copies first weights any more
        if (all.rank() > 0) return;
        std::ranges::copy(std::as_const(network).parameters(), weights.begin());
        history = std::move(own);
    });
    return history;
#else
    throw UsageError("--devices names several devices: this factornet was built without NCCL");  // Device::open says so before
#endif
}

}  // namespace factornet
