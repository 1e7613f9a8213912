// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/error.hpp>

namespace chromatid {

/// Training came to a loss or to parameters that are no finite numbers. The message names epoch and batch, counted from 1; the parameters
/// are those before that batch's step.
class Diverged : public Error {
  public:
    using Error::Error;
};

}  // namespace chromatid
