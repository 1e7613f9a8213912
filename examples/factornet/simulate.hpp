// SPDX-License-Identifier: MIT
#pragma once

#include <CLI/CLI.hpp>

namespace factornet {

/// Adds the command `simulate`: a genome with its annotations and several cells with tracks, peaks and metadata, to learn, train and test
/// on.
void add_simulate(CLI::App& app);

}  // namespace factornet
