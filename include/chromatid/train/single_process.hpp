// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/index.hpp>
#include <chromatid/train/communicator.hpp>

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>

namespace chromatid {

/// The communicator of training that is not shared: one rank, which everything has reached already.
struct SingleProcess {
    static constexpr Index rank() { return 0; }
    static constexpr Index size() { return 1; }

    static void send(std::span<const std::byte>, Index) {}
    static void receive(std::span<std::byte>, Index) {}
    static void broadcast(std::span<std::byte>, Index) {}
    static void exchange(std::span<const std::byte> mine, std::span<std::byte> of_all) { std::ranges::copy(mine, of_all.begin()); }
    static void barrier() {}
    static void abort(const std::string&) {}
};
static_assert(Communicator<SingleProcess>);

}  // namespace chromatid
