// SPDX-License-Identifier: MIT
#pragma once

#include "interrupt.hpp"
#include "scan_options.hpp"

#include <CLI/CLI.hpp>

#include <string>
#include <utility>

namespace factornet {

/// A scan that a signal stopped; says what is kept.
class ScanInterrupted : public Interrupted {
  public:
    ScanInterrupted(const Interrupted& by, std::string text) : Interrupted(by), text_(std::move(text)) {}
    const char* what() const noexcept override { return text_.c_str(); }

  private:
    std::string text_;
};

/// Scores the bins of whole chromosomes or of regions, and calls peaks.
/// \throws chromatid::Error; ScanInterrupted
void scan(const ScanOptions& options);

/// Adds the command `scan` to the program.
void add_scan(CLI::App& app);

}  // namespace factornet
