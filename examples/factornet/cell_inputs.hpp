// SPDX-License-Identifier: MIT
#pragma once

#include "contig_names.hpp"
#include "text.hpp"

#include <chromatid/core/error.hpp>
#include <chromatid/dataset/cell_directory.hpp>
#include <chromatid/genome/chrom_sizes.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

namespace factornet {

/// The cell's tracks, checked against the names and the order that a model was trained with.
/// \throws chromatid::UsageError
inline std::vector<chromatid::CellDirectory::Track> checked_tracks(const chromatid::CellDirectory& cell,
                                                                    const std::vector<std::string>& wanted) {
    if (wanted.empty()) return {};
    std::vector<chromatid::CellDirectory::Track> tracks = cell.tracks();
    std::vector<std::string> names;
    for (const chromatid::CellDirectory::Track& t : tracks) names.push_back(t.name);
    if (names != wanted)
        throw chromatid::UsageError("model expects tracks [" + listed(wanted) + "] in this order; " +
                                    (cell.path() / "bigwig.txt").string() + " has [" + listed(names) + "]");
    return tracks;
}

/// The cell's metadata, checked against the names that a model was trained with; empty where it takes none.
/// \throws chromatid::UsageError
inline std::vector<float> checked_meta(const chromatid::CellDirectory& cell, const std::vector<std::string>& wanted) {
    std::vector<float> values;
    if (wanted.empty()) return values;
    std::vector<std::string> names;
    const std::string file = (cell.path() / "meta.txt").string();
    for (const chromatid::CellDirectory::MetaValue& m : cell.meta()) {
        names.push_back(m.name);
        if (!(std::abs(m.value) <= std::numeric_limits<float>::max()))
            throw chromatid::UsageError(file + ": " + m.name + " is not a finite number that fits a float");
        values.push_back(static_cast<float>(m.value));
    }
    if (names != wanted)
        throw chromatid::UsageError("model expects metadata [" + listed(wanted) + "] in this order; " + file + " has [" + listed(names) +
                                    "]");
    return values;
}

/// What is worth a warning about the chromosomes of a track. It may leave out some, which then read as 0; one that has none of them was
/// made with other names.
/// \param used    chromosomes that are read, as the genome names them; at least one
/// \throws chromatid::UsageError where the track has none of them
inline std::vector<std::string> check_track(const chromatid::CellDirectory::Track& track, const chromatid::ChromSizes& in_track,
                                            const std::vector<std::string>& used, const chromatid::ChromSizes& genome,
                                            const std::string& genome_file) {
    std::vector<std::string> missing, warnings;
    const chromatid::Chromosome* other_size = nullptr;
    for (const std::string& name : used) {
        const auto place = in_track.find(name);
        if (!place) missing.push_back(name);
        else if (other_size == nullptr && in_track[*place].size != genome.size_of(name)) other_size = &in_track[*place];
    }
    if (missing.size() == used.size())
        throw chromatid::UsageError(name_mismatch(track.file.string(), genome_file, missing.front(), in_track));
    if (!missing.empty())
        warnings.push_back("track " + track.name + " has no " + missing.front() +
                           (missing.size() > 1 ? " (and " + std::to_string(missing.size() - 1) + " more)" : "") + ": it reads as 0 there");
    if (other_size != nullptr)
        warnings.push_back("track " + track.name + ": " + other_size->name + " has " + with_commas(other_size->size) +
                           " bases, the genome's has " + with_commas(genome.size_of(other_size->name)) + " (another assembly?)");
    return warnings;
}

}  // namespace factornet
