// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/genome/interval.hpp>
#include <chromatid/genome/interval_set.hpp>
#include <chromatid/io/bed.hpp>

#include <array>
#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

namespace chromatid {

/// FactorNet's "gencode" features of a bin: whether at least one base of it lies in a CpG island, coding sequence, intron, promoter, 5'
/// UTR, 3' UTR.
class Annotations {
  public:
    static constexpr std::size_t count = 6;
    static constexpr std::array<std::string_view, count> names = {"cpg", "cds", "intron", "promoter", "utr5", "utr3"};

    /// Name of the BED file in which FactorNet ships the regions of a feature.
    static std::string file_name(std::size_t feature) {
        const std::string name(names[feature]);
        return name == "cpg" ? "cpgisland.bed.gz" : "wgEncodeGencodeBasicV19." + name + ".merged.bed.gz";
    }

    /// \param regions  the regions of each feature, in the order of `names`
    explicit Annotations(std::array<IntervalSet, count> regions) : regions_(std::move(regions)) {}

    /// The features of an interval, in the order of `names`.
    std::array<bool, count> of(const Interval& interval) const {
        std::array<bool, count> features{};
        for (std::size_t i = 0; i < count; ++i) features[i] = regions_[i].any_overlap(interval);
        return features;
    }

  private:
    std::array<IntervalSet, count> regions_;
};

/// Reads the six BED files that FactorNet ships for hg19 (`cpgisland.bed.gz`, `wgEncodeGencodeBasicV19.cds.merged.bed.gz`, ...) from a
/// directory.
/// \throws IoError naming the file that is missing, FormatError as `BedReader`
inline Annotations read_annotations(const std::filesystem::path& directory) {
    std::array<IntervalSet, Annotations::count> regions;
    for (std::size_t i = 0; i < Annotations::count; ++i) regions[i] = IntervalSet(read_bed(directory / Annotations::file_name(i)));
    return Annotations(std::move(regions));
}

}  // namespace chromatid
