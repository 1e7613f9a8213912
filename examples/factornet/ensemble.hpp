// SPDX-License-Identifier: MIT
#pragma once

#include <CLI/CLI.hpp>

namespace factornet {

/// Adds the command `ensemble`: one table of predictions out of those of several models.
void add_ensemble(CLI::App& app);

}  // namespace factornet
