// SPDX-License-Identifier: MIT
//
// Training on several devices compiles, and its gradients are added in device memory.
#if __has_include(<nccl.h>)

#include <chromatid/chromatid.hpp>
#include <chromatid/cuda.cuh>
#include <chromatid/dataset/batch.hpp>
#include <chromatid/loss/binary_cross_entropy.hpp>
#include <chromatid/optim/adam.hpp>
#include <chromatid/train/nccl_communicator.cuh>
#include <chromatid/train/trainer.hpp>

namespace {

using namespace chromatid;
using Network = Sequential<Flatten, Dense<1, Sigmoid>>;
static_assert(DeviceCommunicator<NcclCommunicator, Cuda<>>);

struct NoWindows {
    Index batches(Index) const { return 0; }
    void load(Index, Index, Batch&) const {}
};

[[maybe_unused]] void train_on_two_devices() {
    NcclCommunicator::run({0, 1}, [](NcclCommunicator all) {
        Cuda<>::Context on(all.device());
        Model<Network, Shape<10, 4>, Cuda<>> model;
        Trainer trainer(on, model, BinaryCrossEntropy{}, Adam{}, TrainerOptions{}, all);
        trainer.fit(NoWindows{});
    });
}

}  // namespace

#endif
