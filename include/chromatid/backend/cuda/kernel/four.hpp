// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/index.hpp>

#include <cstdint>
#include <initializer_list>

namespace chromatid::cuda {

/// Four neighbouring numbers, which one thread loads and stores at once; their address is a multiple of 16.
struct alignas(16) Four {
    float values[4];
};

/// Whether arrays and distances of numbers allow for `Four`.
inline bool come_in_fours(std::initializer_list<const void*> arrays, std::initializer_list<Index> distances = {}) {
    for (const void* p : arrays)
        if (reinterpret_cast<std::uintptr_t>(p) % sizeof(Four) != 0) return false;
    for (const Index d : distances)
        if (d % 4 != 0) return false;
    return true;
}

}  // namespace chromatid::cuda
