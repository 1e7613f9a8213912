// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/index.hpp>
#include <chromatid/dataset/data_draws.hpp>
#include <chromatid/dataset/negative_places.hpp>
#include <chromatid/dataset/negative_sampler.hpp>

#include <utility>

namespace chromatid {

/// Negatives drawn anew for each epoch, each place with the same probability and independent of all others. Nothing is made beforehand, so
/// any number of epochs costs nothing. This is FactorNet's rule for several tasks (bedtools shuffle, overlaps allowed) and the default for
/// one.
class FreshNegatives {
  public:
    FreshNegatives(NegativePlaces places, DataDraws draws) : places_(std::move(places)), draws_(draws) {}

    Index count(Index) const { return places_.count(); }

    Negative operator()(Index epoch, Index index) const {
        const Index cell = places_.cell_of(index).first;
        const BinPlaces& places = places_.of(cell);
        return {places[draws_.below(places.size(), epoch, index)], cell};
    }

  private:
    NegativePlaces places_;
    DataDraws draws_;
};

}  // namespace chromatid
