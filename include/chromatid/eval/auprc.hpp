// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/index.hpp>
#include <chromatid/eval/pr_interpolation.hpp>
#include <chromatid/eval/ranked_labels.hpp>

#include <cmath>
#include <span>

namespace chromatid {

namespace detail {

/// Area of one block in units of true positives, between t true and f false positives and p and n more of them.
inline double davis_goadrich_area(Index t, Index f, Index p, Index n) {
    const double slope = static_cast<double>(n) / static_cast<double>(p);  // false positives per true positive
    const double first = t + f > 0 ? static_cast<double>(t) / static_cast<double>(t + f) : 1 / (1 + slope);
    double area = 0, before = first;
    for (Index step = 1; step <= p; ++step) {
        const double found = static_cast<double>(t + step);
        const double precision = found / (found + static_cast<double>(f) + slope * static_cast<double>(step));
        area += 0.5 * (before + precision);
        before = precision;
    }
    return area;
}

/// With x true positives the precision is x / (k x + c), k = 1 + n / p and c = f - t n / p; its integral over x from t to t + p.
inline double davis_goadrich_integral(Index t, Index f, Index p, Index n) {
    const double slope = static_cast<double>(n) / static_cast<double>(p), k = 1 + slope;
    const double c = static_cast<double>(f) - static_cast<double>(t) * slope;
    const double linear = static_cast<double>(p) / k;
    if (t + f == 0) return linear;  // c is 0: constant precision
    return linear - c / (k * k) * std::log1p(static_cast<double>(p + n) / static_cast<double>(t + f));
}

}  // namespace detail

/// Area under the precision-recall curve.
/// \param interpolation  what lies between the curve's points; the challenge's figure is `davis_goadrich`
inline double auprc(const RankedLabels& ranked, PrInterpolation interpolation = PrInterpolation::davis_goadrich) {
    double area = 0, precision_before = 1;
    Index t = 0, f = 0;
    for (const auto& [score, p, n] : ranked.blocks()) {
        const double precision = static_cast<double>(t + p) / static_cast<double>(t + p + f + n), width = static_cast<double>(p);
        if (p > 0) {
            switch (interpolation) {
                case PrInterpolation::davis_goadrich:
                    area += detail::davis_goadrich_area(t, f, p, n);
                    break;
                case PrInterpolation::davis_goadrich_integral:
                    area += detail::davis_goadrich_integral(t, f, p, n);
                    break;
                case PrInterpolation::trapezoid:
                    area += 0.5 * width * (precision_before + precision);
                    break;
                case PrInterpolation::average_precision:
                    area += width * precision;
                    break;
            }
        }
        precision_before = precision;
        t += p;
        f += n;
    }
    return area / static_cast<double>(ranked.positives());
}

/// \throws UsageError as `RankedLabels`
template <class Labels>
double auprc(std::span<const float> scores, const Labels& labels, PrInterpolation interpolation = PrInterpolation::davis_goadrich) {
    return auprc(RankedLabels(scores, labels), interpolation);
}

}  // namespace chromatid
