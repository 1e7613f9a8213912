// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/backend/backend.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <span>

namespace chromatid {

/// Gradient-norm clipping: where the Euclidean norm of all gradients together is larger than `largest`, they are scaled down to it.
/// Pascanu, Mikolov and Bengio 2013.
struct ClipNorm {
    double largest = 1;

    /// The norm, summed in double in an order that depends on the number of gradients alone. The gradients lie in the backend's memory;
    /// waits for it.
    template <class B>
    static double norm(typename B::Context& on, std::span<const typename B::Scalar> gradients) {
        if constexpr (B::on_host) return std::sqrt(squares_by_chunks<B>(on, gradients));
        else {
            B::synchronize(on);  // so that memory is taken on its device
            const typename B::template Buffer<double> sum(1);
            double squares = 0;
            B::sum_squares(on, static_cast<Index>(gradients.size()), gradients.data(), sum.data());
            B::template download<double>(on, 1, sum.data(), &squares);
            return std::sqrt(squares);
        }
    }

    /// What an optimizer is to multiply the gradients by: 1, or `largest` / norm.
    template <class B>
    double scale(typename B::Context& on, std::span<const typename B::Scalar> gradients) const {
        const double n = norm<B>(on, gradients);
        return n > largest ? largest / n : 1.0;
    }

  private:
    template <class B>
    static double squares_by_chunks(typename B::Context& on, std::span<const typename B::Scalar> gradients) {
        constexpr Index most_chunks = 64, unit = 4096;
        const auto size = static_cast<Index>(gradients.size());
        const Index length = ((size + most_chunks - 1) / most_chunks + unit - 1) / unit * unit;
        const Index chunks = size == 0 ? 0 : (size + length - 1) / length;
        std::array<double, most_chunks> sums{};
        B::for_each_tile(on, chunks, [&](Index i) {
            B::sum_squares(on, std::min(length, size - i * length), gradients.data() + i * length, &sums[static_cast<std::size_t>(i)]);
        });
        double sum = 0;
        for (Index i = 0; i < chunks; ++i) sum += sums[static_cast<std::size_t>(i)];
        return sum;
    }
};

}  // namespace chromatid
