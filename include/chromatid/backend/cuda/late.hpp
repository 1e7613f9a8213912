// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/host_device.hpp>

namespace chromatid::cuda {

/// A kernel argument that differs from step to step: its value, or the place in device memory where a captured graph finds it, see
/// `StepCells`.
template <class T>
struct Late {
    T value{};
    const T* at = nullptr;

    CHROMATID_HOST_DEVICE T get() const { return at == nullptr ? value : *at; }
};

}  // namespace chromatid::cuda
