// SPDX-License-Identifier: MIT
// A reverse complement of letters that have none.
// expect: ReverseComplementSiamese needs an alphabet with a complement, such as Dna
#include <chromatid/layer/flatten.hpp>
#include <chromatid/network/reverse_complement_siamese.hpp>

#include <concepts>

using namespace chromatid;

#ifdef MISTAKE
using Net = ReverseComplementSiamese<Flatten, Alphabet<AminoAcids>>;
#else
using Net = ReverseComplementSiamese<Flatten, Alphabet<Dna>>;
#endif

static_assert(std::same_as<OutputShape<Net, Shape<50, 20>>, Shape<1000>>);
