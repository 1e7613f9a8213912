// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/error.hpp>

#include <cstddef>
#include <string>

namespace chromatid::cuda {

/// A device has no room for what was asked of it. Whoever knows how much a window takes catches it and says which batch would fit.
class OutOfMemory : public DeviceError {
  public:
    /// \param device  its name, as in "CUDA device 0"
    /// \param asked   bytes
    /// \param free    bytes left when it was asked for
    OutOfMemory(const std::string& device, std::size_t asked, std::size_t free)
        : DeviceError(device + " has no room for " + std::to_string(asked) + " bytes: " + std::to_string(free) + " are free"), asked(asked), free(free) {}

    std::size_t asked, free;
};

}  // namespace chromatid::cuda
