// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/tensor/windows.hpp>

#include <cstdint>
#include <span>
#include <vector>

#include "emulated_array.hpp"
#include "random_windows.hpp"

namespace chromatid::test {

/// Random windows in the memory of the emulated device, dense and encoded; the table of partners stays on the host.
class EmulatedWindows {
    using E = cuda::Emulator;

  public:
    EmulatedWindows(E::Context& on, const RandomWindows& windows, bool both_strands)
        : windows_(both_strands ? windows.as_dense(true) : windows.as_dense(false)),
          dense_(on, windows.dense.span()),
          codes_(on, std::span<const std::uint8_t>(windows.codes)),
          tracks_(on, std::span<const float>(windows.tracks)),
          code_of_(on, std::span<const std::uint8_t* const>(moved(windows.code_of, windows.codes.data(), codes_.data()))),
          track_of_(on, std::span<const float* const>(moved(windows.track_of, windows.tracks.data(), tracks_.data()))) {
        windows_.dense = nullptr;
    }

    Windows<float> dense() const {
        Windows<float> w = windows_;
        w.dense = dense_.data();
        return w;
    }
    Windows<float> encoded() const {
        Windows<float> w = windows_;
        w.codes = code_of_.data();
        w.tracks = track_of_.data();
        return w;
    }

  private:
    template <class T>
    static std::vector<const T*> moved(std::vector<const T*> pointers, const T* from, const T* to) {
        for (const T*& p : pointers) p = to + (p - from);
        return pointers;
    }

    Windows<float> windows_;
    EmulatedArray<float> dense_;
    EmulatedArray<std::uint8_t> codes_;
    EmulatedArray<float> tracks_;
    EmulatedArray<const std::uint8_t*> code_of_;
    EmulatedArray<const float*> track_of_;
};

}  // namespace chromatid::test
