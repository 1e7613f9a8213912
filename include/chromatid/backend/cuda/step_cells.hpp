// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/backend/cuda/late.hpp>
#include <chromatid/core/error.hpp>
#include <chromatid/core/index.hpp>

#include <cstddef>
#include <cstring>
#include <span>
#include <string>
#include <type_traits>

namespace chromatid::cuda {

/// How a context takes the calls it gets: runs them, records them into a graph, or only takes note of what has changed since the graph was
/// recorded.
enum class StepMode { eager, capturing, replaying };

/// The numbers that differ from step to step of one graph, in the order in which the step asks for them: written by the host before each
/// run, read by kernels.
///
/// A step that is recorded asks for `late(value)` instead of using the value; kernels get the place of a cell. Each later run goes through
/// the same calls with nothing launched, which puts the new values into the same cells.
class StepCells {
  public:
    static constexpr std::size_t cell_bytes = 64, most = 256;

    /// \param host, device  `bytes()` each
    StepCells(std::byte* host, std::byte* device) : host_(host), device_(device) {}

    static constexpr std::size_t bytes() { return cell_bytes * most; }
    void rewind() { next_ = 0; }
    std::size_t used() const { return next_; }

    /// \throws DeviceError for more than `most` values
    template <class T>
    Late<T> keep(const T& value) {
        static_assert(std::is_trivially_copyable_v<T> && sizeof(T) <= cell_bytes);
        if (next_ == most) throw DeviceError("a step has more than " + std::to_string(most) + " numbers that change");
        const std::size_t at = cell_bytes * next_++;
        std::memcpy(host_ + at, &value, sizeof value);
        return {value, reinterpret_cast<const T*>(device_ + at)};
    }

  private:
    std::byte *host_, *device_;
    std::size_t next_ = 0;
};

}  // namespace chromatid::cuda
