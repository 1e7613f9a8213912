// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/index.hpp>

#include <type_traits>

#define CHROMATID_KERNELS <chromatid/backend/cpu/kernels/rows.inc>
#include <chromatid/backend/cpu/kernels/for_each_isa.inc>

namespace chromatid::cpu {

namespace detail {

inline void add_row_to_rows(Index rows, Index columns, const float* row, float* y) {
    CHROMATID_DISPATCH(add_row_to_rows, rows, columns, row, y);
}
inline void add_rows_to_row(Index rows, Index columns, const float* x, float* out) {
    CHROMATID_DISPATCH(add_rows_to_row, rows, columns, x, out);
}

}  // namespace detail

/// y[r, c] += row[c] for y (rows, columns).
template <class T>
void add_row_to_rows(Index rows, Index columns, const T* row, T* y) {
    if constexpr (std::is_same_v<T, float>) return detail::add_row_to_rows(rows, columns, row, y);
    else
        for (Index r = 0; r < rows; ++r, y += columns)
            for (Index c = 0; c < columns; ++c) y[c] += row[c];
}

/// out[c] += sum over r of x[r, c] for x (rows, columns), in the order of the rows.
template <class T>
void add_rows_to_row(Index rows, Index columns, const T* x, T* out) {
    if constexpr (std::is_same_v<T, float>) return detail::add_rows_to_row(rows, columns, x, out);
    else
        for (Index r = 0; r < rows; ++r, x += columns)
            for (Index c = 0; c < columns; ++c) out[c] += x[c];
}

}  // namespace chromatid::cpu
