// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/error.hpp>
#include <chromatid/core/index.hpp>
#include <chromatid/genome/base_code.hpp>
#include <chromatid/tensor/array.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <type_traits>

namespace chromatid {

/// Writes base codes as one-hot rows: A, C, G, T set the first, second, third, fourth of four values, an unknown base none.
///
/// \param codes     base codes, each at most `unknown_base`
/// \param out first of the four columns of the first row; (length, channels) with channels last, so an offset to other columns goes in
///     here
/// \param channels  distance between rows in elements, at least 4; further columns are left as they are
template <class Scalar>
void one_hot(std::span<const std::uint8_t> codes, Scalar* out, Index channels) {
    static constexpr std::array<std::array<Scalar, 4>, 5> rows = {{{1, 0, 0, 0}, {0, 1, 0, 0}, {0, 0, 1, 0}, {0, 0, 0, 1}, {0, 0, 0, 0}}};
    for (const std::uint8_t code : codes) {
        std::copy_n(rows[code].data(), 4, out);
        out += channels;
    }
}

/// The same into the first four columns of an array of shape (length, channels), of any type with `ArrayTraits` and a `value_type`.
/// \throws ShapeError where the array has not one row for each code, or fewer than four columns
template <Array A>
void one_hot(std::span<const std::uint8_t> codes, A&& out) {
    using Scalar = typename std::remove_cvref_t<A>::value_type;
    const View<Scalar> rows = write_array<Scalar>(out);
    if (rows.rank() != 2 || rows.extent(0) != static_cast<Index>(codes.size()) || rows.extent(1) < 4)
        throw ShapeError("one_hot: " + std::to_string(codes.size()) + " bases need an array of that many rows and at least 4 columns");
    one_hot(codes, rows.data(), rows.extent(1));
}

}  // namespace chromatid
