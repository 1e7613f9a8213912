// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/backend/cpu/isa.hpp>
#include <chromatid/core/index.hpp>

#include <benchmarks/support/cpu_seconds.hpp>

#define CHROMATID_KERNELS <benchmarks/support/fma_probe.inc>
#include <chromatid/backend/cpu/kernels/for_each_isa.inc>

namespace bench {

inline double multiply_adds(chromatid::Index rounds, float& all) {
    using namespace chromatid;
    CHROMATID_DISPATCH(multiply_adds, rounds, all);
}

/// Floating-point operations per second of fused multiply-adds in registers, with the widest instructions of this processor; takes 10 ms.
inline double fma_probe() {
    float all = 0;
    const double start = cpu_seconds();
    const double operations = multiply_adds(2'000'000, all);
    const double seconds = cpu_seconds() - start;
    return all < 1e30F ? operations / seconds : 0.0;  // the sum is finite, and must be computed to know it
}

}  // namespace bench
