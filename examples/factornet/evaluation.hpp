// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/index.hpp>
#include <chromatid/eval/bootstrap.hpp>
#include <chromatid/eval/calibration.hpp>
#include <chromatid/eval/confidence_interval.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "bin_table.hpp"

namespace factornet {

/// The measures of a ranking, in the order of the output's columns.
struct MeasureName {
    const char* key;      ///< in files
    const char* heading;  ///< of a column on the terminal
};
inline constexpr std::array<MeasureName, 9> measures{{{"auroc", "auROC"},
                                                      {"auprc_davis_goadrich", "auPR-DG"},
                                                      {"auprc_davis_goadrich_integral", "auPR-int"},
                                                      {"auprc_trapezoid", "auPR-trap"},
                                                      {"average_precision", "AP"},
                                                      {"recall_at_5_fdr", "R@5%"},
                                                      {"recall_at_10_fdr", "R@10%"},
                                                      {"recall_at_25_fdr", "R@25%"},
                                                      {"recall_at_50_fdr", "R@50%"}}};

/// What was found for a chromosome or for all of them. What is not defined (no bound bin, scores that are no probabilities) is absent.
struct EvaluationRow {
    std::string name;
    std::int64_t bins = 0, bound = 0, unbound = 0, ambiguous = 0;
    std::optional<std::array<double, measures.size()>> values;
    std::optional<std::array<chromatid::ConfidenceInterval, measures.size()>> intervals;
    std::optional<chromatid::Calibration> calibration;
    std::optional<double> spearman, pearson;
};

/// What is evaluated: bins with their scores, and where given their labels and other scores, side by side.
struct EvaluationInput {
    BinTable scores;
    std::optional<BinTable> labels;  ///< 1, 0, -1
    std::optional<BinTable> others;
    chromatid::Bootstrap bootstrap{.replicates = 0};
    std::int64_t stretch = 0;  ///< bases that the bootstrap draws together; 0: chosen by the data
    chromatid::Index reliability_bins = 10;
    chromatid::Index threads = 1;
    bool quiet = false;
};

struct Evaluation {
    std::vector<EvaluationRow> rows;  ///< each chromosome, then all together
    std::int64_t stretch = 0;         ///< bases that the bootstrap drew together
    chromatid::Index stretches = 0;
};

/// \throws chromatid::UsageError where there is no bound or no unbound bin at all; Interrupted
Evaluation evaluate(EvaluationInput input);

}  // namespace factornet
