// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/backend/cuda/constants.hpp>
#include <chromatid/backend/cuda/emulated_memory.hpp>
#include <chromatid/backend/cuda/emulated_queue.hpp>
#include <chromatid/backend/cuda/grid.hpp>
#include <chromatid/backend/cuda/half.hpp>
#include <chromatid/backend/cuda/host_block.hpp>
#include <chromatid/backend/cuda/kernel.hpp>
#include <chromatid/backend/cuda/precision.hpp>
#include <chromatid/backend/cuda/step_graphs.hpp>
#include <chromatid/core/index.hpp>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

namespace chromatid::cuda {

/// A device in software, on the processor: the same kernels, launched block by block on `HostBlock`; products by plain loops. For tests,
/// never for speed. Graphs are recorded calls. Calls wait in a queue as on a device, see `EmulatedQueue`, until somebody waits for them.
///
/// It is the list of what `BasicCuda` needs of a device: memory, copies, launches, products of matrices, graphs.
class Emulator {
  public:
    class Context;

    /// Device memory; not initialized, not copyable.
    template <class T>
    class Buffer {
      public:
        Buffer() = default;
        explicit Buffer(Index size)
            : data_(static_cast<T*>(EmulatedMemory::instance().allocate(static_cast<std::size_t>(size) * sizeof(T)))), size_(size) {}
        T* data() const { return data_.get(); }
        Index size() const { return size_; }

      private:
        struct Free {
            void operator()(T* p) const {
                EmulatedQueue::finish_all();  // as the driver does
                EmulatedMemory::instance().free(p);
            }
        };
        std::unique_ptr<T, Free> data_;
        Index size_ = 0;
    };

    /// Host memory that copies of a device read and write directly.
    template <class T>
    class PinnedBuffer {
      public:
        PinnedBuffer() = default;
        explicit PinnedBuffer(Index size) : data_(new T[static_cast<std::size_t>(size)]()), size_(size) {
            EmulatedMemory::instance().pin(data_.get(), static_cast<std::size_t>(size) * sizeof(T));
        }
        T* data() { return data_.get(); }
        const T* data() const { return data_.get(); }
        Index size() const { return size_; }

      private:
        struct Free {
            void operator()(T* p) const {
                EmulatedQueue::finish_all();  // as the driver does
                EmulatedMemory::instance().unpin(p);
                delete[] p;
            }
        };
        std::unique_ptr<T[], Free> data_;
        Index size_ = 0;
    };

    /// A moment in the order of a context's calls, see `mark`; one that was never marked has come.
    class Event {
        friend class Emulator;
        std::shared_ptr<EmulatedQueue> queue_;
        std::size_t calls_ = 0;  // of the queue that it comes after
    };

    /// Recorded calls.
    struct Graph {
        std::vector<std::function<void()>> calls;
    };

    class Context {
      public:
        static constexpr Index workspace_floats = Index{1} << 20;

        /// \param shared_memory  that a block may have, in bytes
        explicit Context(int device = 0, std::size_t shared_memory = 163 * 1024)
            : device_(device), shared_memory_(shared_memory), workspace_(workspace_floats) {}
        Context(const Context&) = delete;
        Context& operator=(const Context&) = delete;
        ~Context() { queue_->finish(); }

        int device() const { return device_; }
        std::size_t shared_memory() const { return shared_memory_; }
        StepGraphs<Emulator>& graphs() { return graphs_; }
        /// Memory for the inside of one primitive.
        Buffer<float>& workspace() { return workspace_; }
        Constants<Emulator>& constants() { return constants_; }
        template <class T>
        Late<T> late(const T& value) { return graphs_.late(value); }

      private:
        friend class Emulator;

        void submit(std::function<void()> call) {
            switch (graphs_.mode()) {
                case StepMode::eager: return queue_->push(std::move(call));
                case StepMode::capturing: return recording_.calls.push_back(std::move(call));
                case StepMode::replaying: return;
            }
        }
        void expect_eager() const {
            if (graphs_.mode() != StepMode::eager) throw DeviceError("a step that is recorded cannot wait for the device");
        }

        int device_;
        std::size_t shared_memory_;
        std::shared_ptr<EmulatedQueue> queue_ = EmulatedQueue::make();
        Event cells_copied_;
        Buffer<float> workspace_;
        Graph recording_;
        StepGraphs<Emulator> graphs_;
        Constants<Emulator> constants_;
    };

    static bool is_device(const void* p) { return EmulatedMemory::instance().contains(p); }

    template <Kernel K>
    static void launch(Context& on, Grid grid, const K& kernel) {
        if (sizeof(typename K::Shared) > on.shared_memory()) throw DeviceError("a kernel takes more shared memory than a block may have");
        on.submit([grid, kernel] {
            const auto shared = std::make_unique<typename K::Shared>();
            for (Index y = 0; y < grid.y; ++y)
                for (Index x = 0; x < grid.x; ++x) {
                    std::memset(static_cast<void*>(shared.get()), 0xFF, sizeof *shared);
                    HostBlock<K::threads> block(x, y, grid.x);
                    kernel(block, *shared);
                }
        });
    }

    /// What is not pinned is read at once, as the driver does.
    static void copy_to_device(Context& on, std::size_t bytes, const void* host, void* device) {
        on.expect_eager();
        if (bytes == 0) return;
        if (EmulatedMemory::instance().is_pinned(host)) return on.submit([=] { std::memcpy(device, host, bytes); });
        const auto first = static_cast<const std::byte*>(host);
        on.submit([device, read = std::vector<std::byte>(first, first + bytes)] { std::memcpy(device, read.data(), read.size()); });
    }
    static void copy_to_host(Context& on, std::size_t bytes, const void* device, void* host) {
        on.expect_eager();
        if (bytes > 0) on.submit([=] { std::memcpy(host, device, bytes); });
    }
    /// Copies while what was asked for before still runs: on a second stream of the context. What is asked for afterwards waits for it.
    /// `host` is pinned, and nobody may use `device` any more.
    static void copy_ahead(Context& on, std::size_t bytes, const void* host, void* device) {
        on.expect_eager();
        if (bytes > 0) EmulatedMemory::instance().touch([=] { std::memcpy(device, host, bytes); });  // before all that waits
    }
    /// The event comes when all that was asked for so far is done.
    static void mark(Context& on, Event& event) {
        on.expect_eager();
        event.queue_ = on.queue_;
        event.calls_ = on.queue_->pushed();
    }
    /// Returns when the event has come.
    static void wait(const Event& event) {
        if (event.queue_ != nullptr) event.queue_->finish(event.calls_);
    }
    /// Copies to the host without a context, once all that any context has asked of the device is done.
    static void fetch(std::size_t bytes, const void* device, void* host) {
        EmulatedQueue::finish_all();
        if (bytes > 0) EmulatedMemory::instance().touch([=] { std::memcpy(host, device, bytes); });
    }
    static void copy_on_device(Context& on, std::size_t bytes, const void* from, void* to) {
        if (bytes > 0) on.submit([=] { std::memcpy(to, from, bytes); });
    }
    static void zero(Context& on, std::size_t bytes, void* p) {
        if (bytes > 0) on.submit([=] { std::memset(p, 0, bytes); });
    }
    /// Returns when all that was asked for is done.
    static void synchronize(Context& on) {
        on.expect_eager();
        on.queue_->finish();
    }

    template <class F>
    static Graph capture(Context& on, const F& f) {
        on.recording_ = {};
        f();
        return std::exchange(on.recording_, {});
    }
    static void launch(Context& on, const Graph& graph) {
        for (const auto& call : graph.calls) on.submit(call);
    }
    static void wait_for_cells(Context& on) { wait(on.cells_copied_); }
    static void copy_cells(Context& on, const std::byte* host, std::byte* device, std::size_t bytes) {
        copy_to_device(on, bytes, host, device);
        mark(on, on.cells_copied_);
    }

    /// C = A B + beta C, row-major; factors rounded as `ProductPrecision` says.
    template <class Precision, bool TransposedA, bool TransposedB>
    static void gemm(Context& on, Index m, Index n, Index k, const float* a, Index lda, const float* b, Index ldb, float beta, float* c,
                     Index ldc) {
        using Rounding = ProductPrecision<Precision, TransposedA, TransposedB>;
        on.submit([=] {
            for (Index i = 0; i < m; ++i)
                for (Index j = 0; j < n; ++j) {
                    float sum = 0;
                    for (Index l = 0; l < k; ++l)
                        sum += rounded<Rounding>(a[TransposedA ? l * lda + i : i * lda + l]) *
                               rounded<Rounding>(b[TransposedB ? j * ldb + l : l * ldb + j]);
                    c[i * ldc + j] = beta == 0.0F ? sum : sum + beta * c[i * ldc + j];
                }
        });
    }

  private:
    template <class Precision>
    static float rounded(float x) {
        if constexpr (std::is_same_v<Precision, F16>) return Half::to_float(Half::from_float(x));
        else if constexpr (std::is_same_v<Precision, BF16>) return Bfloat::to_float(Bfloat::from_float(x));
        else if constexpr (std::is_same_v<Precision, TF32>)
            return std::bit_cast<float>((std::bit_cast<std::uint32_t>(x) + 0x0FFFU + (std::bit_cast<std::uint32_t>(x) >> 13 & 1U)) &
                                        ~0x1FFFU);
        else return x;
    }
};

}  // namespace chromatid::cuda
