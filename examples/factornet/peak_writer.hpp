// SPDX-License-Identifier: MIT
#pragma once

#include "scan_writer.hpp"

#include <chromatid/core/index.hpp>
#include <chromatid/genome/interval.hpp>
#include <chromatid/io/output_file.hpp>
#include <chromatid/scan/scan_regions.hpp>
#include <chromatid/tensor/view.hpp>

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>

namespace factornet {

/// Peaks of one column as narrowPeak: bins that score the threshold or more, those that overlap or touch as one.
///
/// The summit is the middle of the bin with the best score, the first of several; that score is the signal, and 1000 times it the score
/// from 0 to 1000. There are no p and q values (-1).
class PeakWriter final : public ScanWriter {
  public:
    PeakWriter(const std::filesystem::path& file, const chromatid::ScanRegions& regions, chromatid::Index column, std::string factor,
               double threshold)
        : regions_(regions), column_(column), factor_(std::move(factor)), threshold_(threshold), file_(file) {}

    void write(const chromatid::ScanRegions::Run& bins, chromatid::View<const float> scores) override;
    void commit() override;

    /// Peaks so far.
    std::int64_t peaks() const { return peaks_; }

  private:
    void finish_peak();

    const chromatid::ScanRegions& regions_;
    chromatid::Index column_;
    std::string factor_;
    double threshold_;
    chromatid::OutputFile file_;
    chromatid::Interval peak_;  ///< that may still grow; empty for none
    std::int64_t summit_ = 0;
    float best_ = 0;
    std::int64_t peaks_ = 0;
};

}  // namespace factornet
