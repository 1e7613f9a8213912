// SPDX-License-Identifier: MIT
#pragma once

#include "predict.hpp"

#include <chromatid/genome/chrom_sizes.hpp>
#include <chromatid/genome/window_merger.hpp>
#include <chromatid/io/bed.hpp>

#include <memory>
#include <string>

namespace factornet {

/// Where scores go, one window after another in the order of the BED file. Nothing appears under the output's name before `commit`.
class ScoreWriter {
  public:
    virtual ~ScoreWriter() = default;
    /// \param chrom  the window's chromosome as the genome names it
    virtual void write(const chromatid::BedRecord& window, const std::string& chrom, float score) = 0;
    virtual void commit() = 0;
};

/// The writer for a format.
/// \param chromosomes  those of the genome that the windows lie on, in the order of the windows
std::unique_ptr<ScoreWriter> make_score_writer(const PredictOptions& options, const chromatid::ChromSizes& chromosomes);

}  // namespace factornet
