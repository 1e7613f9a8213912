# SPDX-License-Identifier: MIT
#
# The target chromatid_warnings: what our own programs are compiled with. Imported libraries are system includes and stay quiet.

add_library(chromatid_warnings INTERFACE)
target_compile_options(chromatid_warnings INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion)
if(CHROMATID_WERROR)
    target_compile_options(chromatid_warnings INTERFACE -Werror)
endif()
if(CHROMATID_SANITIZE AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # g++ sees uninitialized reads that are none in instrumented Eigen code
    target_compile_options(chromatid_warnings INTERFACE -Wno-maybe-uninitialized)
endif()
