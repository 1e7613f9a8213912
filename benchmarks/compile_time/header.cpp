// SPDX-License-Identifier: MIT
#include <chromatid/chromatid.hpp>
