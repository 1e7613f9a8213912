// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/backend/cuda/handles.cuh>
#include <chromatid/core/error.hpp>

#include <cudnn.h>

#include <cstdint>
#include <span>
#include <string>
#include <utility>

namespace chromatid::cuda {

static_assert(CUDNN_VERSION >= 90800, "chromatid needs cuDNN 9.8 or later");

/// A call of cuDNN failed.
class CudnnError : public DeviceError {
  public:
    CudnnError(cudnnStatus_t code, const std::string& what) : DeviceError(what), code(code) {}
    /// Whether cuDNN has nothing for these sizes, as against having failed.
    bool unsupported() const { return CUDNN_STATUS_CATEGORY(code) == CUDNN_STATUS_NOT_SUPPORTED; }
    cudnnStatus_t code;
};

/// \throws CudnnError where `code` is not success
inline void check(cudnnStatus_t code, const char* expression) {
    if (code == CUDNN_STATUS_SUCCESS) return;
    char detail[512] = {};
    cudnnGetLastErrorString(detail, sizeof detail);
    std::string what = std::string("cuDNN: ") + cudnnGetErrorString(code) + " (" + std::to_string(code) + ") in " + expression;
    if (detail[0] != '\0') what += std::string(": ") + detail;
    throw CudnnError(code, what);
}

using Cudnn = Owned<cudnnHandle_t, cudnnDestroy>;

/// A handle that queues on `stream`.
inline Cudnn make_cudnn(cudaStream_t stream) {
    cudnnHandle_t handle = nullptr;
    CHROMATID_CUDA_CHECK(cudnnCreate(&handle));
    Cudnn cudnn(handle);
    CHROMATID_CUDA_CHECK(cudnnSetStream(handle, stream));
    return cudnn;
}

/// A descriptor of cuDNN's graph interface: attributes are set, then it is finished, and other descriptors may refer to it.
class CudnnDescriptor {
  public:
    explicit CudnnDescriptor(cudnnBackendDescriptorType_t type) {
        cudnnBackendDescriptor_t p = nullptr;
        CHROMATID_CUDA_CHECK(cudnnBackendCreateDescriptor(type, &p));
        p_.reset(p);
    }
    cudnnBackendDescriptor_t get() const { return p_.get(); }

    CudnnDescriptor& set(cudnnBackendAttributeName_t name, cudnnBackendAttributeType_t type, std::int64_t count, const void* values) {
        CHROMATID_CUDA_CHECK(cudnnBackendSetAttribute(get(), name, type, count, values));
        return *this;
    }
    template <class T>
    CudnnDescriptor& set(cudnnBackendAttributeName_t name, cudnnBackendAttributeType_t type, const T& value) {
        return set(name, type, 1, &value);
    }
    CudnnDescriptor& set(cudnnBackendAttributeName_t name, std::span<const std::int64_t> values) {
        return set(name, CUDNN_TYPE_INT64, static_cast<std::int64_t>(values.size()), values.data());
    }
    CudnnDescriptor& set(cudnnBackendAttributeName_t name, std::int64_t value) { return set(name, std::span(&value, 1)); }
    CudnnDescriptor& set(cudnnBackendAttributeName_t name, const CudnnDescriptor& other) {
        const cudnnBackendDescriptor_t p = other.get();
        return set(name, CUDNN_TYPE_BACKEND_DESCRIPTOR, p);
    }
    CudnnDescriptor&& finish() {
        CHROMATID_CUDA_CHECK(cudnnBackendFinalize(get()));
        return std::move(*this);
    }

    /// Reads up to `count` values and returns how many there were.
    std::int64_t read(cudnnBackendAttributeName_t name, cudnnBackendAttributeType_t type, std::int64_t count, void* values) const {
        std::int64_t found = 0;
        CHROMATID_CUDA_CHECK(cudnnBackendGetAttribute(get(), name, type, count, &found, values));
        return found;
    }

  private:
    Owned<cudnnBackendDescriptor_t, cudnnBackendDestroyDescriptor> p_;
};

}  // namespace chromatid::cuda
