# SPDX-License-Identifier: MIT
#
# Finds cuDNN: target cuDNN::cuDNN, variables cuDNN_FOUND, cuDNN_VERSION, cuDNN_INCLUDE_DIR, cuDNN_LIBRARY.
# Looks beside the CUDA toolkit too; cuDNN_ROOT names any other place. Only libcudnn itself is linked: it loads its parts by need.

find_package(CUDAToolkit QUIET)
find_path(cuDNN_INCLUDE_DIR cudnn_version.h HINTS ${CUDAToolkit_INCLUDE_DIRS})
find_library(cuDNN_LIBRARY NAMES cudnn libcudnn.so.9 HINTS ${CUDAToolkit_LIBRARY_DIR})
mark_as_advanced(cuDNN_INCLUDE_DIR cuDNN_LIBRARY)

if(cuDNN_INCLUDE_DIR)
    file(STRINGS ${cuDNN_INCLUDE_DIR}/cudnn_version.h version_lines REGEX "^#define CUDNN_(MAJOR|MINOR|PATCHLEVEL) [0-9]+$")
    list(TRANSFORM version_lines REPLACE "^.* " "")
    list(JOIN version_lines "." cuDNN_VERSION)
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(cuDNN REQUIRED_VARS cuDNN_LIBRARY cuDNN_INCLUDE_DIR VERSION_VAR cuDNN_VERSION
    REASON_FAILURE_MESSAGE "install cuDNN 9.8 or later beside the CUDA toolkit, or set cuDNN_ROOT")

if(cuDNN_FOUND AND NOT TARGET cuDNN::cuDNN)
    add_library(cuDNN::cuDNN UNKNOWN IMPORTED)
    set_target_properties(cuDNN::cuDNN PROPERTIES
        IMPORTED_LOCATION ${cuDNN_LIBRARY}
        INTERFACE_INCLUDE_DIRECTORIES ${cuDNN_INCLUDE_DIR})
endif()
