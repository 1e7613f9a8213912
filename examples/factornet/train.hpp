// SPDX-License-Identifier: MIT
#pragma once

#include <CLI/CLI.hpp>

#include <string>
#include <vector>

namespace factornet {

/// Adds the command `train`: a FactorNet from a genome, cell directories with tracks, and peaks.
void add_train(CLI::App& app);

/// Upstream's options of two letters behind one dash (-vi, -ep, -lr, -mo, -oc), written out: no parser of command lines takes them as they
/// are.
std::vector<std::string> spelled_out(std::vector<std::string> arguments);

}  // namespace factornet
