// SPDX-License-Identifier: MIT
// A layer with two dynamic sizes that is given one.
// expect: no matching (function|constructor|conversion)
#include <chromatid/layer/conv1d.hpp>

using namespace chromatid;

#ifdef MISTAKE
const Conv1D<dyn, dyn, ReLU> layer(32);
#else
const Conv1D<dyn, dyn, ReLU> layer(32, 26);
#endif
