// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/index.hpp>
#include <chromatid/dataset/bin.hpp>
#include <chromatid/dataset/data_draws.hpp>
#include <chromatid/dataset/negative_places.hpp>
#include <chromatid/dataset/negative_sampler.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

namespace chromatid {

/// Fresh negatives whose G + C content follows that of the positives: a network then cannot tell the two apart by it. Negative k of a cell
/// is paired with one of its positives and is the first of up to a hundred random places whose content is within `tolerance` of the
/// positive's, or the closest of them.
class GcMatchedNegatives {
  public:
    /// Share of G and C among the known bases of the window around a bin. Called from many threads.
    using Content = std::function<double(const Bin&)>;

    static constexpr std::uint32_t tries = 100;

    /// \param positives  of each cell; negative k is paired with positive k modulo their number
    GcMatchedNegatives(NegativePlaces places, const std::vector<std::vector<Bin>>& positives, Content content, DataDraws draws,
                       double tolerance = 0.02)
        : places_(std::move(places)), content_(std::move(content)), draws_(draws), tolerance_(tolerance) {
        auto wanted = std::make_shared<std::vector<std::vector<float>>>();
        for (const std::vector<Bin>& bins : positives) {
            std::vector<float>& of_cell = wanted->emplace_back();
            for (const Bin& bin : bins) of_cell.push_back(static_cast<float>(content_(bin)));
        }
        wanted_ = std::move(wanted);
    }

    Index count(Index) const { return places_.count(); }

    Negative operator()(Index epoch, Index index) const {
        const auto [cell, number] = places_.cell_of(index);
        const BinPlaces& places = places_.of(cell);
        const std::vector<float>& contents = (*wanted_)[static_cast<std::size_t>(cell)];
        const double wanted = contents[static_cast<std::size_t>(number) % contents.size()];
        Bin closest;
        double distance = 2;
        for (std::uint32_t attempt = 0; attempt < tries && distance > tolerance_; ++attempt) {
            const Bin bin = places[draws_.below(places.size(), epoch, index, attempt)];
            const double d = std::abs(content_(bin) - wanted);
            if (d < distance) {
                closest = bin;
                distance = d;
            }
        }
        return {closest, cell};
    }

  private:
    NegativePlaces places_;
    Content content_;
    DataDraws draws_;
    double tolerance_;
    std::shared_ptr<const std::vector<std::vector<float>>> wanted_;
};

}  // namespace chromatid
