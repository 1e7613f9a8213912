// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/index.hpp>

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>

namespace chromatid::test {

/// What a communicator of two ranks does where the other rank is left out: it is taken to have what we have.
struct OtherRankLikeOurs {
    static Index size() { return 2; }
    static void send(std::span<const std::byte>, Index) {}
    static void receive(std::span<std::byte>, Index) {}
    static void broadcast(std::span<std::byte>, Index) {}
    static void exchange(std::span<const std::byte> mine, std::span<std::byte> of_all) {
        std::ranges::copy(mine, of_all.begin());
        std::ranges::copy(mine, of_all.begin() + static_cast<std::ptrdiff_t>(mine.size()));
    }
    static void barrier() {}
    static void abort(const std::string&) {}
};

}  // namespace chromatid::test
