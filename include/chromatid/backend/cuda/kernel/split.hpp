// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/host_device.hpp>
#include <chromatid/core/index.hpp>

#include <cstdint>

namespace chromatid::cuda {

/// A place in an array of rows: i = row * columns + column.
struct Place {
    Index row, column;
};

/// \param i  not negative. Numbers below 2^32 are divided in 32 bits, which devices do several times as fast.
inline CHROMATID_HOST_DEVICE Place split(Index i, Index columns) {
    if (((i | columns) >> 32) != 0) return {i / columns, i % columns};
    const auto narrow = static_cast<std::uint32_t>(i), by = static_cast<std::uint32_t>(columns);
    return {static_cast<Index>(narrow / by), static_cast<Index>(narrow % by)};
}

}  // namespace chromatid::cuda
