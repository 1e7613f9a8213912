// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/index.hpp>
#include <chromatid/dataset/data_draws.hpp>
#include <chromatid/dataset/keyed_permutation.hpp>
#include <chromatid/dataset/negative_places.hpp>
#include <chromatid/dataset/negative_sampler.hpp>

#include <cstdint>
#include <utility>

namespace chromatid {

/// Negatives that go through every free bin of a grid before one of them comes again, in an order of their own for each pass. Shows a
/// small, dense genome whole, where drawing at random would leave out a third of it. An epoch may hold one pass (`count` = number of
/// places), several, or a part of one.
class TiledNegatives {
  public:
    TiledNegatives(NegativePlaces places, DataDraws draws) : places_(std::move(places)), draws_(draws) {}

    Index count(Index) const { return places_.count(); }

    Negative operator()(Index epoch, Index index) const {
        const auto [cell, number] = places_.cell_of(index);
        const BinPlaces& places = places_.of(cell);
        const Index shown = epoch * places_.count_of(cell) + number;
        const KeyedPermutation order(places.size(), draws_.seed_of(cell), static_cast<std::uint64_t>(shown / places.size()));
        return {places[order(shown % places.size())], cell};
    }

  private:
    NegativePlaces places_;
    DataDraws draws_;
};

}  // namespace chromatid
