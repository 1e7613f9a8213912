// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/genome/chrom_sizes.hpp>
#include <chromatid/genome/interval.hpp>

#include <concepts>
#include <cstddef>
#include <span>
#include <vector>

namespace chromatid {

/// Something that gives one value per base of any interval of a genome: a bigWig file, or values in memory.
///
/// `fetch(interval, values)` fills exactly `interval.length()` values; bases past either end of the chromosome read as 0. It throws
/// UsageError for an unknown chromosome, with the name that was probably meant, and FormatError or IoError where the file turns out to be
/// damaged. One object serves one thread; `clone()` makes another one for another thread, sharing what can be shared.
template <class S>
concept SignalSource = std::movable<S> && requires(S& source, const S& same, const Interval& interval, std::span<float> values) {
    { same.chromosomes() } -> std::same_as<const ChromSizes&>;
    source.fetch(interval, values);
    { same.clone() } -> std::same_as<S>;
};

/// Values of an interval in a vector of their own.
template <SignalSource S>
std::vector<float> fetch_values(S& source, const Interval& interval) {
    std::vector<float> values(static_cast<std::size_t>(interval.start < interval.end ? interval.length() : 0));
    source.fetch(interval, values);
    return values;
}

}  // namespace chromatid
