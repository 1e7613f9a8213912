// SPDX-License-Identifier: MIT
#pragma once

#include "interrupt.hpp"

#include <chromatid/core/error.hpp>
#include <chromatid/core/index.hpp>
#include <chromatid/io/bed.hpp>

#include <cstdint>
#include <filesystem>
#include <string>
#include <unordered_map>
#include <vector>

namespace factornet {

/// What is in a BED file, found by reading it once before any work starts.
struct BedSurvey {
    struct Contig {
        std::string name;
        chromatid::Index first_line = 0;
        std::int64_t largest_end = 0;
        chromatid::Index largest_end_line = 0;
    };

    std::int64_t windows = 0;
    std::vector<Contig> contigs;             ///< in the order in which they first come
    /// first line that begins before its predecessor, or whose chromosome came before; 0 for none
    chromatid::Index first_unsorted_line = 0;

    /// \throws chromatid::FormatError for a malformed line or a file without windows, chromatid::IoError, chromatid::UsageError for a pipe,
    ///         Interrupted
    explicit BedSurvey(const std::filesystem::path& bed) {
        if (std::filesystem::exists(bed) && !std::filesystem::is_regular_file(bed))
            throw chromatid::UsageError(bed.string() +
                                        ": is not a regular file\n       windows are read twice: write them to a file first");
        chromatid::BedReader reader(bed);
        std::unordered_map<std::string, std::size_t> places;
        std::size_t current = 0;
        std::int64_t last_start = 0;
        while (const chromatid::BedRecord* record = reader.next()) {
            const chromatid::Interval& window = record->interval;
            const auto [place, is_new] = places.emplace(window.chrom, contigs.size());
            if (is_new) contigs.push_back({window.chrom, reader.line_number(), 0, 0});
            const bool goes_back = windows > 0 && (place->second == current ? window.start < last_start : !is_new);
            if (goes_back && first_unsorted_line == 0) first_unsorted_line = reader.line_number();
            current = place->second;
            last_start = window.start;
            Contig& contig = contigs[current];
            if (window.end > contig.largest_end) {
                contig.largest_end = window.end;
                contig.largest_end_line = reader.line_number();
            }
            if (++windows % 65536 == 0) check_interrupted();
        }
        if (windows == 0) throw chromatid::FormatError(bed.string(), "", "there are no windows in it");
    }
};

}  // namespace factornet
