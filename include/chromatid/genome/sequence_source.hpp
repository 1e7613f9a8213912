// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/genome/chrom_sizes.hpp>
#include <chromatid/genome/interval.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace chromatid {

/// Something that gives the bases of any interval of a genome: a FASTA or 2bit file, or sequence in memory.
///
/// `fetch(interval, codes)` fills exactly `interval.length()` base codes (see `base_code`); bases past either end of the chromosome read as
/// `unknown_base`. It throws UsageError for an unknown chromosome, with the name that was probably meant, and FormatError or IoError
/// where the file turns out to be damaged. One object serves one thread; `clone()` makes another one for another thread, sharing what can
/// be shared.
template <class S>
concept SequenceSource = std::movable<S> && requires(S& source, const S& same, const Interval& interval, std::span<std::uint8_t> codes) {
    { same.chromosomes() } -> std::same_as<const ChromSizes&>;
    source.fetch(interval, codes);
    { same.clone() } -> std::same_as<S>;
};

/// Base codes of an interval in a vector of their own.
template <SequenceSource S>
std::vector<std::uint8_t> fetch_codes(S& source, const Interval& interval) {
    std::vector<std::uint8_t> codes(static_cast<std::size_t>(interval.start < interval.end ? interval.length() : 0));
    source.fetch(interval, codes);
    return codes;
}

}  // namespace chromatid
