// SPDX-License-Identifier: MIT
#include "progress.hpp"

#include "text.hpp"

#include <algorithm>
#include <cstdio>
#include <utility>

#include <unistd.h>

namespace factornet {

namespace {

std::string clock_text(double seconds) {
    const auto s = static_cast<std::int64_t>(seconds + 0.5);
    char text[32];
    if (s >= 3600)
        std::snprintf(text, sizeof text, "%lld:%02lld:%02lld", static_cast<long long>(s / 3600), static_cast<long long>(s / 60 % 60),
                      static_cast<long long>(s % 60));
    else std::snprintf(text, sizeof text, "%lld:%02lld", static_cast<long long>(s / 60), static_cast<long long>(s % 60));
    return text;
}

}  // namespace

Progress::Progress(std::string unit, std::int64_t total, bool quiet)
    : unit_(std::move(unit)), total_(total), quiet_(quiet), terminal_(isatty(STDERR_FILENO) != 0) {}

double Progress::seconds() const { return std::chrono::duration<double>(Clock::now() - start_).count(); }

double Progress::rate() const { return static_cast<double>(done_) / std::max(seconds(), 1e-9); }

void Progress::advance(std::int64_t done) {
    done_ += done;
    if (quiet_) return;
    const Clock::time_point now = Clock::now();
    if (now - shown_ < (terminal_ ? std::chrono::milliseconds(200) : std::chrono::milliseconds(60000))) return;
    shown_ = now;
    const double share = total_ > 0 ? static_cast<double>(done_) / static_cast<double>(total_) : 1;
    const double left = static_cast<double>(total_ - done_) / std::max(rate(), 1e-9);
    std::string line;
    if (terminal_) {
        const auto filled = static_cast<std::size_t>(30 * share);
        line = "[" + std::string(filled, '#') + std::string(30 - filled, '.') + "] ";
    }
    line += std::to_string(static_cast<int>(100 * share)) + " %, " + with_commas(done_) + " of " + with_commas(total_) + " " + unit_ +
            ", " + with_commas(static_cast<std::int64_t>(rate())) + " " + unit_ + "/s, ETA " + clock_text(left);
    print(line, false);
}

void Progress::finish() {
    if (quiet_) return;
    print(with_commas(done_) + " " + unit_ + " in " + clock_text(seconds()) + " (" + with_commas(static_cast<std::int64_t>(rate())) + " " +
              unit_ + "/s)",
          true);
}

void Progress::print(const std::string& line, bool last) const {
    if (terminal_) std::fprintf(stderr, "\r\033[K%s%s", line.c_str(), last ? "\n" : "");
    else std::fprintf(stderr, "%s\n", line.c_str());
}

}  // namespace factornet
