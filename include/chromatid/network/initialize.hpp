// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/parameter.hpp>
#include <chromatid/core/philox.hpp>
#include <chromatid/network/initialization.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <span>
#include <vector>

namespace chromatid {

namespace detail {

/// Random numbers for one parameter array: those of counter block i are words 4 i to 4 i + 3.
class ArrayNumbers {
  public:
    ArrayNumbers(std::uint64_t seed, std::uint32_t array) : key_(Philox::key(seed)), array_(array) {}

    /// In [0, 1).
    double uniform(std::size_t i) const {
        return static_cast<double>(Philox::uniform(Philox::block(key_, {static_cast<std::uint32_t>(i / 4), array_, 0, 0})[i % 4]));
    }
    /// Normal with mean 0 and variance 1, by Box and Muller's transform.
    double normal(std::size_t i) const {
        return std::sqrt(-2.0 * std::log(1.0 - uniform(2 * i))) * std::cos(2.0 * std::numbers::pi * uniform(2 * i + 1));
    }

  private:
    Philox::Key key_;
    std::uint32_t array_;
};

/// Rows of a square matrix made orthonormal one after another (Gram and Schmidt, each row twice).
inline void orthonormalize(std::vector<double>& matrix, std::size_t n) {
    for (std::size_t r = 0; r < n; ++r) {
        double* row = matrix.data() + r * n;
        for (int pass = 0; pass < 2; ++pass)
            for (std::size_t q = 0; q < r; ++q) {
                const double* other = matrix.data() + q * n;
                double dot = 0;
                for (std::size_t i = 0; i < n; ++i) dot += row[i] * other[i];
                for (std::size_t i = 0; i < n; ++i) row[i] -= dot * other[i];
            }
        double square = 0;
        for (std::size_t i = 0; i < n; ++i) square += row[i] * row[i];
        for (std::size_t i = 0; i < n; ++i) row[i] /= std::sqrt(square);
    }
}

template <class T>
void fill_uniform(const ArrayNumbers& numbers, Index fan_in, Index fan_out, std::span<T> values) {
    const double limit = std::sqrt(6.0 / static_cast<double>(fan_in + fan_out));
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<T>(limit * (2.0 * numbers.uniform(i) - 1.0));
}

template <class T>
void fill_orthogonal(const ArrayNumbers& numbers, std::size_t rows, std::span<T> values) {
    const std::size_t columns = values.size() / rows;
    std::vector<double> block(rows * rows);
    for (std::size_t first = 0; first < columns; first += rows) {
        for (std::size_t i = 0; i < block.size(); ++i) block[i] = numbers.normal(first * rows + i);
        orthonormalize(block, rows);
        for (std::size_t r = 0; r < rows; ++r)
            for (std::size_t c = 0; c < rows && first + c < columns; ++c)
                values[r * columns + first + c] = static_cast<T>(block[r * rows + c]);
    }
}

}  // namespace detail

/// Fills one parameter array as its initializer says.
/// \param array  number of the array in its network: with the seed it chooses the random numbers, so equal seeds give equal networks
template <class T>
void initialize(const ParameterSpec& spec, std::uint64_t seed, std::uint32_t array, std::span<T> values,
                Initialization habits = Initialization::standard) {
    const detail::ArrayNumbers numbers(seed, array);
    const std::size_t n = values.size();
    const Index fan_in = spec.initializer().fan_in, fan_out = spec.initializer().fan_out;
    const std::span<const Index> extents = spec.extents();
    switch (spec.initializer().kind) {
        case Initializer::Kind::zeros: std::fill(values.begin(), values.end(), T{0}); break;
        case Initializer::Kind::unit_forget_gate:
            for (std::size_t i = 0; i < n; ++i) values[i] = i / (n / 4) == 1 ? T{1} : T{0};
            break;
        case Initializer::Kind::glorot_uniform:
            if (habits == Initialization::keras1 && extents.size() == 3)
                detail::fill_uniform(numbers, extents[1] * extents[2], extents[0] * extents[1] * extents[2], values);
            else detail::fill_uniform(numbers, fan_in, fan_out, values);
            break;
        case Initializer::Kind::orthogonal:
            if (habits == Initialization::keras1) detail::fill_uniform(numbers, fan_in, fan_out, values);
            else detail::fill_orthogonal(numbers, static_cast<std::size_t>(fan_in), values);
            break;
    }
}

}  // namespace chromatid
