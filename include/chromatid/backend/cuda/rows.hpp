// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/backend/cuda/kernel/copy_rows.hpp>
#include <chromatid/backend/cuda/kernel/for_each.hpp>
#include <chromatid/backend/cuda/kernel/four.hpp>
#include <chromatid/backend/cuda/kernel/reverse_complement.hpp>
#include <chromatid/core/index.hpp>

#include <cstdint>
#include <span>

namespace chromatid::cuda {

namespace detail {

/// Copies `windows` stretches of `rows` rows; rows of y are `ldy` apart.
template <class E>
void copy_stretches(typename E::Context& on, Index windows, Index rows, Index columns, const float* x, Index window_step, Index row_step,
                    float* y, Index ldy) {
    if (come_in_fours({x, y}, {columns, window_step, row_step, ldy}))
        for_each<E>(on, windows * rows * columns / 4,
                    CopyRows<Four>{rows, columns / 4, reinterpret_cast<const Four*>(x), window_step / 4, row_step / 4,
                                   reinterpret_cast<Four*>(y), ldy / 4});
    else for_each<E>(on, windows * rows * columns, CopyRows<float>{rows, columns, x, window_step, row_step, y, ldy});
}

/// Calls `f` with a table of partners that kernels can read.
/// \param partner  of each channel, on the host
template <class E, class F>
void with_partners(typename E::Context& on, Index channels, const Index* partner, const F& f) {
    if (channels > FewPartners::most)
        return f(ManyPartners{on.constants().device(on, std::span(partner, static_cast<std::size_t>(channels)))});
    FewPartners few{};
    for (Index c = 0; c < channels; ++c) few.partner[c] = static_cast<std::uint8_t>(partner[c]);
    f(few);
}

}  // namespace detail

/// y[w, r, c] = x[w * window_step + r * row_step + c], y (windows, rows, columns); steps may be negative.
template <class E>
void copy_windows(typename E::Context& on, Index windows, Index rows, Index columns, const float* x, Index window_step, Index row_step,
                  float* y) {
    detail::copy_stretches<E>(on, windows, rows, columns, x, window_step, row_step, y, columns);
}

/// y[r, c] = x[r % x_rows, c]; rows of x are `ldx` apart, those of y `ldy`.
template <class E>
void copy_rows(typename E::Context& on, Index rows, Index columns, const float* x, Index x_rows, Index ldx, float* y, Index ldy) {
    // all rows are whole repetitions of x, and then some that are not a whole one
    const Index whole = x_rows > 0 ? rows / x_rows : 0, done = whole * x_rows;
    detail::copy_stretches<E>(on, whole, x_rows, columns, x, 0, ldx, y, ldy);
    detail::copy_stretches<E>(on, 1, rows - done, columns, x, 0, ldx, y + done * ldy, ldy);
}

/// y[b, length - 1 - t, partner[c]] = x[b, t, c] for x and y (batch, length, channels).
/// \param partner  a permutation of the channels, on the host
template <class E>
void reverse_complement(typename E::Context& on, Index batch, Index length, Index channels, const Index* partner, const float* x,
                        float* y) {
    detail::with_partners<E>(on, channels, partner, [&]<class Partners>(const Partners& partners) {
        for_each<E>(on, batch * length * channels, ReverseComplement<Partners>{partners, length, channels, x, y});
    });
}

}  // namespace chromatid::cuda
