// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/backend/cuda/handles.cuh>
#include <chromatid/backend/cuda/out_of_memory.hpp>
#include <chromatid/core/index.hpp>

#include <cuda_runtime.h>

#include <cstddef>
#include <string>
#include <type_traits>

namespace chromatid::cuda {

/// Device memory; not initialized, not copyable. Lies on the device that is current for the calling thread: that of the context which the
/// thread used last. Its end waits for what the device is doing with it.
template <class T>
class DeviceBuffer {
  public:
    static_assert(std::is_trivially_copyable_v<T>);

    DeviceBuffer() = default;
    /// \throws OutOfMemory
    explicit DeviceBuffer(Index size) : size_(size) {
        if (size == 0) return;
        const std::size_t bytes = static_cast<std::size_t>(size) * sizeof(T);
        void* p = nullptr;
        const cudaError_t code = cudaMalloc(&p, bytes);
        if (code == cudaErrorMemoryAllocation) {
            (void)cudaGetLastError();
            int device = 0;
            std::size_t free = 0, total = 0;
            CHROMATID_CUDA_CHECK(cudaGetDevice(&device));
            CHROMATID_CUDA_CHECK(cudaMemGetInfo(&free, &total));
            throw OutOfMemory("CUDA device " + std::to_string(device), bytes, free);
        }
        check(code, "cudaMalloc");
        data_.reset(static_cast<T*>(p));
    }
    T* data() const { return data_.get(); }
    Index size() const { return size_; }

  private:
    Owned<T*, cudaFree> data_;
    Index size_ = 0;
};

/// Host memory that copies of a device read and write directly, while the processor goes on.
template <class T>
class PinnedMemory {
  public:
    static_assert(std::is_trivially_copyable_v<T>);

    PinnedMemory() = default;
    explicit PinnedMemory(Index size) : size_(size) {
        if (size == 0) return;
        void* p = nullptr;
        CHROMATID_CUDA_CHECK(cudaHostAlloc(&p, static_cast<std::size_t>(size) * sizeof(T), cudaHostAllocPortable));
        data_.reset(static_cast<T*>(p));
    }
    T* data() { return data_.get(); }
    const T* data() const { return data_.get(); }
    Index size() const { return size_; }

  private:
    Owned<T*, cudaFreeHost> data_;
    Index size_ = 0;
};

}  // namespace chromatid::cuda
