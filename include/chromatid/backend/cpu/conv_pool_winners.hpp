// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/backend/conv_pool_geometry.hpp>

#include <cstdint>

namespace chromatid::cpu {

/// What training keeps of a fused run from the forward to the backward pass: for each output the place within its bin of the first maximum, as numbers of
/// 16 bits, or of 32 where bins are too long for those. Lies in the floats of a tape.
class ConvPoolWinners {
  public:
    /// \param floats  `size(g, rows)` of them, or null to read only
    ConvPoolWinners(const ConvPoolGeometry& g, float* floats) : row_size_(g.out_length * g.features()), narrow_(is_narrow(g)), to_(floats), from_(floats) {}
    ConvPoolWinners(const ConvPoolGeometry& g, const float* floats) : row_size_(g.out_length * g.features()), narrow_(is_narrow(g)), from_(floats) {}

    /// In floats.
    static constexpr Index size(const ConvPoolGeometry& g, Index rows) {
        const Index n = rows * g.out_length * g.features();
        return is_narrow(g) ? (n + 1) / 2 : n;
    }

    /// \param places  (out_length, features), whole numbers
    void put(Index row, const float* places) const {
        if (narrow_) put_as(reinterpret_cast<std::uint16_t*>(to_) + row * row_size_, places);
        else put_as(reinterpret_cast<std::uint32_t*>(to_) + row * row_size_, places);
    }

    /// Place of the maximum of output `element` = t * features + u.
    Index at(Index row, Index element) const {
        const Index i = row * row_size_ + element;
        return narrow_ ? static_cast<Index>(reinterpret_cast<const std::uint16_t*>(from_)[i])
                       : static_cast<Index>(reinterpret_cast<const std::uint32_t*>(from_)[i]);
    }

  private:
    static constexpr bool is_narrow(const ConvPoolGeometry& g) { return g.window <= 65536; }

    template <class Number>
    void put_as(Number* to, const float* places) const {
        for (Index i = 0; i < row_size_; ++i) to[i] = static_cast<Number>(places[i]);
    }

    Index row_size_;
    bool narrow_;
    float* to_ = nullptr;
    const float* from_;
};

}  // namespace chromatid::cpu
