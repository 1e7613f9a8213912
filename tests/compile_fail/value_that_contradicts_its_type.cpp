// SPDX-License-Identifier: MIT
// A constant that is given a value other than the one in its type.
// expect: size .* given where the type says|ShapeError|is not a constant expression|must be initialized by a constant expression
#include <chromatid/layer/dense.hpp>

using namespace chromatid;

#ifdef MISTAKE
constexpr Dense<5> layer(6);
#else
constexpr Dense<5> layer(5);
#endif

static_assert(layer.units().value() == 5);
