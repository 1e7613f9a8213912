// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/index.hpp>

#include <compare>
#include <cstdint>

namespace chromatid {

/// Where a bin lies: its chromosome, as a place in a list, and its first base. All bins of a data set have one width, which the context
/// names.
struct Bin {
    Index chromosome = 0;
    std::int64_t start = 0;

    friend auto operator<=>(const Bin&, const Bin&) = default;
};

/// How bins lie on a chromosome: one of `width` bases begins at every `step`-th base, the first at base 0. The challenge's grid by default.
struct BinGrid {
    std::int64_t width = 200;
    std::int64_t step = 50;

    /// Bins of a chromosome of `size` bases as bedtools makewindows counts them: also those cut short by its end.
    std::int64_t count(std::int64_t size) const { return (size + step - 1) / step; }
};

}  // namespace chromatid
