// SPDX-License-Identifier: MIT
#pragma once

#include <CLI/CLI.hpp>

namespace factornet {

/// Adds the command `evaluate`: how well scores tell bound bins from unbound ones, and how far two sets of scores agree.
void add_evaluate(CLI::App& app);

}  // namespace factornet
