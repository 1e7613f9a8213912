// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>

namespace factornet {

/// What `factornet inspect` is asked to do.
struct InspectOptions {
    std::filesystem::path model;
    bool json = false;
};

/// Prints what a model directory holds.
/// \throws chromatid::Error
void inspect(const InspectOptions& options);

}  // namespace factornet
