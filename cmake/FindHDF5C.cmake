# SPDX-License-Identifier: MIT
#
# Finds the serial C library of HDF5: target HDF5C::HDF5C, variables HDF5C_FOUND, HDF5C_VERSION, HDF5C_INCLUDE_DIR, HDF5C_LIBRARY.
# HDF5C_ROOT names an installation outside the system's folders.
#
# CMake's own FindHDF5 needs the C language enabled, runs the compiler wrappers and links everything HDF5 itself was linked with.

find_path(HDF5C_INCLUDE_DIR hdf5.h PATH_SUFFIXES hdf5/serial)
find_library(HDF5C_LIBRARY NAMES hdf5_serial hdf5)
mark_as_advanced(HDF5C_INCLUDE_DIR HDF5C_LIBRARY)

if(HDF5C_INCLUDE_DIR)
    file(GLOB version_headers ${HDF5C_INCLUDE_DIR}/H5public.h)
    foreach(header IN LISTS version_headers)
        file(STRINGS ${header} version_lines REGEX "^#define H5_VERS_(MAJOR|MINOR|RELEASE)[ \t]+[0-9]+")
        list(TRANSFORM version_lines REPLACE "^#define [A-Z0-9_]+[ \t]+([0-9]+).*" "\\1")
        list(JOIN version_lines "." HDF5C_VERSION)
    endforeach()
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(HDF5C REQUIRED_VARS HDF5C_LIBRARY HDF5C_INCLUDE_DIR VERSION_VAR HDF5C_VERSION
    REASON_FAILURE_MESSAGE "install the Debian package libhdf5-dev, or set HDF5C_ROOT")

if(HDF5C_FOUND AND NOT TARGET HDF5C::HDF5C)
    add_library(HDF5C::HDF5C UNKNOWN IMPORTED)
    set_target_properties(HDF5C::HDF5C PROPERTIES
        IMPORTED_LOCATION ${HDF5C_LIBRARY}
        INTERFACE_INCLUDE_DIRECTORIES ${HDF5C_INCLUDE_DIR})
endif()
