// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/error.hpp>
#include <chromatid/core/index.hpp>
#include <chromatid/eval/sorted_scores.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace chromatid {

/// How far probabilities can be taken at their word.
struct Calibration {
    /// Elements whose probability lies in [lower, upper); the last bin includes its upper end.
    struct Bin {
        double lower = 0, upper = 0;
        Index count = 0;
        double mean_score = 0;         ///< 0 where the bin is empty
        double positive_fraction = 0;  ///< 0 where the bin is empty
    };

    std::vector<Bin> bins;  ///< of equal width over [0, 1]: the reliability diagram
    /// Mean of (probability - label)^2. Brier, Mon. Weather Rev. 1950.
    double brier = 0;
    /// Mean over elements of their bin's |mean score - positive fraction|. Naeini, Cooper and Hauskrecht, AAAI 2015.
    double expected_error = 0;

    /// \param labels  as for `RankedLabels`; here all may be equal
    /// \throws UsageError for different numbers, a score outside [0, 1] or NaN, another label, no label at all, or fewer than 1 bin
    template <class Labels>
    static Calibration of(std::span<const float> scores, const Labels& labels, Index bin_count = 10) {
        const std::span all(std::data(labels), std::size(labels));
        detail::check_as_many(scores.size(), all.size(), "labels");
        if (bin_count < 1) throw UsageError("calibration with " + std::to_string(bin_count) + " bins: there must be at least 1");
        Calibration result;
        result.bins.resize(static_cast<std::size_t>(bin_count));
        double squares = 0;
        for (std::size_t i = 0; i < scores.size(); ++i) {
            if (std::isnan(scores[i])) detail::refuse_nan(i);
            const int label = detail::label_value(all[i], i);
            if (label < 0) continue;
            const double p = static_cast<double>(scores[i]);
            if (!(p >= 0 && p <= 1))
                throw UsageError("score " + std::to_string(i) + " (counted from 0) is " + std::to_string(p) +
                                 ": calibration is about probabilities, from 0 to 1");
            Bin& bin = result.bins[std::min(static_cast<std::size_t>(p * static_cast<double>(bin_count)), result.bins.size() - 1)];
            ++bin.count;
            bin.mean_score += p;
            bin.positive_fraction += label;
            squares += (p - label) * (p - label);
        }
        result.finish(squares);
        return result;
    }

  private:
    void finish(double squares) {
        Index n = 0;
        double gaps = 0;
        for (std::size_t b = 0; b < bins.size(); ++b) {
            Bin& bin = bins[b];
            bin.lower = static_cast<double>(b) / static_cast<double>(bins.size());
            bin.upper = static_cast<double>(b + 1) / static_cast<double>(bins.size());
            n += bin.count;
            if (bin.count == 0) continue;
            gaps += std::abs(bin.mean_score - bin.positive_fraction);
            bin.mean_score /= static_cast<double>(bin.count);
            bin.positive_fraction /= static_cast<double>(bin.count);
        }
        if (n == 0) throw UsageError("calibration: there is no label");
        brier = squares / static_cast<double>(n);
        expected_error = gaps / static_cast<double>(n);
    }
};

}  // namespace chromatid
