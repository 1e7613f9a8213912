// SPDX-License-Identifier: MIT
// The same operator new for this program.
#include "tests/unit/network/count_allocations.cpp"
