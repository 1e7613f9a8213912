// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/error.hpp>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <vector>

/// \file Scores as sortable integers: one sort of plain 64-bit numbers carries labels or places along, without an array of indices beside
///       it.
namespace chromatid::detail {

/// A number that grows as the score falls. Both zeros give the same.
inline std::uint32_t falling_order(float score) {
    const auto bits = std::bit_cast<std::uint32_t>(score + 0.0F);
    return (bits & 0x80000000U) != 0 ? bits : ~(bits | 0x80000000U);
}

/// The score of a key, which holds its order in the upper half.
inline float score_of(std::uint64_t key) {
    const auto order = static_cast<std::uint32_t>(key >> 32);
    return std::bit_cast<float>((order & 0x80000000U) != 0 ? order : ~order & 0x7FFFFFFFU);
}

[[noreturn]] inline void refuse_nan(std::size_t place) {
    throw UsageError("score " + std::to_string(place) + " (counted from 0) is NaN: give every bin a number, or leave the bin out");
}

inline void check_as_many(std::size_t scores, std::size_t others, const char* what) {
    if (scores != others)
        throw UsageError(std::to_string(scores) + " scores and " + std::to_string(others) + " " + what +
                         ": there must be as many, in the same order");
    if (scores >= std::numeric_limits<std::uint32_t>::max() / 2)
        throw UsageError(std::to_string(scores) + " scores: at most 2,147,483,646 can be ranked");
}

/// 1, 0, or -1 for a label that is left out.
template <class Label>
int label_value(Label label, std::size_t place) {
    if (label == Label{1}) return 1;
    if (label == Label{0}) return 0;
    if (label == static_cast<Label>(-1)) return -1;
    throw UsageError("label " + std::to_string(place) + " (counted from 0) is " + std::to_string(label) +
                     ": a label is 1, 0, or -1 to leave it out");
}

/// Keys of the elements that have a label, sorted: order of the score in the upper half, `group(place) * 2 + label` in the lower.
/// \throws UsageError for different numbers of scores and labels, a NaN score or a label that is none
template <class Label, class Group>
std::vector<std::uint64_t> sorted_scores(std::span<const float> scores, std::span<const Label> labels, Group group) {
    check_as_many(scores.size(), labels.size(), "labels");
    std::vector<std::uint64_t> keys;
    keys.reserve(scores.size());
    for (std::size_t i = 0; i < scores.size(); ++i) {
        if (std::isnan(scores[i])) refuse_nan(i);
        const int label = label_value(labels[i], i);
        if (label < 0) continue;
        keys.push_back(std::uint64_t{falling_order(scores[i])} << 32 | std::uint64_t{group(i)} << 1 | static_cast<std::uint64_t>(label));
    }
    std::sort(keys.begin(), keys.end());
    return keys;
}
template <class Label>
std::vector<std::uint64_t> sorted_scores(std::span<const float> scores, std::span<const Label> labels) {
    return sorted_scores(scores, labels, [](std::size_t) { return std::uint32_t{0}; });
}

}  // namespace chromatid::detail
