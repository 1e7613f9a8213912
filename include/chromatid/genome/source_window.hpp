// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/error.hpp>
#include <chromatid/core/index.hpp>
#include <chromatid/genome/chrom_sizes.hpp>
#include <chromatid/genome/interval.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace chromatid::detail {

/// The part of a request that lies on its chromosome.
template <class T>
struct SourceWindow {
    Index chromosome;     ///< place in the list of chromosomes
    std::int64_t start;   ///< first base on the chromosome
    std::span<T> values;  ///< what is to be filled, from `start` on; may be empty
};

/// What all sources have in common: checks the request, fills what lies off the chromosome with `outside`, and says what remains to be
/// read.
/// \throws UsageError for an unknown chromosome (with a suggestion), an interval that starts after its end, or a span of another length
template <class T>
SourceWindow<T> source_window(const ChromSizes& sizes, const std::string& source, const Interval& wanted, std::span<T> out, T outside) {
    const Index place = sizes.place_of(wanted.chrom, source);
    if (wanted.start > wanted.end) throw UsageError(source + ": " + to_string(wanted) + " starts after its end");
    if (static_cast<std::int64_t>(out.size()) != wanted.length()) {
        throw UsageError(source + ": " + to_string(wanted) + " needs room for " + std::to_string(wanted.length()) +
                         " values, the span has " + std::to_string(out.size()));
    }
    const std::int64_t start = std::clamp<std::int64_t>(wanted.start, 0, sizes[place].size);
    const std::int64_t end = std::clamp<std::int64_t>(wanted.end, start, sizes[place].size);
    if (start == end) {
        std::fill(out.begin(), out.end(), outside);
        return {place, start, {}};
    }
    const auto before = static_cast<std::size_t>(start - wanted.start);
    const auto inside = static_cast<std::size_t>(end - start);
    std::fill_n(out.begin(), before, outside);
    std::fill(out.begin() + static_cast<std::ptrdiff_t>(before + inside), out.end(), outside);
    return {place, start, out.subspan(before, inside)};
}

}  // namespace chromatid::detail
