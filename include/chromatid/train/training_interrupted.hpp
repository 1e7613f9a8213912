// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/error.hpp>

#include <string>

namespace chromatid {

/// Training stopped because of a signal, between two batches and after `Checkpoints`, where there is one, had its turn.
class TrainingInterrupted : public Error {
  public:
    TrainingInterrupted(int signal, const std::string& where) : Error("interrupted " + where), signal_(signal) {}

    int signal() const { return signal_; }
    /// What a program ends with: 130 for SIGINT, 143 for SIGTERM, 129 for SIGHUP.
    int exit_code() const { return 128 + signal_; }

  private:
    int signal_;
};

}  // namespace chromatid
