// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/backend/cpu/cpu.hpp>
#include <chromatid/backend/cuda/basic_cuda.hpp>
#include <chromatid/tensor/windows.hpp>

#include "tests/support/random_arrays.hpp"
#include "tests/support/random_windows.hpp"
#include "tests/support/relative_error.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

namespace chromatid::test {

/// The same numbers on both sides.
template <class E>
struct ArrayOnBoth {
    std::vector<double> cpu;
    typename E::template Buffer<float> device;
};

/// Runs the same calls of primitives on `Cpu<double>` and on a device, and compares what they write.
///
/// \tparam E  `Gpu` or `Emulator`
template <class E, class Precision, class Math = ExactMath>
class BesideCpu {
  public:
    using Device = cuda::BasicCuda<E, Precision, Math, Fused>;

    using Array = ArrayOnBoth<E>;

    explicit BesideCpu(std::uint64_t seed) : draw_(seed) {}

    /// Random numbers in [-scale, scale); with `steps`, multiples of scale / steps, of which all precisions compute exact sums.
    Array in(Index n, double scale = 1.0, Index steps = 0) {
        std::vector<double> x(static_cast<std::size_t>(n));
        for (double& v : x)
            v = steps > 0 ? scale * static_cast<double>(draw_.index(-steps, steps)) / static_cast<double>(steps) : scale * draw_.number();
        return both(std::move(x));
    }
    /// To be written: NaN until then.
    Array out(Index n) { return both(std::vector<double>(static_cast<std::size_t>(n), std::numeric_limits<double>::quiet_NaN())); }
    Array both(std::vector<double> x) {
        Array a{std::move(x), {}};
        a.device = typename E::template Buffer<float>(static_cast<Index>(a.cpu.size()));
        const std::vector<float> single(a.cpu.begin(), a.cpu.end());
        Device::upload(on_, static_cast<Index>(single.size()), single.data(), a.device.data());
        E::synchronize(on_);
        return a;
    }

    /// `f(backend, context, at)` on both: `typename decltype(backend)::type` is the backend, `at(array)` the pointer for it.
    template <class F>
    void run(const F& f) {
        f(std::type_identity<Cpu<double, Math>>{}, cpu_on_, [](Array& a) { return a.cpu.data(); });
        f(std::type_identity<Device>{}, on_, [](Array& a) { return a.device.data(); });
    }

    std::vector<float> fetched(const Array& a) {
        std::vector<float> x(a.cpu.size());
        Device::download(on_, static_cast<Index>(x.size()), a.device.data(), x.data());
        return x;
    }
    /// How far the device's numbers are from the processor's.
    double error(const Array& a) {
        const std::vector<float> x = fetched(a);
        return relative_error(std::span<const float>(x), std::span<const double>(a.cpu));
    }
    typename E::Context& on() { return on_; }
    Draw& draw() { return draw_; }

  private:
    typename E::Context on_{0};
    typename Cpu<double, Math>::Context cpu_on_;
    Draw draw_;
};

/// Windows of the host as codes and tracks on a device; the table of partners stays on the host.
template <class E>
class WindowsOnDevice {
  public:
    WindowsOnDevice(typename E::Context& on, const RandomWindows& x)
        : windows_(x.encoded(true)),
          codes_(sent(on, x.codes)),
          tracks_(sent(on, x.tracks)),
          code_of_(sent(on, moved(x.code_of, x.codes.data(), codes_.data()))),
          track_of_(sent(on, moved(x.track_of, x.tracks.data(), tracks_.data()))) {
        windows_.codes = code_of_.data();
        windows_.tracks = track_of_.data();
    }
    const Windows<float>& get() const { return windows_; }

  private:
    template <class T>
    using Buffer = typename E::template Buffer<T>;

    template <class T>
    static Buffer<T> sent(typename E::Context& on, const std::vector<T>& host) {
        Buffer<T> there(static_cast<Index>(host.size()));
        E::copy_to_device(on, host.size() * sizeof(T), host.data(), there.data());
        E::synchronize(on);
        return there;
    }
    template <class T>
    static std::vector<const T*> moved(std::vector<const T*> pointers, const T* from, const T* to) {
        for (const T*& p : pointers) p = to + (p - from);
        return pointers;
    }

    Windows<float> windows_;
    Buffer<std::uint8_t> codes_;
    Buffer<float> tracks_;
    Buffer<const std::uint8_t*> code_of_;
    Buffer<const float*> track_of_;
};

}  // namespace chromatid::test
