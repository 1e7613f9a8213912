// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/genome/chrom_sizes.hpp>
#include <chromatid/genome/interval.hpp>
#include <chromatid/genome/interval_set.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace factornet {

/// Which bins of a file are wanted.
struct BinFilter {
    std::vector<std::string> chromosomes;  ///< empty: all
    chromatid::IntervalSet masked;         ///< bins that share a base with it are left out

    bool wants(const std::string& chrom) const;
};

/// Bins of a genome with a number each, a score or a label, by chromosome and place: 12 bytes per bin.
struct BinTable {
    struct Chromosome {
        std::string name;
        std::vector<std::uint32_t> starts, ends;
        std::vector<float> values;

        std::size_t size() const { return starts.size(); }
        /// Whether bin i lies before bin j of the other.
        bool before(std::size_t i, const Chromosome& other, std::size_t j) const {
            return std::pair(starts[i], ends[i]) < std::pair(other.starts[j], other.ends[j]);
        }
        chromatid::Interval bin(std::size_t i) const { return {name, starts[i], ends[i]}; }
    };

    std::string file;                     ///< for messages
    std::vector<Chromosome> chromosomes;  ///< in the order of the file
    std::int64_t masked = 0;              ///< bins left out because of the filter's mask

    std::int64_t bins() const;
    const Chromosome* find(const std::string& name) const;
    /// Names and the ends of the last bins.
    chromatid::ChromSizes sizes() const;
};

/// Bins of a BED file with the number of column 4 as their value; without values where `scored` is false.
/// \throws chromatid::FormatError for a malformed line, a score that is no number, a bin given twice or a file without wanted bins, IoError
BinTable read_bin_table(const std::filesystem::path& file, const BinFilter& filter, bool scored, bool quiet);

/// Bins and labels of one cell in the challenge's table: a header "chr start stop CELL...", then B, U or A for each cell.
/// \param cell  may be empty where there is only one
/// \throws chromatid::FormatError as `read_bin_table`, UsageError for a cell that is not there
BinTable read_label_table(const std::filesystem::path& file, const std::string& cell, const BinFilter& filter, bool quiet);

/// The mean of a bigWig track over each bin; bases without a value count as 0.
/// \throws chromatid::UsageError where the track has none of the chromosomes
BinTable mean_signal(const std::filesystem::path& track, const BinTable& bins, bool quiet);

/// Leaves in both tables the bins and chromosomes that both have, in one order, so that their values stand side by side.
/// \param common  whether bins that only one has are passed over; otherwise they are an error
/// \return names of the chromosomes that only the second table has
/// \throws chromatid::UsageError with the first bin or chromosome that one of them lacks
std::vector<std::string> align(BinTable& a, BinTable& b, bool common);

/// Whether a file is a bigWig, by its first bytes.
bool is_big_wig(const std::filesystem::path& file);

/// The message for a chromosome of one file that another one does not name.
std::string no_such_chromosome(const std::string& name, const std::string& file, const std::string& other_file,
                               const chromatid::ChromSizes& other);

}  // namespace factornet
