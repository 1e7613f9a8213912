# SPDX-License-Identifier: MIT
#
# Finds htslib: target HTSlib::HTSlib, variables HTSlib_FOUND, HTSlib_VERSION, HTSlib_INCLUDE_DIR, HTSlib_LIBRARY.
# HTSlib_ROOT names an installation outside the system's folders.

find_path(HTSlib_INCLUDE_DIR htslib/hts.h)
find_library(HTSlib_LIBRARY hts)
mark_as_advanced(HTSlib_INCLUDE_DIR HTSlib_LIBRARY)

if(HTSlib_INCLUDE_DIR)
    # HTS_VERSION is XYYYZZ for version X.Y.Z
    file(STRINGS ${HTSlib_INCLUDE_DIR}/htslib/hts.h version_line REGEX "^#define HTS_VERSION [0-9]+$")
    string(REGEX REPLACE ".* 0*([0-9]+)([0-9][0-9][0-9])([0-9][0-9])$" "\\1;\\2;\\3" version_parts "${version_line}")
    list(TRANSFORM version_parts REPLACE "^0+([0-9])" "\\1")
    list(JOIN version_parts "." HTSlib_VERSION)
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(HTSlib REQUIRED_VARS HTSlib_LIBRARY HTSlib_INCLUDE_DIR VERSION_VAR HTSlib_VERSION
    REASON_FAILURE_MESSAGE "install the Debian package libhts-dev, or set HTSlib_ROOT")

if(HTSlib_FOUND AND NOT TARGET HTSlib::HTSlib)
    add_library(HTSlib::HTSlib UNKNOWN IMPORTED)
    set_target_properties(HTSlib::HTSlib PROPERTIES
        IMPORTED_LOCATION ${HTSlib_LIBRARY}
        INTERFACE_INCLUDE_DIRECTORIES ${HTSlib_INCLUDE_DIR})
endif()
