// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/backend/cuda/precision.hpp>
#include <chromatid/core/index.hpp>

#include <cmath>
#include <cstddef>
#include <span>
#include <type_traits>

namespace chromatid::test {

/// ||a - reference|| / ||reference||, or ||a|| where the reference is 0; NaN where sizes differ or a number is NaN.
template <class T>
double relative_error(std::span<const T> a, std::span<const double> reference) {
    double difference = 0, size = 0;
    for (std::size_t i = 0; i < reference.size() && i < a.size(); ++i) {
        const double d = static_cast<double>(a[i]) - reference[i];
        difference += d * d;
        size += reference[i] * reference[i];
    }
    if (a.size() != reference.size()) return std::nan("");
    return std::sqrt(size > 0 ? difference / size : difference);
}

/// How far results of random numbers may be from those in double, as `relative_error` counts.
template <class Precision>
inline constexpr double precision_error = std::is_same_v<Precision, Exact32> ? 1e-6
                                          : std::is_same_v<Precision, BF16>  ? 1e-2
                                                                             : 1e-3;

}  // namespace chromatid::test
