// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/parameter.hpp>
#include <chromatid/core/philox.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>

namespace chromatid {

/// Fills one parameter array as its initializer says.
/// \param array  number of the array in its network: with the seed it chooses the random numbers, so equal seeds give equal networks
template <class T>
void initialize(const ParameterSpec& spec, std::uint64_t seed, std::uint32_t array, std::span<T> values) {
    const std::size_t n = values.size();
    switch (spec.initializer().kind) {
        case Initializer::Kind::zeros:
            for (T& v : values) v = T{0};
            break;
        case Initializer::Kind::unit_forget_gate:
            for (std::size_t i = 0; i < n; ++i) values[i] = i / (n / 4) == 1 ? T{1} : T{0};
            break;
        case Initializer::Kind::glorot_uniform: {
            const double limit = std::sqrt(6.0 / static_cast<double>(spec.initializer().fan_in + spec.initializer().fan_out));
            for (std::size_t i = 0; i < n; i += 4) {
                const Philox::Block bits = Philox::block(Philox::key(seed), {static_cast<std::uint32_t>(i / 4), array, 0, 0});
                for (std::size_t j = i; j < i + 4 && j < n; ++j) values[j] = static_cast<T>(limit * (2.0 * Philox::uniform(bits[j - i]) - 1.0));
            }
            break;
        }
    }
}

}  // namespace chromatid
