// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/genome/any_signal.hpp>

#include <string>
#include <utility>

namespace chromatid {

/// A signal track: a source, and the name that messages and models call it by. Copies read with handles of their own.
struct NamedSignal {
    std::string name;
    AnySignal signal;

    NamedSignal(std::string name_of_track, AnySignal source) : name(std::move(name_of_track)), signal(std::move(source)) {}
    NamedSignal(const NamedSignal& other) : name(other.name), signal(other.signal.clone()) {}
    NamedSignal(NamedSignal&&) = default;
    NamedSignal& operator=(NamedSignal&&) = default;
};

}  // namespace chromatid
