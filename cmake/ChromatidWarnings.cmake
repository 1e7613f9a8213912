# SPDX-License-Identifier: MIT
#
# The target chromatid_warnings: what our own programs are compiled with. Imported libraries are system includes and stay quiet.

add_library(chromatid_warnings INTERFACE)
# nvcc passes code of its own to the host's compiler: that one is asked for less.
target_compile_options(chromatid_warnings INTERFACE
    "$<$<COMPILE_LANGUAGE:CXX>:-Wall;-Wextra;-Wpedantic;-Wshadow;-Wconversion>"
    "$<$<COMPILE_LANGUAGE:CUDA>:-Xcompiler=-Wall,-Wextra>")
if(CHROMATID_WERROR)
    target_compile_options(chromatid_warnings INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-Werror> $<$<COMPILE_LANGUAGE:CUDA>:-Werror=all-warnings>)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND (CHROMATID_SANITIZE OR CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13))
    # g++ sees uninitialized reads that are none: in instrumented Eigen code, and before 13 in its own headers of AVX-512 intrinsics
    target_compile_options(chromatid_warnings INTERFACE "$<$<COMPILE_LANGUAGE:CXX>:-Wno-uninitialized;-Wno-maybe-uninitialized>"
        "$<$<COMPILE_LANGUAGE:CUDA>:-Xcompiler=-Wno-uninitialized,-Wno-maybe-uninitialized>")
    # and, at -O3, overlapping copies in the strings of its standard library
    target_compile_options(chromatid_warnings INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-Wno-restrict> $<$<COMPILE_LANGUAGE:CUDA>:-Xcompiler=-Wno-restrict>)
endif()
