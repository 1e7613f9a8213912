// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/philox.hpp>
#include <chromatid/tensor/tensor.hpp>

#include <cstdint>
#include <initializer_list>
#include <span>

namespace chromatid::test {

/// Random numbers that are the same on every machine.
class Draw {
  public:
    explicit Draw(std::uint64_t seed) : key_(Philox::key(seed)) {}

    /// In [-1, 1), exact in float.
    double number() { return 2.0 * static_cast<double>(Philox::uniform(bits())) - 1.0; }
    /// In [low, high].
    Index index(Index low, Index high) { return low + static_cast<Index>(bits() % static_cast<std::uint32_t>(high - low + 1)); }

    /// An array of numbers in [-scale, scale); a power of two as scale keeps them exact in float.
    Tensor<double> array(std::span<const Index> extents, double scale = 1.0) {
        Tensor<double> a(extents);
        for (double& v : a.span()) v = scale * number();
        return a;
    }
    Tensor<double> array(std::initializer_list<Index> extents, double scale = 1.0) {
        return array(std::span(extents.begin(), extents.size()), scale);
    }

  private:
    std::uint32_t bits() { return Philox::block(key_, {count_++, 0, 0, 0})[0]; }

    Philox::Key key_;
    std::uint32_t count_ = 0;
};

/// An array with its scalars converted.
template <class To, class From>
Tensor<To> converted(const Tensor<From>& a) {
    Tensor<To> b(a.extents());
    for (Index i = 0; i < a.size(); ++i) b.data()[i] = static_cast<To>(a.data()[i]);
    return b;
}

/// Windows of random letters, one-hot in the first four channels, and random signals in the others.
inline Tensor<double> random_windows(std::uint64_t seed, Index windows, Index length, Index channels) {
    Draw draw(seed);
    Tensor<double> x({windows, length, channels});
    for (Index b = 0; b < windows; ++b)
        for (Index t = 0; t < length; ++t) {
            x(b, t, draw.index(0, 3)) = 1.0;
            for (Index c = 4; c < channels; ++c) x(b, t, c) = draw.number();
        }
    return x;
}

}  // namespace chromatid::test
