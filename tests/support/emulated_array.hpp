// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/backend/cuda/emulator.hpp>
#include <chromatid/tensor/tensor.hpp>

#include <cstddef>
#include <span>
#include <vector>

#include "random_arrays.hpp"
#include "relative_error.hpp"

namespace chromatid::test {

/// That a block may have, in bytes: on sm_80, and on sm_86, sm_89 and sm_120.
constexpr std::size_t large_shared_memory = 163 * 1024, small_shared_memory = 99 * 1024;

/// An array in the memory of the emulated device, NaN where nothing was written.
template <class T>
class EmulatedArray {
    using E = cuda::Emulator;

  public:
    explicit EmulatedArray(Index size) : size_(size), memory_(size > 0 ? size : 1) {}
    EmulatedArray(E::Context& on, std::span<const T> values) : EmulatedArray(static_cast<Index>(values.size())) {
        E::copy_to_device(on, values.size_bytes(), values.data(), data());
    }
    /// Numbers of an array in double, rounded.
    EmulatedArray(E::Context& on, const Tensor<double>& values) : EmulatedArray(on, std::span<const T>(converted<T>(values).span())) {}

    T* data() const { return memory_.data(); }
    Index size() const { return size_; }
    std::vector<T> on_host(E::Context& on) const {
        std::vector<T> values(static_cast<std::size_t>(size_));
        E::copy_to_host(on, values.size() * sizeof(T), data(), values.data());
        E::synchronize(on);
        return values;
    }
    /// As `relative_error`.
    double error(E::Context& on, const Tensor<double>& reference) const {
        const std::vector<T> values = on_host(on);
        return relative_error(std::span<const T>(values), std::span<const double>(reference.span()));
    }

  private:
    Index size_;
    E::Buffer<T> memory_;
};

}  // namespace chromatid::test
