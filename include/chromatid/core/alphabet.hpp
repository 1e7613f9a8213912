// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/index.hpp>
#include <chromatid/core/property.hpp>

#include <concepts>
#include <string_view>

namespace chromatid {

/// A nucleotide alphabet whose first `size` channels of a one-hot input are its letters, in order.
template <class A>
concept ComplementedAlphabet = requires(Index letter) {
    { A::size } -> std::convertible_to<Index>;
    { A::letters() } -> std::convertible_to<std::string_view>;
    { A::complement(letter) } -> std::same_as<Index>;
};

/// A, C, G, T; A pairs with T and C with G.
struct Dna {
    static constexpr Index size = 4;
    static constexpr std::string_view letters() { return "ACGT"; }
    static constexpr Index complement(Index letter) { return 3 - letter; }
};

/// The twenty amino acids, one letter each in alphabetical order. They have no complement, so no reverse-complement network takes them.
struct AminoAcids {
    static constexpr Index size = 20;
    static constexpr std::string_view letters() { return "ACDEFGHIKLMNPQRSTVWY"; }
};

/// Says which letters the first channels of the input stand for (default: `Dna`).
template <class A>
struct Alphabet {
    using property_kind = kind::Alphabet;
    using type = A;
};

}  // namespace chromatid
