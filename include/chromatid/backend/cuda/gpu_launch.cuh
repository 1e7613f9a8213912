// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/backend/cuda/device_block.cuh>
#include <chromatid/backend/cuda/grid.hpp>
#include <chromatid/backend/cuda/kernel.hpp>
#include <chromatid/backend/cuda/status.cuh>

#include <cuda_runtime.h>

#include <cstddef>
#include <mutex>
#include <set>
#include <string>
#include <type_traits>
#include <utility>

namespace chromatid::cuda {

namespace detail {

template <class K>
consteval int blocks_per_sm() {
    if constexpr (requires { K::blocks_per_sm; }) return K::blocks_per_sm;
    else return 1;
}

/// Bytes of shared memory of a block.
template <class K>
inline constexpr std::size_t shared_bytes = std::is_empty_v<typename K::Shared> ? 0 : sizeof(typename K::Shared);

/// Lets a kernel have `bytes` of shared memory for each block on `device`, the current one. CUDA is asked once for each kernel and device.
/// \throws DeviceError where a block cannot have that much: sm_86, sm_89 and sm_120 have 99 KB, where sm_80 has 163 KB
inline void allow_shared(int device, const void* function, std::size_t bytes) {
    // known by address: nvcc gives each translation unit a `__global__` template of its own, where a static variable is shared by all
    static std::mutex mutex;
    static std::set<std::pair<const void*, int>> allowed;
    const std::lock_guard lock(mutex);
    if (allowed.contains({function, device})) return;
    int most = 0;
    CHROMATID_CUDA_CHECK(cudaDeviceGetAttribute(&most, cudaDevAttrMaxSharedMemoryPerBlockOptin, device));
    if (bytes > static_cast<std::size_t>(most))
        throw DeviceError("CUDA device " + std::to_string(device) + " has " + std::to_string(most) +
                          " bytes of shared memory for a block, a kernel that is asked for needs " + std::to_string(bytes));
    CHROMATID_CUDA_CHECK(cudaFuncSetAttribute(function, cudaFuncAttributeMaxDynamicSharedMemorySize, static_cast<int>(bytes)));
    allowed.emplace(function, device);
}

}  // namespace detail

/// Every kernel on a device: one block of `K`.
template <class K>
__global__ void __launch_bounds__(K::threads, detail::blocks_per_sm<K>()) run_kernel(const __grid_constant__ K kernel) {
    extern __shared__ __align__(128) unsigned char shared[];
    DeviceBlock<K::threads> block;
    kernel(block, *reinterpret_cast<typename K::Shared*>(shared));
}

/// Queues `kernel` on a stream of the current device, which is `device`.
/// \throws DeviceError for a grid that no device can hold, or shared memory that this one has not; CudaError where the launch fails
template <Kernel K>
void launch_on(int device, cudaStream_t stream, Grid grid, const K& kernel) {
    static_assert(detail::shared_bytes<K> <= 163 * 1024, "sm_80 has less shared memory for one block");
    static_assert(alignof(typename K::Shared) <= 128);
    if (grid.x <= 0 || grid.y <= 0) return;
    if (grid.x > 0x7FFFFFFF || grid.y > 65'535)
        throw DeviceError("CUDA: a grid of " + std::to_string(grid.x) + " x " + std::to_string(grid.y) +
                          " blocks is larger than a device can hold");

    const auto function = reinterpret_cast<const void*>(&run_kernel<K>);
    // more than that a kernel must ask for
    if constexpr (detail::shared_bytes<K> > 48 * 1024) detail::allow_shared(device, function, detail::shared_bytes<K>);
    void* arguments[] = {const_cast<K*>(&kernel)};
    CHROMATID_CUDA_CHECK(cudaLaunchKernel(function, dim3(static_cast<unsigned>(grid.x), static_cast<unsigned>(grid.y)), dim3(K::threads),
                                          arguments, detail::shared_bytes<K>, stream));
}

}  // namespace chromatid::cuda
