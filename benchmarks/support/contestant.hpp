// SPDX-License-Identifier: MIT
#pragma once

#include <benchmarks/support/cpu_seconds.hpp>
#include <benchmarks/support/fma_probe.hpp>

#include <cstdio>
#include <functional>
#include <iostream>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

namespace bench {

/// A program that takes its turns among the contestants of a run: it reads lines from stdin and answers each with one.
///
///     names      the entries that were added, separated by blanks
///     time NAME  processor seconds of one run of an entry
///     show NAME  runs an entry and prints what it computed, separated by blanks
///     probe      floating-point operations per second of fused multiply-adds in registers
///
/// `support/contest.py` is the other end.
class Contestant {
  public:
    /// \param run      does the work once; it is timed
    /// \param results  where a run leaves what it computed
    void add(std::string name, std::function<void()> run, std::span<const float> results) {
        entries_.push_back({std::move(name), std::move(run), results});
    }

    /// Answers until stdin ends. \return the exit code for `main`
    int serve() const {
        for (std::string word, name; std::cin >> word;) {
            if (word == "names") {
                for (const Entry& e : entries_) std::printf("%s ", e.name.c_str());
            } else if (word == "probe") {
                std::printf("%.6e", fma_probe());
            } else if (std::cin >> name) {
                const Entry& e = entry(name);
                const double start = cpu_seconds();
                e.run();
                const double seconds = cpu_seconds() - start;
                if (word == "time") std::printf("%.9f", seconds);
                else
                    for (const float y : e.results) std::printf("%.9g ", static_cast<double>(y));
            }
            std::printf("\n");
            std::fflush(stdout);
        }
        return 0;
    }

  private:
    struct Entry {
        std::string name;
        std::function<void()> run;
        std::span<const float> results;
    };

    const Entry& entry(const std::string& name) const {
        for (const Entry& e : entries_)
            if (e.name == name) return e;
        throw std::invalid_argument("no entry " + name);
    }

    std::vector<Entry> entries_;
};

}  // namespace bench
