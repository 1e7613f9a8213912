// SPDX-License-Identifier: MIT
// A pair of tracks of which the input lacks one.
// expect: ReverseComplementSiamese: SwapTracks names a track that the input does not have
#include <chromatid/layer/flatten.hpp>
#include <chromatid/network/reverse_complement_siamese.hpp>

#include <concepts>

using namespace chromatid;

#ifdef MISTAKE
using Net = ReverseComplementSiamese<Flatten, SwapTracks<0, 2>>;
#else
using Net = ReverseComplementSiamese<Flatten, SwapTracks<0, 1>>;
#endif

static_assert(std::same_as<OutputShape<Net, Shape<5, 6>>, Shape<30>>);
