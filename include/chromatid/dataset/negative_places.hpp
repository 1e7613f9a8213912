// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/index.hpp>
#include <chromatid/dataset/bin_places.hpp>

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

namespace chromatid {

/// Where negatives of several cells may lie, and how many of each cell an epoch shows: first those of cell 0, then those of cell 1, ...
class NegativePlaces {
  public:
    /// Adds a cell.
    /// \param count  its negatives in an epoch
    void add(BinPlaces places, Index count) {
        cells_.push_back({std::move(places), count});
        ends_.push_back(count_ += count);
    }

    /// Negatives of an epoch, of all cells.
    Index count() const { return count_; }
    const BinPlaces& of(Index cell) const { return cells_[static_cast<std::size_t>(cell)].places; }
    Index count_of(Index cell) const { return cells_[static_cast<std::size_t>(cell)].count; }

    /// Cell of the negative `index` of an epoch, and its number among that cell's.
    std::pair<Index, Index> cell_of(Index index) const {
        const auto cell = std::upper_bound(ends_.begin(), ends_.end(), index) - ends_.begin();
        return {cell, index - (cell > 0 ? ends_[static_cast<std::size_t>(cell - 1)] : 0)};
    }

  private:
    struct Cell {
        BinPlaces places;
        Index count;
    };

    std::vector<Cell> cells_;
    std::vector<Index> ends_;
    Index count_ = 0;
};

}  // namespace chromatid
