// SPDX-License-Identifier: MIT
#pragma once

#include "bed_survey.hpp"

#include <chromatid/genome/chrom_sizes.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace factornet {

/// How the BED file's chromosome names become the genome's: `--chrom-prefix chr` puts "chr" before them, `--chrom-prefix -chr` takes it
/// off.
class ContigNames {
  public:
    explicit ContigNames(std::string prefix) : prefix_(std::move(prefix)) {}

    std::string in_genome(const std::string& name) const {
        if (prefix_.starts_with('-')) {
            const std::string_view off = std::string_view(prefix_).substr(1);
            return name.starts_with(off) ? name.substr(off.size()) : name;
        }
        return prefix_ + name;
    }

  private:
    std::string prefix_;
};

/// Contigs of a BED file that a list of chromosomes lacks.
inline std::vector<const BedSurvey::Contig*> missing_contigs(const BedSurvey& bed, const ContigNames& names,
                                                             const chromatid::ChromSizes& chromosomes) {
    std::vector<const BedSurvey::Contig*> missing;
    for (const BedSurvey::Contig& contig : bed.contigs)
        if (!chromosomes.contains(names.in_genome(contig.name))) missing.push_back(&contig);
    return missing;
}

/// The message for a BED file whose chromosome names are not those of the genome: what each says, and the way out.
inline std::string genome_mismatch(const std::string& bed_file, const ContigNames& names,
                                   const std::vector<const BedSurvey::Contig*>& missing, const std::string& genome_file,
                                   const chromatid::ChromSizes& genome) {
    const std::string& found = missing.front()->name;
    const std::string where = bed_file + ": line " + std::to_string(missing.front()->first_line) + ": ";
    const std::string more = missing.size() > 1 ? " (and " + std::to_string(missing.size() - 1) + " more)" : "";
    if (const std::string looked_for = names.in_genome(found); looked_for != found)
        return where + "chromosome \"" + found + "\", with --chrom-prefix \"" + looked_for + "\"" + more + ", is not in " + genome_file;
    const auto meant = genome.suggest(found);
    if (!meant)
        return where + "chromosome \"" + found + "\"" + more + " is not in " + genome_file +
               "\n       take these lines out, or use the genome that the windows were made for";
    std::string way_out = "rename one side";
    if (meant->ends_with(found)) way_out += ", or pass --chrom-prefix " + meant->substr(0, meant->size() - found.size());
    else if (found.ends_with(*meant)) way_out += ", or pass --chrom-prefix=-" + found.substr(0, found.size() - meant->size());
    return "chromosome names do not match: " + where + "\"" + found + "\"" + more + ", " + genome_file + " says \"" + *meant +
           "\"\n       " + way_out;
}

/// The message for a file (a track, sizes, regions) that does not name a chromosome as the genome does.
inline std::string name_mismatch(const std::string& file, const std::string& genome_file, const std::string& chromosome,
                                 const chromatid::ChromSizes& in_file) {
    if (const auto meant = in_file.suggest(chromosome))
        return "chromosome names do not match: " + file + " says \"" + *meant + "\", " + genome_file + " says \"" + chromosome +
               "\"\n       rename one side";
    return file + ": has no chromosome \"" + chromosome + "\" of " + genome_file + "\n       is it of another genome?";
}

}  // namespace factornet
