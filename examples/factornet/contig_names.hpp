// SPDX-License-Identifier: MIT
#pragma once

#include "bed_survey.hpp"

#include <chromatid/genome/chrom_sizes.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace factornet {

/// How the BED file's chromosome names become the genome's: `--chrom-prefix chr` puts "chr" before them, `--chrom-prefix -chr` takes it off.
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
inline std::vector<const BedSurvey::Contig*> missing_contigs(const BedSurvey& bed, const ContigNames& names, const chromatid::ChromSizes& chromosomes) {
    std::vector<const BedSurvey::Contig*> missing;
    for (const BedSurvey::Contig& contig : bed.contigs)
        if (!chromosomes.contains(names.in_genome(contig.name))) missing.push_back(&contig);
    return missing;
}

/// The message for a BED file whose chromosome names are not those of `file`: what each says, and the way out.
inline std::string mismatch_message(const std::string& bed_file, const std::vector<const BedSurvey::Contig*>& missing, const std::string& file,
                                    const chromatid::ChromSizes& chromosomes) {
    const BedSurvey::Contig& first = *missing.front();
    const std::string more = missing.size() > 1 ? " (and " + std::to_string(missing.size() - 1) + " more)" : "";
    const auto meant = chromosomes.suggest(first.name);
    if (!meant)
        return bed_file + ": line " + std::to_string(first.first_line) + ": chromosome \"" + first.name + "\"" + more + " is not in " + file + "\n" +
               "       take these lines out, or use the genome that the windows were made for";
    std::string way_out = "rename one side";
    if (meant->ends_with(first.name))
        way_out += ", or pass --chrom-prefix " + meant->substr(0, meant->size() - first.name.size());
    else if (first.name.ends_with(*meant))
        way_out += ", or pass --chrom-prefix=-" + first.name.substr(0, first.name.size() - meant->size());
    return "chromosome names do not match: " + bed_file + " says \"" + first.name + "\" (line " + std::to_string(first.first_line) + "), " + file +
           " says \"" + *meant + "\"" + more + "\n       " + way_out;
}

}  // namespace factornet
