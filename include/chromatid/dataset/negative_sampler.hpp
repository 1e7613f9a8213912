// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/index.hpp>
#include <chromatid/dataset/bin.hpp>

#include <concepts>

namespace chromatid {

/// A bin without a bound factor, and the cell whose tracks it is shown with.
struct Negative {
    Bin bin;
    Index cell = 0;

    friend auto operator<=>(const Negative&, const Negative&) = default;
};

/// Where the negatives of an epoch come from. Both calls are const, safe from any thread, and pure functions of their arguments once the
/// sampler stands.
///
/// - `count(epoch)`: how many the epoch has
/// - `sampler(epoch, index)`: one of them, `index` in [0, count(epoch))
template <class S>
concept NegativeSampler = std::copy_constructible<S> && requires(const S& sampler, Index epoch, Index index) {
    { sampler.count(epoch) } -> std::convertible_to<Index>;
    { sampler(epoch, index) } -> std::same_as<Negative>;
};

}  // namespace chromatid
