// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/index.hpp>

// The sum of a loss over a batch and its slope, in one pass: reads y and the targets once, writes dy once. Entries are taken row by row and
// summed in double, one after another, so the sum depends on the batch alone; outputs are few (windows x tasks), and no vector code is
// wanted. Each entry is computed in double whatever `T` is, and only its slope is rounded.

namespace chromatid::cpu {

/// \param loss   `takes_part(t)`, `value(y, t, column)`, `slope(y, t, column)`, all of one entry
/// \param dy     scale * slope, 0 for entries that take no part; null where nobody needs it
/// \return       the sum of the values of entries that take part
template <class Entry, class T>
double sum_losses(Index rows, Index columns, const Entry& loss, const T* y, const float* targets, double scale, T* dy) {
    double sum = 0;
    for (Index r = 0, i = 0; r < rows; ++r)
        for (Index c = 0; c < columns; ++c, ++i) {
            const bool taken = loss.takes_part(targets[i]);
            const auto output = static_cast<double>(y[i]), target = static_cast<double>(targets[i]);
            if (taken) sum += loss.value(output, target, c);
            if (dy != nullptr) dy[i] = taken ? static_cast<T>(scale * loss.slope(output, target, c)) : T{0};
        }
    return sum;
}

}  // namespace chromatid::cpu
