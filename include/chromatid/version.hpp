// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

// The one place that states the version: CMakeLists.txt reads it from here.
#define CHROMATID_VERSION_MAJOR 0
#define CHROMATID_VERSION_MINOR 1
#define CHROMATID_VERSION_PATCH 0

#define CHROMATID_DETAIL_TEXT_OF(x) #x
#define CHROMATID_DETAIL_TEXT(x) CHROMATID_DETAIL_TEXT_OF(x)

namespace chromatid {

/// The version of the library: "major.minor.patch", by semantic versioning.
inline constexpr std::string_view version =
    CHROMATID_DETAIL_TEXT(CHROMATID_VERSION_MAJOR) "." CHROMATID_DETAIL_TEXT(CHROMATID_VERSION_MINOR) "." CHROMATID_DETAIL_TEXT(
        CHROMATID_VERSION_PATCH);

}  // namespace chromatid

#undef CHROMATID_DETAIL_TEXT
#undef CHROMATID_DETAIL_TEXT_OF
