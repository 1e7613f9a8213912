# SPDX-License-Identifier: MIT
#
# The target chromatid_build_options: warnings, sanitizers and the processor that tests, examples and benchmarks are built for.
# Never part of chromatid::chromatid: users bring their own.

add_library(chromatid_build_options INTERFACE)
target_link_libraries(chromatid_build_options INTERFACE chromatid_warnings)

if(CHROMATID_NATIVE)
    target_compile_options(chromatid_build_options INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-march=native> $<$<COMPILE_LANGUAGE:CUDA>:-Xcompiler=-march=native>)
    # A compiler cache sees only the word "native": this tells one processor from another.
    execute_process(COMMAND ${CMAKE_CXX_COMPILER} -march=native -dM -E -x c++ /dev/null
        OUTPUT_VARIABLE native_macros ERROR_QUIET COMMAND_ERROR_IS_FATAL ANY)
    string(MD5 native_key "${native_macros}")
    target_compile_definitions(chromatid_build_options INTERFACE CHROMATID_BUILT_FOR_${native_key})
endif()

if(CHROMATID_SANITIZE)
    list(JOIN CHROMATID_SANITIZE "," sanitizers)
    # What null pointers and misaligned vectors do ends a program anyway, and sizes of objects are the address sanitizer's: without these
    # checks it compiles in two thirds of the time.
    set(sanitizer_options -fno-sanitize-recover=all -fno-omit-frame-pointer)
    if("undefined" IN_LIST CHROMATID_SANITIZE AND "address" IN_LIST CHROMATID_SANITIZE)
        list(APPEND sanitizer_options -fno-sanitize=null,alignment,object-size,vptr)
    endif()
    target_compile_options(chromatid_build_options INTERFACE
        "$<$<COMPILE_LANGUAGE:CXX>:-fsanitize=${sanitizers};${sanitizer_options}>")
    foreach(sanitizer IN LISTS CHROMATID_SANITIZE)
        target_compile_options(chromatid_build_options INTERFACE $<$<COMPILE_LANGUAGE:CUDA>:-Xcompiler=-fsanitize=${sanitizer}>)
    endforeach()
    target_link_options(chromatid_build_options INTERFACE -fsanitize=${sanitizers})
endif()
