// SPDX-License-Identifier: MIT
#pragma once

namespace chromatid {

/// Policy of a backend: tanh and the logistic function to about one unit in the last place (default).
struct ExactMath {};

/// Policy of a backend: tanh and the logistic function by a rational approximation, off by 4e-7 at most.
struct FastMath {};

}  // namespace chromatid
