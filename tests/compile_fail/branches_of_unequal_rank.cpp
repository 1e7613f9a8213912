// SPDX-License-Identifier: MIT
// A join of a flat branch and a sequence.
// expect: Concat: the branches put out shapes of different rank
#include <chromatid/layer/dense.hpp>
#include <chromatid/layer/dropout.hpp>
#include <chromatid/layer/flatten.hpp>
#include <chromatid/network/concat.hpp>
#include <chromatid/network/sequential.hpp>

#include <concepts>

using namespace chromatid;

#ifdef MISTAKE
using Net = Concat<Flatten, Dropout>;
#else
using Net = Concat<Flatten, Sequential<Flatten, Dense<3>>>;
#endif

static_assert(std::same_as<OutputShape<Net, Shape<4, 6>>, Shape<27>>);
