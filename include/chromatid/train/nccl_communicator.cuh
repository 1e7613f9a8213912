// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/backend/cuda/gpu.cuh>
#include <chromatid/core/error.hpp>
#include <chromatid/core/index.hpp>
#include <chromatid/train/communicator.hpp>
#include <chromatid/train/thread_communicator.hpp>

#include <nccl.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace chromatid {

/// Ranks that are CUDA devices of one machine, each with a thread of this process. Needs the component `nccl`.
///
///     NcclCommunicator::run(std::vector{0, 1}, [&](NcclCommunicator all) {
///         Cuda<>::Context on(all.device());
///         ...                                        // a model of its own on each
///         Trainer trainer(on, model, loss, optimizer, options, all);
///         trainer.fit(training, validation);
///     });
///
/// The gradients of a step become one sum in device memory by one call of NCCL on the context's stream, which a recorded step may hold; all
/// else goes through the host. NCCL adds in an order of its own: all ranks get the same bits, which depend on how many they are and may
/// depend on how they are connected. Recorded steps must go before the communicator does: make contexts after it, as above.
class NcclCommunicator {
  public:
    /// Calls `f(communicator)` on a thread for each device and returns when all have ended.
    /// \throws what `make` throws; the first exception that one of the ranks left
    template <class F>
    static void run(const std::vector<int>& devices, const F& f) {
        ThreadCommunicator::run(make(devices), f);
    }

    /// The communicators of these devices; rank r is `devices[r]`.
    /// \throws UsageError for no device, or one that is named twice; cuda::NoDevice, DeviceError where one is absent or NCCL cannot connect
    ///     them
    static std::vector<NcclCommunicator> make(const std::vector<int>& devices) {
        for (const int device : devices)
            if (std::ranges::count(devices, device) > 1)
                throw UsageError("device " + std::to_string(device) + " is named twice: each rank needs its own");
        const int there = cuda::Gpu::devices();
        for (const int device : devices)
            if (device < 0 || device >= there)
                throw DeviceError("there is no CUDA device " + std::to_string(device) + ": this process may use " + std::to_string(there) +
                                  ", counted from 0");
        const std::vector<ThreadCommunicator> hosts = ThreadCommunicator::make(static_cast<Index>(devices.size()));
        const auto links = std::make_shared<Links>(devices);
        std::vector<NcclCommunicator> all;
        for (std::size_t r = 0; r < devices.size(); ++r) all.push_back(NcclCommunicator(hosts[r], links, devices[r]));
        return all;
    }

    Index rank() const { return host_.rank(); }
    Index size() const { return host_.size(); }
    int device() const { return device_; }

    void send(std::span<const std::byte> bytes, Index to) { host_.send(bytes, to); }
    void receive(std::span<std::byte> bytes, Index from) { host_.receive(bytes, from); }
    void broadcast(std::span<std::byte> bytes, Index from) { host_.broadcast(bytes, from); }
    void exchange(std::span<const std::byte> mine, std::span<std::byte> of_all) { host_.exchange(mine, of_all); }
    void barrier() { host_.barrier(); }
    /// Ends what waits on the host and on the devices.
    void abort(const std::string& message) {
        host_.abort(message);
        links_->abort();
    }

    /// Queues on the context's stream that each rank's numbers become the sum of all.
    /// \param numbers  in the memory of this rank's device
    /// \throws Aborted; DeviceError with NCCL's text
    void sum(cuda::Gpu::Context& on, Index n, float* numbers) {
        if (n > 0 && on.graphs().mode() != cuda::StepMode::replaying) links_->sum(rank(), on.stream(), n, numbers);
    }

  private:
    /// NCCL's communicators of all ranks, since one that fails must end them all.
    class Links {
      public:
        explicit Links(const std::vector<int>& devices) : links_(devices.size()) {
            check(ncclCommInitAll(links_.data(), static_cast<int>(devices.size()), devices.data()), nullptr, "ncclCommInitAll");
        }
        Links(const Links&) = delete;
        Links& operator=(const Links&) = delete;
        ~Links() {
            for (std::thread& thread : ending_) thread.join();
            if (aborted_) return;
            for (const ncclComm_t link : links_) ncclCommDestroy(link);
        }

        void sum(Index rank, cudaStream_t stream, Index n, float* numbers) {
            const std::shared_lock lock(mutex_);
            if (aborted_) throw Aborted("another rank failed");
            const ncclComm_t link = links_[static_cast<std::size_t>(rank)];
            check(ncclAllReduce(numbers, numbers, static_cast<std::size_t>(n), ncclFloat32, ncclSum, link, stream), link, "ncclAllReduce");
        }
        /// Kernels that wait for a rank that will not come end, with numbers that mean nothing. NCCL's call comes back only when no graph
        /// holds a sum of its link any more, and the rank that calls this still has its own graphs, as the others have theirs: so each
        /// link ends on a thread, and the destructor waits for those.
        void abort() {
            if (aborted_.exchange(true)) return;
            for (const ncclComm_t link : links_)
                ending_.emplace_back([this, link] {
                    // A rank may be within a call for its link. That comes back at once, but for the first ones, in which NCCL connects
                    // ranks: these wait for a rank that has failed before, until their link ends.
                    if (mutex_.try_lock_for(std::chrono::seconds(2))) mutex_.unlock();
                    ncclCommAbort(link);
                });
        }

      private:
        static void check(ncclResult_t code, ncclComm_t link, const char* call) {
            if (code == ncclSuccess) return;
            const std::string text = ncclGetErrorString(code), more = ncclGetLastError(link);
            throw DeviceError("NCCL: " + text + " in " + call + (more.empty() ? "" : "\n" + more));
        }

        std::vector<ncclComm_t> links_;
        std::vector<std::thread> ending_;
        std::shared_timed_mutex mutex_;
        std::atomic<bool> aborted_ = false;
    };

    NcclCommunicator(ThreadCommunicator host, std::shared_ptr<Links> links, int device)
        : host_(std::move(host)), links_(std::move(links)), device_(device) {}

    ThreadCommunicator host_;
    std::shared_ptr<Links> links_;
    int device_;
};
static_assert(Communicator<NcclCommunicator>);

}  // namespace chromatid
