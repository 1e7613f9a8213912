// SPDX-License-Identifier: MIT
// A stranded track without a partner.
// expect: SwapTracks takes pairs of track numbers
#include <chromatid/layer/flatten.hpp>
#include <chromatid/network/reverse_complement_siamese.hpp>

#include <concepts>

using namespace chromatid;

#ifdef MISTAKE
using Net = ReverseComplementSiamese<Flatten, SwapTracks<0>>;
#else
using Net = ReverseComplementSiamese<Flatten, SwapTracks<0, 1>>;
#endif

static_assert(std::same_as<OutputShape<Net, Shape<5, 6>>, Shape<30>>);
