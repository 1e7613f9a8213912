// SPDX-License-Identifier: MIT
#pragma once

#include "model_file.hpp"
#include "scan_options.hpp"

#include <chromatid/dataset/annotations.hpp>
#include <chromatid/genome/any_sequence.hpp>
#include <chromatid/genome/any_signal.hpp>
#include <chromatid/genome/interval.hpp>
#include <chromatid/genome/interval_set.hpp>
#include <chromatid/scan/scan_model.hpp>
#include <chromatid/scan/scan_regions.hpp>

#include <nlohmann/json.hpp>

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace factornet {

/// All that a scan needs, opened and checked against each other.
struct ScanPlan {
    std::vector<ModelFile> models;
    std::vector<std::vector<float>> meta;               ///< of each model, values of the cell
    std::optional<chromatid::Annotations> annotations;  ///< where a model takes them
    std::vector<std::string> factors;                   ///< what each column of the scores is about
    std::vector<chromatid::ScanColumn> columns;
    chromatid::AnySequence genome;
    std::vector<chromatid::AnySignal> tracks;
    chromatid::IntervalSet masked;
    std::string mask_text;  ///< what is masked, for people
    chromatid::ScanRegions regions;
    std::vector<std::filesystem::path> inputs;  ///< files that are read, for checking outputs against them
    nlohmann::ordered_json identity;            ///< what scores depend on; a scan is not continued where any of it has changed

    /// What of the regions lies on which chromosome: places in the list of chromosomes, in the order of the scan.
    std::vector<chromatid::Index> chromosomes() const;
    /// Writes the side input of a bin for a model.
    void side(std::size_t model, const chromatid::Interval& bin, std::span<float> values) const;
};

/// \throws chromatid::Error for inputs that are missing, damaged or do not fit together
ScanPlan plan_scan(const ScanOptions& options);

}  // namespace factornet
