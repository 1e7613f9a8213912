# SPDX-License-Identifier: MIT
#
# The optional libraries, one component each. Used by the build here and by the installed package, so that both find the same
# things and say the same words about what is missing.

set(chromatid_cpu_components xtensor htslib bigwig hdf5 json zlib)
set(chromatid_known_components ${chromatid_cpu_components} cuda)

# chromatid_add_component(<component> <problem>)
#
# Finds the library behind a component and makes the target chromatid::<component>, which links chromatid::chromatid and it.
# <problem> becomes empty, or a message that says what is missing and what to install.
function(chromatid_add_component component problem)
    set(${problem} "" PARENT_SCOPE)
    if(TARGET chromatid::${component})
        return()
    endif()

    # each package to find, the targets to link, and the Debian package that brings them
    if(component STREQUAL "xtensor")
        set(packages xtensor)
        set(targets xtensor)
        set(source "the Debian package libxtensor-dev")
    elseif(component STREQUAL "htslib")
        set(packages HTSlib)
        set(targets HTSlib::HTSlib)
        set(source "the Debian package libhts-dev")
    elseif(component STREQUAL "bigwig")
        set(packages BigWig)
        set(targets BigWig::BigWig)
        set(source "the Debian package libbigwig-dev")
    elseif(component STREQUAL "hdf5")
        set(packages HDF5C)
        set(targets HDF5C::HDF5C)
        set(source "the Debian package libhdf5-dev")
    elseif(component STREQUAL "json")
        set(packages nlohmann_json)
        set(targets nlohmann_json::nlohmann_json)
        set(source "the Debian package nlohmann-json3-dev")
    elseif(component STREQUAL "zlib")
        set(packages ZLIB)
        set(targets ZLIB::ZLIB)
        set(source "the Debian package zlib1g-dev")
    elseif(component STREQUAL "cuda")
        set(packages CUDAToolkit cuDNN)
        set(targets CUDA::cudart CUDA::cublas CUDA::cublasLt cuDNN::cuDNN)
        set(source "the CUDA toolkit and cuDNN 9 (not in Debian); CUDAToolkit_ROOT and cuDNN_ROOT say where they are")
    else()
        list(JOIN chromatid_known_components ", " known)
        set(${problem} "chromatid has no component \"${component}\"; it knows ${known}." PARENT_SCOPE)
        return()
    endif()

    list(PREPEND CMAKE_MODULE_PATH ${CMAKE_CURRENT_FUNCTION_LIST_DIR})
    foreach(package IN LISTS packages)
        find_package(${package} QUIET)
        if(NOT ${package}_FOUND)
            set(${problem} "chromatid: the component \"${component}\" needs ${package}, which was not found: install ${source}."
                PARENT_SCOPE)
            return()
        endif()
    endforeach()

    if(CMAKE_FIND_PACKAGE_TARGETS_GLOBAL)
        set(scope GLOBAL)
    endif()
    add_library(chromatid::${component} INTERFACE IMPORTED ${scope})
    target_link_libraries(chromatid::${component} INTERFACE chromatid::chromatid ${targets})
endfunction()
