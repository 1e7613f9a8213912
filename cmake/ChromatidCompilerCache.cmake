# SPDX-License-Identifier: MIT
#
# Compiles through ccache where it is installed and nothing else was chosen.

find_program(CHROMATID_CCACHE ccache)
mark_as_advanced(CHROMATID_CCACHE)
if(CHROMATID_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
    set(CMAKE_CXX_COMPILER_LAUNCHER ${CHROMATID_CCACHE})
endif()
if(CHROMATID_CCACHE AND NOT CMAKE_CUDA_COMPILER_LAUNCHER)
    set(CMAKE_CUDA_COMPILER_LAUNCHER ${CHROMATID_CCACHE})
endif()
