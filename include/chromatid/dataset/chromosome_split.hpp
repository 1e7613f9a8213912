// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/error.hpp>
#include <chromatid/core/index.hpp>
#include <chromatid/genome/chrom_sizes.hpp>

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace chromatid {

/// What a chromosome is for.
enum class Part { training, validation, test };

/// Divides the chromosomes of a genome by name: some for validation, some held out as test, all others for training. The challenge's
/// division is `ChromosomeSplit(sizes, {"chr11"}, {"chr1", "chr8", "chr21"})`.
class ChromosomeSplit {
  public:
    /// \throws UsageError for a name that the genome does not have (with the one probably meant), a name in both lists, or nothing left to
    ///     train on
    ChromosomeSplit(ChromSizes sizes, const std::vector<std::string>& validation, const std::vector<std::string>& test)
        : sizes_(std::move(sizes)), parts_(static_cast<std::size_t>(sizes_.size()), Part::training) {
        assign(validation, Part::validation, "validation");
        assign(test, Part::test, "test");
        if (places(Part::training).empty())
            throw UsageError("no chromosome is left for training: all " + std::to_string(sizes_.size()) + " are validation or test");
    }

    const ChromSizes& sizes() const { return sizes_; }
    /// What the chromosome at a place of the list is for.
    Part of(Index chromosome) const { return parts_[static_cast<std::size_t>(chromosome)]; }

    /// Places of the chromosomes of a part, in the order of the list.
    std::vector<Index> places(Part part) const {
        std::vector<Index> found;
        for (Index i = 0; i < sizes_.size(); ++i)
            if (of(i) == part) found.push_back(i);
        return found;
    }

  private:
    void assign(const std::vector<std::string>& names, Part part, const std::string& what) {
        for (const std::string& name : names) {
            Part& old = parts_[static_cast<std::size_t>(sizes_.place_of(name, what + " chromosomes"))];
            if (old != Part::training && old != part)
                throw UsageError("chromosome \"" + name + "\" is asked for in validation and in test");
            old = part;
        }
    }

    ChromSizes sizes_;
    std::vector<Part> parts_;
};

}  // namespace chromatid
