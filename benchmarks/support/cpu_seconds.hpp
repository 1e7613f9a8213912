// SPDX-License-Identifier: MIT
#pragma once

#include <ctime>

namespace bench {

/// Processor seconds of this process so far.
inline double cpu_seconds() {
    timespec t{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

}  // namespace bench
