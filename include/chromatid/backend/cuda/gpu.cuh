// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/backend/cuda/constants.hpp>
#include <chromatid/backend/cuda/cudnn_conv1d.cuh>
#include <chromatid/backend/cuda/gpu_launch.cuh>
#include <chromatid/backend/cuda/grid.hpp>
#include <chromatid/backend/cuda/handles.cuh>
#include <chromatid/backend/cuda/kernel.hpp>
#include <chromatid/backend/cuda/kernel/for_each.hpp>
#include <chromatid/backend/cuda/memory.cuh>
#include <chromatid/backend/cuda/precision.hpp>
#include <chromatid/backend/cuda/products.cuh>
#include <chromatid/backend/cuda/status.cuh>
#include <chromatid/backend/cuda/step_graphs.hpp>
#include <chromatid/backend/geometry.hpp>
#include <chromatid/core/host_device.hpp>
#include <chromatid/core/index.hpp>

#include <cuda_runtime.h>

#include <array>
#include <cstddef>
#include <mutex>
#include <string>
#include <type_traits>
#include <utility>

namespace chromatid::cuda {

namespace detail {

/// c *= beta, row by row: a product over nothing.
struct Scale {
    float* c;
    Index columns, ldc;
    float beta;
    CHROMATID_HOST_DEVICE void operator()(Index i) const {
        float& element = c[i / columns * ldc + i % columns];
        element = beta == 0.0F ? 0.0F : beta * element;
    }
};

}  // namespace detail

/// A real device: what `Emulator` does in software is queued here on the stream of a context. Matrix products by cuBLASLt.
///
/// Every call that takes a context makes the context's device current for the calling thread. A context serves one thread at a time;
/// several contexts, of one device or of several, work side by side.
class Gpu {
  public:
    class Context;

    template <class T>
    using Buffer = DeviceBuffer<T>;
    template <class T>
    using PinnedBuffer = PinnedMemory<T>;
    using Graph = ExecutableGraph;

    /// A moment in the order of a context's calls, see `mark`; one that was never marked has come.
    class Event {
        friend class Gpu;
        cuda::Event event_;
    };

    /// Number of devices that this process may use.
    /// \throws NoDevice where there is no driver or no device
    static int devices() {
        int count = 0;
        CHROMATID_CUDA_CHECK(cudaGetDeviceCount(&count));
        if (count == 0) check(cudaErrorNoDevice, "cudaGetDeviceCount");
        return count;
    }

    /// The driver's name of a device, as in "NVIDIA H100 80GB HBM3".
    static std::string name(int device) {
        cudaDeviceProp properties{};
        CHROMATID_CUDA_CHECK(cudaGetDeviceProperties(&properties, device));
        return properties.name;
    }

    static bool is_device(const void* p) {
        cudaPointerAttributes attributes{};
        if (cudaPointerGetAttributes(&attributes, p) == cudaSuccess) return attributes.type == cudaMemoryTypeDevice;
        (void)cudaGetLastError();
        return false;
    }

    template <Kernel K>
    static void launch(Context& on, Grid grid, const K& kernel);

    static void copy_to_device(Context& on, std::size_t bytes, const void* host, void* device);
    static void copy_to_host(Context& on, std::size_t bytes, const void* device, void* host);
    /// Copies while what was asked for before still runs: on a second stream of the context. What is asked for afterwards waits for it.
    /// `host` is pinned, and nobody may use `device` any more.
    static void copy_ahead(Context& on, std::size_t bytes, const void* host, void* device);
    /// The event comes when all that was asked for so far is done.
    static void mark(Context& on, Event& event);
    /// Returns when the event has come.
    static void wait(const Event& event) {
        if (event.event_ != nullptr) CHROMATID_CUDA_CHECK(cudaEventSynchronize(event.event_.get()));
    }
    static void copy_on_device(Context& on, std::size_t bytes, const void* from, void* to);
    static void zero(Context& on, std::size_t bytes, void* p);
    /// Returns when all that was asked for is done.
    /// \throws CudaError  of any call since the last wait
    static void synchronize(Context& on);

    /// Copies to the host what was asked for before, of any context of the device that holds it; waits for it.
    static void fetch(std::size_t bytes, const void* device, void* host) {
        if (bytes == 0) return;
        cudaPointerAttributes attributes{};
        CHROMATID_CUDA_CHECK(cudaPointerGetAttributes(&attributes, device));
        CHROMATID_CUDA_CHECK(cudaSetDevice(attributes.device));
        const std::lock_guard lock(recording(attributes.device));
        CHROMATID_CUDA_CHECK(cudaDeviceSynchronize());  // streams of contexts do not wait for the default stream, nor it for them
        CHROMATID_CUDA_CHECK(cudaMemcpy(host, device, bytes, cudaMemcpyDeviceToHost));
    }

    template <class F>
    static Graph capture(Context& on, const F& f);
    static void launch(Context& on, const Graph& graph);
    /// Returns when the last copy of cells has read them.
    static void wait_for_cells(Context& on);
    static void copy_cells(Context& on, const std::byte* host, std::byte* device, std::size_t bytes);

    /// C = A B + beta C, row-major; factors rounded as `ProductPrecision` says.
    template <class Precision, bool TransposedA, bool TransposedB>
    static void gemm(Context& on, Index m, Index n, Index k, const float* a, Index lda, const float* b, Index ldb, float beta, float* c,
                     Index ldc);

    /// A convolution by cuDNN, see `Conv1DGeometry`.
    /// \return false, with nothing done, where cuDNN has none for these sizes that gives the same bits every time
    template <class Precision>
    static bool conv1d(Context& on, const Conv1DGeometry& g, const float* x, const float* kernel, float* y);

  private:
    static void expect_eager(const Context& on);
    /// Held while a step is recorded, and while all of a device is waited for: that fails, and breaks the recording, as long as any stream
    /// of the device is being recorded, in whichever mode and thread. Each device has its own, since one may wait for another's numbers.
    static std::recursive_mutex& recording(int device) {
        static std::array<std::recursive_mutex, 64> of_devices;
        return of_devices[static_cast<std::size_t>(device) % of_devices.size()];
    }
};

/// A stream of one device with what its calls need: workspace, algorithms for products, recorded steps, tables.
class Gpu::Context {
  public:
    static constexpr Index workspace_floats = Index{1} << 24;

    /// \throws NoDevice     where there is no driver or no device
    /// \throws DeviceError  for a number that no device has, or a device older than sm_80
    explicit Context(int device = 0) : device_(checked(device)) {}
    Context(const Context&) = delete;
    Context& operator=(const Context&) = delete;
    ~Context() {
        (void)cudaSetDevice(device_);
        (void)cudaStreamSynchronize(copies_.get());
        (void)cudaStreamSynchronize(stream_.get());
    }

    int device() const { return device_; }
    /// That a block may have, in bytes: 163 KB and more, or 99 KB on sm_86, sm_89 and sm_120.
    std::size_t shared_memory() const { return shared_memory_; }
    cudaStream_t stream() const { return stream_.get(); }
    StepGraphs<Gpu>& graphs() { return graphs_; }
    /// Memory for the inside of one primitive.
    Buffer<float>& workspace() { return workspace_; }
    Constants<Gpu>& constants() { return constants_; }
    template <class T>
    Late<T> late(const T& value) { return graphs_.late(value); }

  private:
    friend class Gpu;

    /// Makes it the current device, on which the members that follow are made.
    static int checked(int device) {
        const int count = devices();
        if (device < 0 || device >= count) {
            std::string what = "there is no CUDA device " + std::to_string(device) + ": this process may use";
            for (int i = 0; i < count; ++i) what += (i == 0 ? " " : ", ") + std::to_string(i) + " (" + name(i) + ")";
            throw DeviceError(what);
        }
        int major = 0;
        CHROMATID_CUDA_CHECK(cudaDeviceGetAttribute(&major, cudaDevAttrComputeCapabilityMajor, device));
        if (major < 8)
            throw DeviceError("CUDA device " + std::to_string(device) + " (" + name(device) +
                              ") is older than sm_80, the first that chromatid's kernels run on");
        CHROMATID_CUDA_CHECK(cudaSetDevice(device));
        return device;
    }
    static std::size_t shared_memory_of(int device) {
        int bytes = 0;
        CHROMATID_CUDA_CHECK(cudaDeviceGetAttribute(&bytes, cudaDevAttrMaxSharedMemoryPerBlockOptin, device));
        return static_cast<std::size_t>(bytes);
    }
    void make_current() const { CHROMATID_CUDA_CHECK(cudaSetDevice(device_)); }
    /// Whether a call is to be queued now: while a recorded step is gone through again nothing is.
    bool takes_calls() const {
        if (graphs_.mode() == StepMode::replaying) return false;
        make_current();
        return true;
    }

    int device_;
    std::size_t shared_memory_ = shared_memory_of(device_);
    Stream stream_ = make_stream(), copies_ = make_stream();
    cuda::Event copied_ahead_ = make_event(), cells_copied_ = make_event();
    Buffer<float> workspace_{workspace_floats};
    Products products_;
    CudnnConvolutions convolutions_;
    StepGraphs<Gpu> graphs_;
    Constants<Gpu> constants_;
};

template <Kernel K>
void Gpu::launch(Context& on, Grid grid, const K& kernel) {
    if (on.takes_calls()) launch_on(on.device_, on.stream(), grid, kernel);
}

inline void Gpu::expect_eager(const Context& on) {
    if (on.graphs_.mode() != StepMode::eager) throw DeviceError("a step that is recorded cannot wait for the device");
}

inline void Gpu::copy_to_device(Context& on, std::size_t bytes, const void* host, void* device) {
    expect_eager(on);
    on.make_current();
    if (bytes > 0) CHROMATID_CUDA_CHECK(cudaMemcpyAsync(device, host, bytes, cudaMemcpyHostToDevice, on.stream()));
}

inline void Gpu::copy_to_host(Context& on, std::size_t bytes, const void* device, void* host) {
    expect_eager(on);
    on.make_current();
    if (bytes > 0) CHROMATID_CUDA_CHECK(cudaMemcpyAsync(host, device, bytes, cudaMemcpyDeviceToHost, on.stream()));
}

inline void Gpu::copy_ahead(Context& on, std::size_t bytes, const void* host, void* device) {
    expect_eager(on);
    on.make_current();
    if (bytes == 0) return;
    CHROMATID_CUDA_CHECK(cudaMemcpyAsync(device, host, bytes, cudaMemcpyHostToDevice, on.copies_.get()));
    CHROMATID_CUDA_CHECK(cudaEventRecord(on.copied_ahead_.get(), on.copies_.get()));
    CHROMATID_CUDA_CHECK(cudaStreamWaitEvent(on.stream(), on.copied_ahead_.get()));
}

inline void Gpu::mark(Context& on, Event& event) {
    expect_eager(on);
    on.make_current();
    if (event.event_ == nullptr) event.event_ = make_event();
    CHROMATID_CUDA_CHECK(cudaEventRecord(event.event_.get(), on.stream()));
}

inline void Gpu::copy_on_device(Context& on, std::size_t bytes, const void* from, void* to) {
    if (bytes > 0 && on.takes_calls()) CHROMATID_CUDA_CHECK(cudaMemcpyAsync(to, from, bytes, cudaMemcpyDeviceToDevice, on.stream()));
}

inline void Gpu::zero(Context& on, std::size_t bytes, void* p) {
    if (bytes > 0 && on.takes_calls()) CHROMATID_CUDA_CHECK(cudaMemsetAsync(p, 0, bytes, on.stream()));
}

inline void Gpu::synchronize(Context& on) {
    expect_eager(on);
    on.make_current();
    CHROMATID_CUDA_CHECK(cudaStreamSynchronize(on.stream()));
}

template <class F>
Gpu::Graph Gpu::capture(Context& on, const F& f) {
    on.make_current();
    const std::lock_guard lock(recording(on.device_));
    // of this thread alone: other threads may go on allocating for their contexts
    CHROMATID_CUDA_CHECK(cudaStreamBeginCapture(on.stream(), cudaStreamCaptureModeThreadLocal));
    const auto end = [&on] {
        cudaGraph_t graph = nullptr;
        const cudaError_t code = cudaStreamEndCapture(on.stream(), &graph);
        return std::pair(code, CapturedGraph(graph));
    };
    try {
        f();
    } catch (...) {
        (void)end();
        (void)cudaGetLastError();
        throw;
    }
    const auto [code, graph] = end();
    check(code, "cudaStreamEndCapture");
    cudaGraphExec_t executable = nullptr;
    CHROMATID_CUDA_CHECK(cudaGraphInstantiate(&executable, graph.get(), 0));
    return Graph(executable);
}

inline void Gpu::launch(Context& on, const Graph& graph) {
    expect_eager(on);
    on.make_current();
    CHROMATID_CUDA_CHECK(cudaGraphLaunch(graph.get(), on.stream()));
}

inline void Gpu::wait_for_cells(Context& on) { CHROMATID_CUDA_CHECK(cudaEventSynchronize(on.cells_copied_.get())); }

inline void Gpu::copy_cells(Context& on, const std::byte* host, std::byte* device, std::size_t bytes) {
    copy_to_device(on, bytes, host, device);
    CHROMATID_CUDA_CHECK(cudaEventRecord(on.cells_copied_.get(), on.stream()));
}

template <class Precision, bool TransposedA, bool TransposedB>
void Gpu::gemm(Context& on, Index m, Index n, Index k, const float* a, Index lda, const float* b, Index ldb, float beta, float* c,
               Index ldc) {
    if (m == 0 || n == 0 || !on.takes_calls()) return;
    using Rounding = ProductPrecision<Precision, TransposedA, TransposedB>;
    if (k > 0) on.products_.run<Rounding, TransposedA, TransposedB>(on.stream(), m, n, k, a, lda, b, ldb, beta, c, ldc);
    else if (beta != 1.0F) for_each<Gpu>(on, m * n, detail::Scale{c, n, ldc, beta});
}

template <class Precision>
bool Gpu::conv1d(Context& on, const Conv1DGeometry& g, const float* x, const float* kernel, float* y) {
    // the workspace: packed filters, then cuDNN's own
    const Index per_filter = g.width * g.channels, packed = (per_filter * g.filters + 63) / 64 * 64, left = on.workspace().size() - packed;
    if (g.batch == 0 || g.out_length == 0 || g.filters == 0 || per_filter == 0 || left < 0) return false;
    on.make_current();
    const CudnnConv1D* plan =
        on.convolutions_.find(on.stream(), g, x, y, !std::is_same_v<Precision, Exact32>, left * static_cast<Index>(sizeof(float)));
    if (plan == nullptr) return false;
    if (!on.takes_calls()) return true;
    float* filters = on.workspace().data();
    for_each<Gpu>(on, per_filter * g.filters, FiltersFirst{kernel, filters, g.filters, per_filter});
    plan->run(on.convolutions_.handle(), x, filters, y, filters + packed);
    return true;
}

}  // namespace chromatid::cuda
