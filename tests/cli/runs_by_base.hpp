// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/io/bed.hpp>

#include <boost/test/unit_test.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace chromatid::test {

/// The value of each base under runs, which it checks to be sorted and disjoint.
inline std::map<std::pair<std::string, std::int64_t>, float> runs_by_base(const std::vector<BedRecord>& runs) {
    std::map<std::pair<std::string, std::int64_t>, float> bases;
    for (std::size_t i = 0; i < runs.size(); ++i) {
        const Interval& run = runs[i].interval;
        BOOST_TEST(run.start < run.end);
        BOOST_TEST((i == 0 || runs[i - 1].interval.chrom != run.chrom || runs[i - 1].interval.end <= run.start));
        for (std::int64_t b = run.start; b < run.end; ++b) bases[{run.chrom, b}] = std::stof(runs[i].fields[3]);
    }
    return bases;
}

}  // namespace chromatid::test
