// SPDX-License-Identifier: MIT
#pragma once

#include "text.hpp"

#include <chromatid/core/error.hpp>
#include <chromatid/dataset/annotations.hpp>
#include <chromatid/genome/chrom_sizes.hpp>
#include <chromatid/genome/interval.hpp>
#include <chromatid/io/bed.hpp>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

namespace factornet {

/// Checks that a sizes file and the genome speak of the same assembly.
/// \throws chromatid::UsageError
inline void check_sizes(const chromatid::ChromSizes& sizes, const std::string& sizes_file, const chromatid::ChromSizes& genome,
                        const std::string& genome_file) {
    for (const chromatid::Chromosome& c : sizes)
        if (const auto place = genome.find(c.name); place && genome[*place].size != c.size)
            throw chromatid::UsageError(c.name + " has " + with_commas(c.size) + " bases in " + sizes_file + " and " +
                                        with_commas(genome[*place].size) + " in " + genome_file +
                                        "\n       these are different assemblies: use the sizes of this genome");
}

/// The raw regions to leave out: of `blacklist`, or where that is empty of blacklist.bed.gz among the annotations; none for "none".
/// \param described  gets "FILE and chromosome ends" or the like
/// \throws chromatid::UsageError where no region lies on a chromosome of the genome
inline std::vector<chromatid::Interval> blacklisted_regions(const std::string& blacklist, const std::filesystem::path& annotations,
                                                            const std::string& genome, const chromatid::ChromSizes& sizes,
                                                            std::string& described) {
    std::filesystem::path file = blacklist;
    if (blacklist.empty() && !annotations.empty() && exists(annotations / "blacklist.bed.gz")) file = annotations / "blacklist.bed.gz";
    const bool has_file = !file.empty() && blacklist != "none";
    described = has_file ? file.string() + " and chromosome ends" : "chromosome ends only (no --blacklist)";
    std::vector<chromatid::Interval> regions;
    if (has_file) regions = chromatid::read_bed(file);
    if (!regions.empty() && std::ranges::none_of(regions, [&](const chromatid::Interval& region) { return sizes.contains(region.chrom); }))
        throw chromatid::UsageError("chromosome names do not match: " + file.string() + " says \"" + regions.front().chrom + "\", " +
                                    genome + " says \"" + sizes[0].name + "\"\n       rename one side");
    return regions;
}

/// The annotations in a directory.
/// \throws chromatid::UsageError where none lies on a chromosome of the genome
inline chromatid::Annotations annotations_of(const std::filesystem::path& directory, const std::string& genome,
                                             const chromatid::ChromSizes& sizes) {
    chromatid::Annotations all = chromatid::read_annotations(directory);
    const auto is_annotated = [&](const chromatid::Chromosome& c) { return std::ranges::count(all.of({c.name, 0, c.size}), true) > 0; };
    if (std::ranges::none_of(sizes, is_annotated))
        throw chromatid::UsageError("chromosome names do not match: no annotation in " + directory.string() + " lies on a chromosome of " +
                                    genome + ", whose first is \"" + sizes[0].name + "\"\n       rename one side");
    return all;
}

}  // namespace factornet
