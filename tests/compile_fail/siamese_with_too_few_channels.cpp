// SPDX-License-Identifier: MIT
// An input without room for the letters.
// expect: ReverseComplementSiamese: fewer channels than the alphabet has letters
#include <chromatid/layer/flatten.hpp>
#include <chromatid/network/reverse_complement_siamese.hpp>

using namespace chromatid;

#ifdef MISTAKE
using Input = Shape<50, 3>;
#else
using Input = Shape<50, 4>;
#endif

static_assert(OutputShape<ReverseComplementSiamese<Flatten>, Input>::rank == 1);
