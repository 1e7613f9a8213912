// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/backend/cuda/half.hpp>
#include <chromatid/core/index.hpp>

#include <cuda_runtime.h>

#include <cstdint>
#include <type_traits>

namespace chromatid::cuda {

/// A block of threads on the device: what `HostBlock` describes, at no cost. `each` runs this thread, and a `Private` is a register.
template <int Threads>
class DeviceBlock {
  public:
    static constexpr int threads = Threads;

    template <class T>
    struct Private {
        T value;
        __device__ __forceinline__ T& operator()(int) { return value; }
    };
    struct Fragment {
        std::uint32_t r[4];
    };

    __device__ __forceinline__ Index x() const { return static_cast<Index>(blockIdx.x); }
    __device__ __forceinline__ Index y() const { return static_cast<Index>(blockIdx.y); }
    __device__ __forceinline__ Index blocks_x() const { return static_cast<Index>(gridDim.x); }

    template <class F>
    __device__ __forceinline__ void each(const F& f) { f(static_cast<int>(threadIdx.x)); }
    __device__ __forceinline__ void sync() { __syncthreads(); }
    __device__ __forceinline__ void sync_warp() { __syncwarp(); }

    template <class T>
    __device__ __forceinline__ void shuffle_xor(Private<T>& to, Private<T>& from, int mask) {
        to.value = __shfl_xor_sync(0xFFFFFFFFU, from.value, mask);
    }

    __device__ __forceinline__ void load_matrices(Private<Fragment>& to, Private<const void*>& rows) {
        const auto address = static_cast<std::uint32_t>(__cvta_generic_to_shared(rows.value));
        asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
                     : "=r"(to.value.r[0]), "=r"(to.value.r[1]), "=r"(to.value.r[2]), "=r"(to.value.r[3])
                     : "r"(address)
                     : "memory");
    }

    __device__ __forceinline__ void load_matrices_transposed(Private<Fragment>& to, Private<const void*>& rows) {
        const auto address = static_cast<std::uint32_t>(__cvta_generic_to_shared(rows.value));
        asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0, %1, %2, %3}, [%4];"
                     : "=r"(to.value.r[0]), "=r"(to.value.r[1]), "=r"(to.value.r[2]), "=r"(to.value.r[3])
                     : "r"(address)
                     : "memory");
    }

    template <class Format, class C, class A, class B>
    __device__ __forceinline__ void mma(const C& sums, const A& left, const B& right) {
        const int thread = static_cast<int>(threadIdx.x);
        float* c = sums(thread);
        const std::uint32_t *a = left(thread), *b = right(thread);
        if constexpr (std::is_same_v<Format, Half>)
            asm volatile("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
                         : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
                         : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
        else
            asm volatile(
                "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
                : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
                : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
    }
};

}  // namespace chromatid::cuda
