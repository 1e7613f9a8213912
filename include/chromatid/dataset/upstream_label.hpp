// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/dataset/bin_label.hpp>
#include <chromatid/dataset/peak_set.hpp>

#include <algorithm>
#include <cstdint>
#include <string>

namespace chromatid {

/// FactorNet's own label rule: a bin is bound where one peak covers at least 50.5 % of it, 101 of 200 bases. A narrower peak labels nothing, and
/// no bin is ambiguous.
struct UpstreamLabel {
    PeakSet peaks;

    BinLabel operator()(const std::string& chrom, std::int64_t start, std::int64_t end) const {
        bool bound = false;
        peaks.for_each_overlap(chrom, start, end, [&](std::int64_t from, std::int64_t to) {
            const std::int64_t shared = std::min(end, to) - std::max(start, from);
            bound = bound || shared * 1000 >= (end - start) * 505;
        });
        return bound ? BinLabel::bound : BinLabel::unbound;
    }
};

}  // namespace chromatid
