// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <filesystem>

namespace factornet {

/// What `factornet demo` is asked to do.
struct DemoOptions {
    std::filesystem::path directory;
    std::uint64_t seed = 1;
};

/// Writes a random genome with planted motif sites, a signal track, windows, and a model that recognises the sites: deterministic by seed.
/// \throws chromatid::Error
void write_demo(const DemoOptions& options);

}  // namespace factornet
