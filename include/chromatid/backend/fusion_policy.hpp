// SPDX-License-Identifier: MIT
#pragma once

namespace chromatid {

/// Policy of a backend: runs of layers for which it has one kernel are handed to it as one (default).
struct Fused {};

/// Policy of a backend: each layer runs by itself. To compare, and to look for the cause of a difference.
struct Unfused {};

}  // namespace chromatid
