// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/error.hpp>

#include <filesystem>
#include <system_error>
#include <vector>

namespace factornet {

/// Checks that a result can take the output's name, before hours go into it.
/// \throws chromatid::UsageError for a folder, and for a file that is read too
inline void check_output(const std::filesystem::path& output, const std::vector<std::filesystem::path>& inputs) {
    if (std::filesystem::is_directory(output))
        throw chromatid::UsageError(output.string() + ": is a directory; -o names the file to write");
    for (const std::filesystem::path& input : inputs)
        if (std::error_code absent; std::filesystem::equivalent(output, input, absent))
            throw chromatid::UsageError(output.string() + ": is an input too, writing would destroy it; give -o another name");
}

}  // namespace factornet
