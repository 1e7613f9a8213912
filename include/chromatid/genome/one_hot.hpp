// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/index.hpp>
#include <chromatid/genome/base_code.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace chromatid {

/// Writes base codes as one-hot rows: A, C, G, T set the first, second, third, fourth of four values, an unknown base none.
///
/// \param codes     base codes, each at most `unknown_base`
/// \param out       first of the four columns of the first row; (length, channels) with channels last, so an offset to other columns goes in here
/// \param channels  distance between rows in elements, at least 4; further columns are left as they are
template <class Scalar>
void one_hot(std::span<const std::uint8_t> codes, Scalar* out, Index channels) {
    static constexpr std::array<std::array<Scalar, 4>, 5> rows = {{{1, 0, 0, 0}, {0, 1, 0, 0}, {0, 0, 1, 0}, {0, 0, 0, 1}, {0, 0, 0, 0}}};
    for (const std::uint8_t code : codes) {
        std::copy_n(rows[code].data(), 4, out);
        out += channels;
    }
}

}  // namespace chromatid
