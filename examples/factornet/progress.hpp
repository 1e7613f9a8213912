// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace factornet {

/// Reports work on stderr: on a terminal a bar with rate and time left, elsewhere a line every minute; nothing when quiet.
class Progress {
  public:
    /// \param unit  what is counted, in the plural: "windows"
    Progress(std::string unit, std::int64_t total, bool quiet);

    void advance(std::int64_t done);
    /// Says what it took in all.
    void finish();

    double seconds() const;
    /// Units per second since the start.
    double rate() const;

  private:
    using Clock = std::chrono::steady_clock;

    void print(const std::string& line, bool last) const;

    std::string unit_;
    std::int64_t total_;
    std::int64_t done_ = 0;
    bool quiet_;
    bool terminal_;
    Clock::time_point start_ = Clock::now();
    Clock::time_point shown_ = start_;
};

}  // namespace factornet
