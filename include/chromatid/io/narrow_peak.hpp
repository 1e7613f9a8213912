// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/genome/interval.hpp>
#include <chromatid/io/bed.hpp>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace chromatid {

/// One peak of a narrowPeak file (BED6+4).
struct NarrowPeak {
    Interval interval;
    std::string name;
    double score = 0;
    char strand = '.';  ///< '+', '-' or '.'
    double signal = 0;
    double p_value = -1;       ///< -log10, -1 where absent
    double q_value = -1;       ///< -log10, -1 where absent
    std::int64_t summit = -1;  ///< offset from the interval's start in bases, -1 where absent
};

/// The peaks of a narrowPeak file in its order.
/// \throws IoError where it cannot be read; FormatError with file and line for fewer than 10 columns or a column that is no number
inline std::vector<NarrowPeak> read_narrow_peaks(const std::filesystem::path& path) {
    std::vector<NarrowPeak> peaks;
    BedReader reader(path, 10);
    while (const BedRecord* record = reader.next()) {
        const std::string& strand = record->fields[5];
        if (strand != "+" && strand != "-" && strand != ".") reader.fail("strand \"" + strand + "\" is none of + - .");
        peaks.push_back({record->interval, record->fields[3], reader.number<double>(4, "score"), strand[0],
                         reader.number<double>(6, "signal"), reader.number<double>(7, "p value"), reader.number<double>(8, "q value"),
                         reader.number<std::int64_t>(9, "summit")});
        if (peaks.back().summit < -1) reader.fail("summit " + record->fields[9] + " is negative (-1 means that there is none)");
    }
    return peaks;
}

}  // namespace chromatid
