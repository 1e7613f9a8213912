// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string>

namespace factornet {

/// What `factornet export` is asked to do; the names are those of its options.
struct ExportOptions {
    std::filesystem::path model;     ///< -m
    std::filesystem::path output;    ///< -o
    std::string format;              ///< --format: "keras1" or "native"
    std::string kernels = "theano";  ///< --kernels
    bool quiet = false;              ///< --quiet
};

/// Writes a model in the other format, or in the same one again, into a directory of its own.
/// \throws chromatid::Error
void export_model(const ExportOptions& options);

}  // namespace factornet
