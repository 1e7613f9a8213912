// SPDX-License-Identifier: MIT
#include "scan_threshold.hpp"

#include "interrupt.hpp"

#include <chromatid/core/error.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <limits>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace factornet {

using namespace chromatid;

namespace {

/// The scores on the chromosomes that have labels.
BinTable scored_bins(const ScanRegions& regions, const ScanStore& store, const BinTable& labels) {
    BinTable table;
    table.file = "the scan";
    for (Index place = 0; place < regions.chromosomes().size(); ++place) {
        const Chromosome& chromosome = regions.chromosomes()[place];
        if (labels.find(chromosome.name) == nullptr) continue;
        const ScanRegions here = regions.on(place);
        if (here.size() == 0) continue;
        if (chromosome.size > std::numeric_limits<std::uint32_t>::max())
            throw UsageError("chromosome \"" + chromosome.name + "\" is too long to be compared with labels");
        BinTable::Chromosome& c = table.chromosomes.emplace_back();
        c.name = chromosome.name;
        store.read(here, [&](const ScanRegions::Run& bins, View<const float> scores) {
            check_interrupted();
            for (Index i = 0; i < bins.count; ++i) {
                const Interval bin = regions.bin(bins, i);
                c.starts.push_back(static_cast<std::uint32_t>(bin.start));
                c.ends.push_back(static_cast<std::uint32_t>(bin.end));
                c.values.push_back(scores(i, 0));
            }
        });
    }
    return table;
}

std::string percent(double share) {
    char text[32];
    std::snprintf(text, sizeof text, "%.2f %%", 100 * share);
    return text;
}

}  // namespace

PrecisionRecall threshold_of_precision(double precision, const ScanRegions& regions, const ScanStore& store, BinTable labels) {
    BinTable scores = scored_bins(regions, store, labels);
    if (scores.chromosomes.empty()) throw UsageError(labels.file + ": no label lies on a chromosome that is scanned");
    align(scores, labels, true);
    std::vector<float> all;
    std::vector<std::int8_t> bound;
    for (std::size_t i = 0; i < scores.chromosomes.size(); ++i) {
        all.insert(all.end(), scores.chromosomes[i].values.begin(), scores.chromosomes[i].values.end());
        for (const float label : labels.chromosomes[i].values) bound.push_back(static_cast<std::int8_t>(label));
    }
    const std::vector<PrecisionRecall> curve = precision_recall_curve(std::span<const float>(all), bound);
    const auto found = std::find_if(curve.rbegin(), curve.rend(), [&](const PrecisionRecall& p) { return p.precision >= precision; });
    if (found != curve.rend()) return *found;
    const PrecisionRecall& best = *std::ranges::max_element(curve, {}, &PrecisionRecall::precision);
    throw UsageError("no threshold has a precision of " + percent(precision) + " on " + labels.file + ": the best is " +
                     percent(best.precision) + ", at a threshold of " + std::to_string(best.threshold) +
                     "\n       ask for a lower --precision");
}

}  // namespace factornet
