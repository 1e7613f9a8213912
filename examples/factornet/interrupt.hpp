// SPDX-License-Identifier: MIT
#pragma once

#include <csignal>
#include <exception>

namespace factornet {

/// Thrown out of long work after SIGINT or SIGTERM, so that everything half done is taken back on the way out.
class Interrupted : public std::exception {
  public:
    explicit Interrupted(int signal) : signal_(signal) {}
    const char* what() const noexcept override { return "interrupted"; }
    /// 130 for SIGINT, 143 for SIGTERM.
    int exit_code() const { return 128 + signal_; }

  private:
    int signal_;
};

inline volatile std::sig_atomic_t received_signal = 0;

/// From here on SIGINT and SIGTERM are noted instead of ending the program.
inline void watch_signals() {
    for (const int signal : {SIGINT, SIGTERM}) std::signal(signal, [](int s) { received_signal = s; });
}

/// \throws Interrupted when a signal has come
inline void check_interrupted() {
    if (received_signal != 0) throw Interrupted(received_signal);
}

}  // namespace factornet
