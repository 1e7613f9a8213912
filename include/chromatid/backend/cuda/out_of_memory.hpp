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
    /// \param bytes   asked for
    /// \param left    bytes that were free then
    OutOfMemory(const std::string& device, std::size_t bytes, std::size_t left)
        : DeviceError(device + " has no room for " + std::to_string(bytes) + " bytes: " + std::to_string(left) + " are free"),
          asked(bytes),
          free(left) {}

    std::size_t asked, free;
};

}  // namespace chromatid::cuda
