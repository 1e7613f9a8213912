// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/error.hpp>

#include <cublasLt.h>
#include <cuda_runtime.h>

#include <string>

namespace chromatid::cuda {

/// A call of CUDA's run time failed: code, name, expression and CUDA's own text.
class CudaError : public DeviceError {
  public:
    CudaError(cudaError_t code, const std::string& what) : DeviceError(what), code(code) {}
    cudaError_t code;
};

/// There is no device to run on: no driver, one that is too old, or no GPU that this process may use.
class NoDevice : public CudaError {
  public:
    using CudaError::CudaError;
};

/// A call of cuBLAS failed.
class CublasError : public DeviceError {
  public:
    CublasError(cublasStatus_t code, const std::string& what) : DeviceError(what), code(code) {}
    cublasStatus_t code;
};

namespace detail {

[[noreturn]] inline void fail(cudaError_t code, const char* expression) {
    (void)cudaGetLastError();  // what is thrown here is not to be found again by a later call
    const std::string text = cudaGetErrorString(code);
    switch (code) {
        case cudaErrorNoDevice:
        case cudaErrorInsufficientDriver:
        case cudaErrorStubLibrary:
        case cudaErrorSystemDriverMismatch:
        case cudaErrorCompatNotSupportedOnDevice:
            throw NoDevice(code, "no CUDA device: " + text + "\ncheck that nvidia-smi lists a GPU, that its driver is not older than CUDA "
                                     + std::to_string(CUDART_VERSION / 1000) + "." + std::to_string(CUDART_VERSION % 1000 / 10)
                                     + " needs, and what CUDA_VISIBLE_DEVICES hides; or run on the processor: --device cpu, or Cpu in a program");
        default: {
            std::string what =
                std::string("CUDA: ") + text + " (" + cudaGetErrorName(code) + ", " + std::to_string(code) + ") in " + expression;
            if (code == cudaErrorNoKernelImageForDevice) what += "\nbuild for this GPU: CUDA_ARCHITECTURES, or nvcc -arch";
            throw CudaError(code, what);
        }
    }
}

}  // namespace detail

/// \throws CudaError where `code` is not success
inline void check(cudaError_t code, const char* expression) {
    if (code != cudaSuccess) detail::fail(code, expression);
}

/// \throws CublasError where `code` is not success
inline void check(cublasStatus_t code, const char* expression) {
    if (code != CUBLAS_STATUS_SUCCESS)
        throw CublasError(code, std::string("cuBLAS: ") + cublasLtGetStatusString(code) + " (" + cublasLtGetStatusName(code) + ", "
                                    + std::to_string(code) + ") in " + expression);
}

}  // namespace chromatid::cuda

/// Calls a function of CUDA, cuBLAS or cuDNN and throws what it reports.
#define CHROMATID_CUDA_CHECK(...) ::chromatid::cuda::check((__VA_ARGS__), #__VA_ARGS__)
