// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/error.hpp>
#include <chromatid/core/index.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <span>
#include <string>

namespace chromatid {

/// Starts the first two filters of a convolution from a known motif and its reverse complement, FactorNet's rule: at each position and
/// letter
///
///     kernel = log2(p / 0.25),    p = (probability + 0.001) / 1.004
///
/// in reading order around the kernel's middle (from position width - n - (width / 2 - n / 2) of n); all other entries of these two
/// filters, those of tracks among them, and their biases are 0. Further filters stay as they are.
///
/// \param probabilities  of A, C, G, T, position by position
/// \param kernel  (width, channels, filters), the first four channels being A, C, G, T
/// \param bias    (filters); may be empty
/// \throws UsageError for a motif longer than the kernel, or fewer than two filters; ShapeError where sizes and spans differ
template <class T>
void inject_motif(std::span<const std::array<double, 4>> probabilities, std::span<T> kernel, Index width, Index channels, Index filters,
                  std::span<T> bias) {
    const auto length = static_cast<Index>(probabilities.size());
    if (channels < 4 || static_cast<Index>(kernel.size()) != width * channels * filters ||
        (!bias.empty() && static_cast<Index>(bias.size()) != filters))
        throw ShapeError("a kernel of " + std::to_string(kernel.size()) + " numbers and a bias of " + std::to_string(bias.size()) +
                         " are not those of (" + std::to_string(width) + ", " + std::to_string(channels) + ", " + std::to_string(filters) +
                         ")");
    if (filters < 2) throw UsageError("a motif takes two filters, one for each strand; the network has " + std::to_string(filters));
    if (length > width)
        throw UsageError("the motif has " + std::to_string(length) + " positions, filters have " + std::to_string(width) +
                         "\n       make the filters wider, or leave the motif out");
    for (Index row = 0; row < width * channels; ++row) std::fill_n(kernel.begin() + row * filters, 2, T{0});
    std::fill_n(bias.begin(), std::min<std::size_t>(2, bias.size()), T{0});
    const Index first = width - length - (width / 2 - length / 2);
    for (Index position = 0; position < length; ++position) {
        const std::array<double, 4>& p = probabilities[static_cast<std::size_t>(position)];
        double sum = 0;
        for (const double value : p) sum += value + 0.001;
        for (Index letter = 0; letter < 4; ++letter) {
            const auto score = static_cast<T>(std::log2((p[static_cast<std::size_t>(letter)] + 0.001) / sum / 0.25));
            kernel[static_cast<std::size_t>(((first + position) * channels + letter) * filters)] = score;
            kernel[static_cast<std::size_t>(((first + length - 1 - position) * channels + 3 - letter) * filters + 1)] = score;
        }
    }
}

}  // namespace chromatid
