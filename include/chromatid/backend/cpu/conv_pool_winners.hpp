// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/backend/conv_pool_geometry.hpp>

#include <cstdint>

namespace chromatid::cpu {

/// What training keeps of a fused run from the forward to the backward pass: for each output the place within its bin of the
/// first maximum, as numbers of 16 bits, or of 32 where bins are too long for those. Lies in the floats of a tape.
class ConvPoolWinners {
  public:
    explicit ConvPoolWinners(const ConvPoolGeometry& g) : row_size_(g.out_length * g.features()), narrow_(is_narrow(g)) {}

    /// In floats.
    static constexpr Index size(const ConvPoolGeometry& g, Index rows) {
        const Index n = rows * g.out_length * g.features();
        return is_narrow(g) ? (n + 1) / 2 : n;
    }

    /// \param places  (out_length, features), whole numbers
    void put(float* tape, Index row, const float* places) const {
        if (narrow_) copy(places, reinterpret_cast<std::uint16_t*>(tape) + row * row_size_);
        else copy(places, reinterpret_cast<std::uint32_t*>(tape) + row * row_size_);
    }
    void get(const float* tape, Index row, std::int32_t* places) const {
        if (narrow_) copy(reinterpret_cast<const std::uint16_t*>(tape) + row * row_size_, places);
        else copy(reinterpret_cast<const std::uint32_t*>(tape) + row * row_size_, places);
    }

  private:
    static constexpr bool is_narrow(const ConvPoolGeometry& g) { return g.window <= 65536; }

    template <class From, class To>
    void copy(const From* __restrict from, To* __restrict to) const {
        for (Index i = 0; i < row_size_; ++i) to[i] = static_cast<To>(from[i]);
    }

    Index row_size_;
    bool narrow_;
};

}  // namespace chromatid::cpu
