// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/error.hpp>
#include <chromatid/core/index.hpp>

#include <cstddef>
#include <string>

namespace chromatid {

/// `make()`; where the memory of a device does not suffice for it, the error says what would fit.
/// \param wanted  windows that `make` takes memory for
/// \param memory  elements that it takes for n windows, not fewer for more of them
/// \throws DeviceError
template <class B, class Memory, class Make>
auto with_room([[maybe_unused]] Index wanted, [[maybe_unused]] const Memory& memory, const Make& make) {
    if constexpr (B::on_host) return make();
    else {
        try {
            return make();
        } catch (const typename B::OutOfMemory& error) {
            const auto room = static_cast<Index>(error.free / sizeof(typename B::Scalar));
            Index fits = 0, above = wanted;  // memory(fits) is there, memory(above) is not
            while (fits + 1 < above) {
                const Index middle = fits + (above - fits) / 2;
                (memory(middle) <= room ? fits : above) = middle;
            }
            throw DeviceError(std::string(error.what()) + "\n       it was for a batch of " + std::to_string(wanted) + " windows; " +
                              (fits == 0 ? "not even one of this network would fit" : "one of " + std::to_string(fits) + " would fit"));
        }
    }
}

}  // namespace chromatid
