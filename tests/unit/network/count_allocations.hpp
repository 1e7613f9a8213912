// SPDX-License-Identifier: MIT
#pragma once

namespace chromatid::test {

/// Calls of operator new in this program so far, by all threads.
long allocations();

}  // namespace chromatid::test
