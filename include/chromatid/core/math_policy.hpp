// SPDX-License-Identifier: MIT
#pragma once

namespace chromatid {

/// Policy of a backend: tanh and the logistic function within 2e-7 of their values, relatively (default).
struct ExactMath {};

/// Policy of a backend: tanh and the logistic function by a rational approximation, off by 4e-7 absolutely at most.
struct FastMath {};

}  // namespace chromatid
