// SPDX-License-Identifier: MIT
#pragma once

#include <exception>
#include <initializer_list>

#include <signal.h>

namespace factornet {

/// Thrown out of long work after SIGINT or SIGTERM, so that everything half done is taken back on the way out.
class Interrupted : public std::exception {
  public:
    explicit Interrupted(int signal) : signal_(signal) {}
    const char* what() const noexcept override { return "interrupted"; }
    /// 130 for SIGINT, 143 for SIGTERM, 129 for SIGHUP.
    int exit_code() const { return 128 + signal_; }

  private:
    int signal_;
};

inline volatile sig_atomic_t received_signal = 0;

/// From here on the first SIGINT, SIGTERM or SIGHUP is noted instead of ending the program; a second one ends it at once. Signals that
/// whoever started the program had switched off (nohup) stay so. A closed pipe and a file that grows too large become errors of the write
/// instead of signals.
inline void watch_signals() {
    struct sigaction watch {};
    watch.sa_handler = [](int signal) { received_signal = signal; };
    watch.sa_flags = static_cast<int>(SA_RESTART | SA_RESETHAND);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
        struct sigaction before {};
        if (sigaction(signal, nullptr, &before) == 0 && before.sa_handler != SIG_IGN) sigaction(signal, &watch, nullptr);
    }
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
}

/// \throws Interrupted when a signal has come
inline void check_interrupted() {
    if (received_signal != 0) throw Interrupted(received_signal);
}

}  // namespace factornet
