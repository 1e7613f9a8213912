// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/index.hpp>

namespace chromatid {

/// Which windows of a batch one of several ranks computes; all of them where nothing else is said.
///
/// A batch is cut into as few tiles of at most `windows_per_tile` windows as will do, as equal as can be. Where the tiles begin depends on
/// the batch alone, and rank r of R gets tiles [r * tiles / R, (r + 1) * tiles / R): what is added up tile by tile then has the same bits
/// on any number of ranks.
struct BatchShare {
    Index rank = 0, ranks = 1;
    Index windows_per_tile = 32;
    bool even = false;  ///< as many tiles for each rank, so that all have work in a small batch; they then depend on the number of ranks

    struct Range {
        Index first, end;

        constexpr Index size() const { return end - first; }
        bool operator==(const Range&) const = default;
    };

    /// Tiles of a batch.
    constexpr Index tiles(Index windows) const {
        if (!even) return ceiling(windows, windows_per_tile);
        return ranks * ceiling(ceiling(windows, ranks), windows_per_tile);
    }
    /// Windows of one tile; may be none where the shares are even.
    constexpr Range windows_of(Index tile, Index windows) const {
        const Index all = tiles(windows);
        return {tile * windows / all, (tile + 1) * windows / all};
    }
    /// Tiles that this rank computes.
    constexpr Range own_tiles(Index windows) const {
        const Index all = tiles(windows);
        return {rank * all / ranks, (rank + 1) * all / ranks};
    }
    /// Windows that this rank computes.
    constexpr Range own_windows(Index windows) const {
        const Range tiles_here = own_tiles(windows);
        if (tiles_here.size() == 0) return {0, 0};
        return {windows_of(tiles_here.first, windows).first, windows_of(tiles_here.end - 1, windows).end};
    }
    /// Most tiles that this rank computes of a batch of at most so many windows.
    constexpr Index most_tiles(Index windows) const { return ceiling(tiles(windows), ranks); }

  private:
    static constexpr Index ceiling(Index n, Index by) { return (n + by - 1) / by; }
};

}  // namespace chromatid
