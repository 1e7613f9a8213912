// SPDX-License-Identifier: MIT
#include "peak_writer.hpp"

#include "score_table.hpp"

#include <algorithm>
#include <cmath>

namespace factornet {

using namespace chromatid;

void PeakWriter::write(const ScanRegions::Run& bins, View<const float> scores) {
    for (Index i = 0; i < bins.count; ++i) {
        const float score = scores(i, column_);
        if (static_cast<double>(score) < threshold_) continue;
        const Interval bin = regions_.bin(bins, i);
        const bool joins = peak_.length() > 0 && bin.chrom == peak_.chrom && bin.start <= peak_.end;
        if (!joins) {
            finish_peak();
            peak_ = bin;
        }
        peak_.end = bin.end;
        if (joins && score <= best_) continue;
        best_ = score;
        summit_ = bin.start + bin.length() / 2;
    }
}

void PeakWriter::finish_peak() {
    if (peak_.length() == 0) return;
    const auto score = std::clamp<std::int64_t>(std::llround(1000.0 * static_cast<double>(best_)), 0, 1000);
    std::string line = peak_.chrom + '\t' + std::to_string(peak_.start) + '\t' + std::to_string(peak_.end) + '\t' + factor_ + '_' +
                       std::to_string(++peaks_) + '\t' + std::to_string(score) + "\t.\t";
    append_number(line, best_);
    line += "\t-1\t-1\t" + std::to_string(summit_ - peak_.start) + '\n';
    file_.write(line);
    peak_ = {};
}

void PeakWriter::commit() {
    finish_peak();
    file_.commit();
}

}  // namespace factornet
