// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/index.hpp>

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace chromatid {

/// How a parameter starts before training.
struct Initializer {
    enum class Kind {
        zeros,             ///< all 0
        glorot_uniform,    ///< U(-s, s), s = sqrt(6 / (fan_in + fan_out)); Glorot and Bengio 2010
        orthogonal,        ///< each square block of columns a random orthogonal matrix; Saxe, McClelland and Ganguli 2014
        unit_forget_gate,  ///< an LSTM bias (i, f, c, o): 1 for the forget gate, else 0; Jozefowicz et al. 2015
    };
    Kind kind = Kind::zeros;
    Index fan_in = 0;
    Index fan_out = 0;

    static constexpr Initializer zeros() { return {}; }
    static constexpr Initializer glorot_uniform(Index fan_in, Index fan_out) { return {Kind::glorot_uniform, fan_in, fan_out}; }
    /// \param rows  rows of the array, and columns of each block
    static constexpr Initializer orthogonal(Index rows) { return {Kind::orthogonal, rows, rows}; }
    static constexpr Initializer unit_forget_gate() { return {Kind::unit_forget_gate, 0, 0}; }
};

/// One parameter array of a layer: its name within the layer, extents (row-major) and initializer.
class ParameterSpec {
  public:
    static constexpr std::size_t max_rank = 3;

    template <class... E>
    constexpr ParameterSpec(std::string_view name, Initializer initializer, E... extents)
        : name_(name), initializer_(initializer), extents_{static_cast<Index>(extents)...}, rank_(sizeof...(E)) {}

    constexpr std::string_view name() const { return name_; }
    constexpr const Initializer& initializer() const { return initializer_; }
    constexpr std::span<const Index> extents() const { return {extents_.data(), rank_}; }
    /// Number of elements.
    constexpr Index size() const {
        Index n = 1;
        for (const Index e : extents()) n *= e;
        return n;
    }

  private:
    std::string_view name_;
    Initializer initializer_;
    std::array<Index, max_rank> extents_{};
    std::size_t rank_;
};

/// Text of run-time extents: "(26, 6, 32)".
inline std::string to_string(std::span<const Index> extents) {
    std::string text = "(";
    for (std::size_t i = 0; i < extents.size(); ++i) text += (i ? ", " : "") + std::to_string(extents[i]);
    return text + ")";
}

}  // namespace chromatid
