# SPDX-License-Identifier: MIT
#
# The target chromatid_warnings: what our own programs are compiled with. Imported libraries are system includes and stay quiet.

add_library(chromatid_warnings INTERFACE)
target_compile_options(chromatid_warnings INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion)
if(CHROMATID_WERROR)
    target_compile_options(chromatid_warnings INTERFACE -Werror)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND (CHROMATID_SANITIZE OR CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13))
    # g++ sees uninitialized reads that are none: in instrumented Eigen code, and before 13 in its own headers of AVX-512 intrinsics
    target_compile_options(chromatid_warnings INTERFACE -Wno-uninitialized -Wno-maybe-uninitialized)
    # and, at -O3, overlapping copies in the strings of its standard library
    target_compile_options(chromatid_warnings INTERFACE -Wno-restrict)
endif()
