// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/backend/cuda/handles.cuh>
#include <chromatid/backend/cuda/memory.cuh>
#include <chromatid/backend/cuda/precision.hpp>
#include <chromatid/core/index.hpp>

#include <cublasLt.h>

#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <type_traits>

namespace chromatid::cuda {

/// Products of matrices by cuBLASLt, for one context: C = A B + beta C, row-major.
///
/// cuBLAS counts by columns: what is row-major for us is the transposed matrix for it, so it is asked for C' = B' A'. For each shape its
/// heuristic is asked once and the answer kept: the same algorithm, hence the same bits, in every later call, and nothing is searched while
/// a graph is recorded.
class Products {
  public:
    static constexpr Index workspace_bytes = Index{32} << 20;  ///< what cuBLAS recommends for sm_90

    Products() : handle_(make_cublas()), workspace_(workspace_bytes) {}

    /// m, n and k are positive.
    template <class Precision, bool TransposedA, bool TransposedB>
    void run(cudaStream_t stream, Index m, Index n, Index k, const float* a, Index lda, const float* b, Index ldb, float beta, float* c,
             Index ldc) {
        const Plan& plan = find({m, n, k, lda, ldb, ldc, alignment(a), alignment(b), alignment(c), TransposedA, TransposedB, beta != 0.0F,
                                 compute_type<Precision>()});
        const float one = 1.0F;
        CHROMATID_CUDA_CHECK(cublasLtMatmul(handle_.get(), plan.product.get(), &one, b, plan.b.get(), a, plan.a.get(), &beta, c,
                                            plan.c.get(), c, plan.c.get(), &plan.algorithm, workspace_.data(),
                                            static_cast<std::size_t>(workspace_bytes), stream));
    }

  private:
    using Product = Owned<cublasLtMatmulDesc_t, cublasLtMatmulDescDestroy>;
    using Layout = Owned<cublasLtMatrixLayout_t, cublasLtMatrixLayoutDestroy>;
    using Preference = Owned<cublasLtMatmulPreference_t, cublasLtMatmulPreferenceDestroy>;

    struct Key {
        Index m, n, k, lda, ldb, ldc;
        std::uint32_t align_a, align_b, align_c;  ///< bytes
        bool transposed_a, transposed_b, adds;
        cublasComputeType_t compute;
        auto operator<=>(const Key&) const = default;
    };
    struct Plan {
        Product product;
        Layout a, b, c;
        cublasLtMatmulAlgo_t algorithm{};
    };

    template <class Precision>
    static constexpr cublasComputeType_t compute_type() {
        if constexpr (std::is_same_v<Precision, TF32>) return CUBLAS_COMPUTE_32F_FAST_TF32;
        else if constexpr (std::is_same_v<Precision, F16>) return CUBLAS_COMPUTE_32F_FAST_16F;
        else if constexpr (std::is_same_v<Precision, BF16>) return CUBLAS_COMPUTE_32F_FAST_16BF;
        else return CUBLAS_COMPUTE_32F;
    }
    /// Up to 16 bytes: no load is wider.
    static std::uint32_t alignment(const float* p) {
        const auto address = reinterpret_cast<std::uintptr_t>(p);
        return address % 16 == 0 ? 16 : address % 8 == 0 ? 8 : 4;
    }

    const Plan& find(const Key& key) {
        const auto found = plans_.find(key);
        return found != plans_.end() ? found->second : plans_.emplace(key, make(key)).first->second;
    }

    Plan make(const Key& key) const {
        Plan plan;
        plan.a = key.transposed_a ? layout(key.m, key.k, key.lda) : layout(key.k, key.m, key.lda);
        plan.b = key.transposed_b ? layout(key.k, key.n, key.ldb) : layout(key.n, key.k, key.ldb);
        plan.c = layout(key.n, key.m, key.ldc);
        const Preference preference = make_preference(key);
        cublasLtMatmulHeuristicResult_t result{};
        // a precision is the least that is asked for: shapes that its units cannot take go to the next better ones
        for (const cublasComputeType_t compute : {key.compute, CUBLAS_COMPUTE_32F_FAST_TF32, CUBLAS_COMPUTE_32F}) {
            if (key.compute == CUBLAS_COMPUTE_32F && compute != CUBLAS_COMPUTE_32F) continue;
            plan.product = make_product(key, compute);
            int found = 0;
            const cublasStatus_t status = cublasLtMatmulAlgoGetHeuristic(handle_.get(), plan.product.get(), plan.b.get(), plan.a.get(),
                                                                         plan.c.get(), plan.c.get(), preference.get(), 1, &result, &found);
            if (status == CUBLAS_STATUS_NOT_SUPPORTED ||
                (status == CUBLAS_STATUS_SUCCESS && (found == 0 || result.state != CUBLAS_STATUS_SUCCESS)))
                continue;
            check(status, "cublasLtMatmulAlgoGetHeuristic");
            plan.algorithm = result.algo;
            return plan;
        }
        throw CublasError(CUBLAS_STATUS_NOT_SUPPORTED, "cuBLAS has no product for " + std::to_string(key.m) + " x " +
                                                           std::to_string(key.k) + " by " + std::to_string(key.k) + " x " +
                                                           std::to_string(key.n));
    }

    static Layout layout(Index rows, Index columns, Index ld) {
        cublasLtMatrixLayout_t p = nullptr;
        CHROMATID_CUDA_CHECK(
            cublasLtMatrixLayoutCreate(&p, CUDA_R_32F, static_cast<std::uint64_t>(rows), static_cast<std::uint64_t>(columns), ld));
        return Layout(p);
    }
    static Product make_product(const Key& key, cublasComputeType_t compute) {
        cublasLtMatmulDesc_t p = nullptr;
        CHROMATID_CUDA_CHECK(cublasLtMatmulDescCreate(&p, compute, CUDA_R_32F));
        Product product(p);
        const cublasOperation_t first = key.transposed_b ? CUBLAS_OP_T : CUBLAS_OP_N, second = key.transposed_a ? CUBLAS_OP_T : CUBLAS_OP_N;
        CHROMATID_CUDA_CHECK(cublasLtMatmulDescSetAttribute(p, CUBLASLT_MATMUL_DESC_TRANSA, &first, sizeof first));
        CHROMATID_CUDA_CHECK(cublasLtMatmulDescSetAttribute(p, CUBLASLT_MATMUL_DESC_TRANSB, &second, sizeof second));
        return product;
    }
    static Preference make_preference(const Key& key) {
        cublasLtMatmulPreference_t p = nullptr;
        CHROMATID_CUDA_CHECK(cublasLtMatmulPreferenceCreate(&p));
        Preference preference(p);
        const auto set = [p](cublasLtMatmulPreferenceAttributes_t attribute, const auto& value) {
            CHROMATID_CUDA_CHECK(cublasLtMatmulPreferenceSetAttribute(p, attribute, &value, sizeof value));
        };
        set(CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, static_cast<std::uint64_t>(workspace_bytes));
        set(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES, key.align_b);
        set(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES, key.align_a);
        set(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES, key.align_c);
        set(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES, key.align_c);
        return preference;
    }

    Cublas handle_;
    DeviceBuffer<std::byte> workspace_;
    std::map<Key, Plan> plans_;
};

}  // namespace chromatid::cuda
