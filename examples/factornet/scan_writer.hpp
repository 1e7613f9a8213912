// SPDX-License-Identifier: MIT
#pragma once

#include "scan_options.hpp"

#include <chromatid/core/index.hpp>
#include <chromatid/genome/chrom_sizes.hpp>
#include <chromatid/scan/scan_regions.hpp>
#include <chromatid/tensor/view.hpp>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace factornet {

/// Where the scores of a scan go, in the order of the bins. Nothing appears under the output's name before `commit`.
class ScanWriter {
  public:
    virtual ~ScanWriter() = default;
    /// \param scores  (bins.count, columns), all columns
    virtual void write(const chromatid::ScanRegions::Run& bins, chromatid::View<const float> scores) = 0;
    virtual void commit() = 0;
};

/// The format that an output is written in: as the options say, or as its name ends.
ScanOptions::Format format_of(const ScanOptions& options);

/// The file for a factor: `pattern` with its name in the place of "{task}".
std::filesystem::path file_for(const std::filesystem::path& pattern, const std::string& factor);

/// Whether a name has "{task}" in it.
bool names_task(const std::filesystem::path& pattern);

/// A table of the bins, one column for each factor below a header; bgzip if the name ends in .gz or .bgz.
/// \param threads  that compress
std::unique_ptr<ScanWriter> make_table_writer(const std::filesystem::path& file, const chromatid::ScanRegions& regions,
                                              const std::vector<std::string>& factors, int threads);

/// One column as bedGraph (bgzip if the name ends in .gz or .bgz) or bigWig, where bins overlap merged base by base.
std::unique_ptr<ScanWriter> make_merged_writer(const std::filesystem::path& file, const chromatid::ScanRegions& regions,
                                               chromatid::Index column, ScanOptions::Format format, bool largest, int threads);

}  // namespace factornet
