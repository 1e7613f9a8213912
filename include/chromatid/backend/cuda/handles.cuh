// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/backend/cuda/status.cuh>

#include <cublasLt.h>
#include <cuda_runtime.h>

#include <memory>
#include <type_traits>

namespace chromatid::cuda {

namespace detail {

template <class Pointer, auto Destroy>
struct Destroyer {
    using pointer = Pointer;
    void operator()(Pointer p) const noexcept { (void)Destroy(p); }
};

}  // namespace detail

/// What CUDA or one of its libraries gave, destroyed by `Destroy` at the end of its life; `get()` is the library's own pointer.
template <class Pointer, auto Destroy>
using Owned = std::unique_ptr<std::remove_pointer_t<Pointer>, detail::Destroyer<Pointer, Destroy>>;

using Stream = Owned<cudaStream_t, cudaStreamDestroy>;
using Event = Owned<cudaEvent_t, cudaEventDestroy>;
using CapturedGraph = Owned<cudaGraph_t, cudaGraphDestroy>;
using ExecutableGraph = Owned<cudaGraphExec_t, cudaGraphExecDestroy>;
using Cublas = Owned<cublasLtHandle_t, cublasLtDestroy>;

/// A stream of its own: it neither waits for the default stream nor makes that wait.
inline Stream make_stream() {
    cudaStream_t stream = nullptr;
    CHROMATID_CUDA_CHECK(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking));
    return Stream(stream);
}

/// For order alone; an event that also takes the time costs more.
inline Event make_event() {
    cudaEvent_t event = nullptr;
    CHROMATID_CUDA_CHECK(cudaEventCreateWithFlags(&event, cudaEventDisableTiming));
    return Event(event);
}

inline Cublas make_cublas() {
    cublasLtHandle_t handle = nullptr;
    CHROMATID_CUDA_CHECK(cublasLtCreate(&handle));
    return Cublas(handle);
}

}  // namespace chromatid::cuda
