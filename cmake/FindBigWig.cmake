# SPDX-License-Identifier: MIT
#
# Finds libBigWig: target BigWig::BigWig, variables BigWig_FOUND, BigWig_VERSION, BigWig_INCLUDE_DIR, BigWig_LIBRARY.
# BigWig_ROOT names an installation outside the system's folders.

find_path(BigWig_INCLUDE_DIR bigWig.h)
find_library(BigWig_LIBRARY BigWig)
find_path(BigWig_CURL_INCLUDE_DIR curl/curl.h)
mark_as_advanced(BigWig_INCLUDE_DIR BigWig_LIBRARY BigWig_CURL_INCLUDE_DIR)

if(BigWig_INCLUDE_DIR)
    file(STRINGS ${BigWig_INCLUDE_DIR}/bigWig.h version_line REGEX "^#define LIBBIGWIG_VERSION [0-9.]+$")
    string(REGEX REPLACE ".* " "" BigWig_VERSION "${version_line}")
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(BigWig REQUIRED_VARS BigWig_LIBRARY BigWig_INCLUDE_DIR VERSION_VAR BigWig_VERSION
    REASON_FAILURE_MESSAGE "install the Debian package libbigwig-dev, or set BigWig_ROOT")

if(BigWig_FOUND AND NOT TARGET BigWig::BigWig)
    add_library(BigWig::BigWig UNKNOWN IMPORTED)
    set_target_properties(BigWig::BigWig PROPERTIES
        IMPORTED_LOCATION ${BigWig_LIBRARY}
        INTERFACE_INCLUDE_DIRECTORIES ${BigWig_INCLUDE_DIR})
    # libBigWig's headers include curl's unless told not to; its functions and structures are the same either way, since the only
    # member that differs is a pointer in a union of pointers.
    if(BigWig_CURL_INCLUDE_DIR)
        set_property(TARGET BigWig::BigWig APPEND PROPERTY INTERFACE_INCLUDE_DIRECTORIES ${BigWig_CURL_INCLUDE_DIR})
    else()
        set_property(TARGET BigWig::BigWig PROPERTY INTERFACE_COMPILE_DEFINITIONS NOCURL)
    endif()
endif()
