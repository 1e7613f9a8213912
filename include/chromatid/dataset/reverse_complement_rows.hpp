// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/index.hpp>

#include <algorithm>
#include <cstddef>
#include <span>
#include <utility>

namespace chromatid {

/// The other strand of a window of rows A, C, G, T, tracks, in place: positions reversed, A swapped with T and C with G, and each track
/// replaced by its partner.
/// \param rows      (length, 4 + partners.size())
/// \param partners  as `track_partners` gives them
template <class Scalar>
void reverse_complement_rows(std::span<Scalar> rows, std::span<const Index> partners) {
    const auto channels = static_cast<Index>(4 + partners.size());
    Scalar* front = rows.data();
    for (Scalar* back = rows.data() + rows.size() - channels; front < back; front += channels, back -= channels)
        std::swap_ranges(front, front + channels, back);
    for (Scalar* row = rows.data(); row < rows.data() + rows.size(); row += channels) {
        std::reverse(row, row + 4);
        for (std::size_t t = 0; t < partners.size(); ++t)
            if (partners[t] > static_cast<Index>(t)) std::swap(row[4 + t], row[4 + partners[t]]);
    }
}

}  // namespace chromatid
