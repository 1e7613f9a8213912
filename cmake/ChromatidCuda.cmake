# SPDX-License-Identifier: MIT
#
# Turns on the language CUDA for examples and benchmarks: machine code for sm_80 and sm_90, and PTX of the latter for GPUs to come.
# The toolkit's folder is CUDAToolkit_ROOT where it is set, otherwise that of nvcc in PATH or in /usr/local/cuda.

find_package(CUDAToolkit REQUIRED)
if(NOT CMAKE_CUDA_COMPILER AND NOT DEFINED ENV{CUDACXX})
    set(CMAKE_CUDA_COMPILER ${CUDAToolkit_NVCC_EXECUTABLE})
endif()
if(NOT CMAKE_CUDA_ARCHITECTURES AND NOT DEFINED ENV{CUDAARCHS})
    set(CMAKE_CUDA_ARCHITECTURES 80-real 90)
endif()
set(CMAKE_CUDA_RUNTIME_LIBRARY Shared)  # the one that the component cuda links
enable_language(CUDA)
