// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/index.hpp>

#include <numeric>

namespace chromatid {

/// The places at which a genome scan has a layer's output, along a stretch that many windows share.
///
/// Windows begin every `stride` bases, and neighbours in one window's array lie `reach` bases apart (the product of the strides of the
/// layers so far). All windows together then need the places at multiples of `interval` = gcd(stride, reach), counted from the first
/// window's first one: that is the grid. A layer runs on it as on a sequence, its taps `spacing()` rows apart.
struct ScanGrid {
    Index positions;     ///< rows
    Index interval = 1;  ///< bases from row to row
    Index reach = 1;     ///< bases between neighbours in one window

    /// Rows between neighbours in one window.
    constexpr Index spacing() const { return reach / interval; }

    /// The grid behind a layer with `taps` taps, `dilation` of its own positions apart, that moves on by `step` of them.
    constexpr ScanGrid after(Index stride, Index taps, Index dilation, Index step) const {
        const Index next_reach = reach * step, next_interval = std::gcd(stride, next_reach);
        const Index span = (taps - 1) * dilation * spacing();
        return {.positions = (positions - 1 - span) / (next_interval / interval) + 1, .interval = next_interval, .reach = next_reach};
    }
};

}  // namespace chromatid
