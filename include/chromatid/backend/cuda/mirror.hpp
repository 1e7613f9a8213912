// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/error.hpp>
#include <chromatid/core/index.hpp>

#include <atomic>
#include <cstddef>
#include <mutex>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace chromatid::cuda {

/// Values that the host and the primitives of a device both want, such as parameters: a copy on each side, and which of them is the
/// newest. What is asked for is brought up to date first, so that both sides see one array of values.
///
/// Forms that give const access may be called by several threads at once; the others need the mirror for themselves. Work that other
/// contexts have queued is not waited for, except where the host fetches.
///
/// \tparam E  `Gpu` or `Emulator`
template <class E, class T>
class Mirror {
    static_assert(std::is_trivially_copyable_v<T>);

  public:
    Mirror() = default;
    /// Zeros. Device memory is taken at the first `on`.
    explicit Mirror(Index size) : host_(static_cast<std::size_t>(size)) {}
    /// The newest values of `other`.
    Mirror(const Mirror& other) : host_(other.span().begin(), other.span().end()) {}
    Mirror(Mirror&& other) noexcept { swap(other); }
    /// Keeps its memory on the device where the sizes are the same, so that graphs which know it stay right.
    Mirror& operator=(const Mirror& other) {
        if (this == &other) return *this;
        const std::span<const T> values = other.span();
        if (size() != other.size()) {
            device_ = {};
            number_ = none;
        }
        host_.assign(values.begin(), values.end());
        newest_ = Side::host;
        return *this;
    }
    Mirror& operator=(Mirror&& other) noexcept {
        swap(other);
        return *this;
    }
    ~Mirror() = default;

    Index size() const { return static_cast<Index>(host_.size()); }

    /// The host's copy, to be written: goes to the device when that is next asked for. Pointers to it stay good.
    std::span<T> span() {
        fetch();
        newest_ = Side::host;
        return host_;
    }
    std::span<const T> span() const {
        fetch();
        return host_;
    }
    T* data() { return span().data(); }
    const T* data() const { return span().data(); }

    /// The device's copy, for primitives that read and write it.
    /// \throws DeviceError within a recorded step where the host's copy is the newest, and for a context of another device than that of the
    ///         first call
    T* on(typename E::Context& context) {
        send(context);
        newest_ = Side::device;
        return device_.data();
    }
    /// The device's copy, for primitives that read it.
    const T* on(typename E::Context& context) const {
        send(context);
        return device_.data();
    }

  private:
    enum class Side { host, device, both };
    static constexpr int none = -1;

    std::size_t bytes() const { return host_.size() * sizeof(T); }

    void fetch() const {
        if (newest_.load(std::memory_order_acquire) != Side::device) return;
        const std::lock_guard lock(mutex_);
        if (newest_ != Side::device) return;
        E::fetch(bytes(), device_.data(), host_.data());
        newest_.store(Side::both, std::memory_order_release);
    }
    /// Waits until the values are there, as other contexts may read them next.
    void send(typename E::Context& context) const {
        expect_same_device(context);
        if (newest_.load(std::memory_order_acquire) == Side::host) bring(context);
        expect_same_device(context);  // another thread may have been the first
    }
    void expect_same_device(const typename E::Context& context) const {
        if (const int here = number_; here >= 0 && here != context.device())
            throw DeviceError("these values lie on device " + std::to_string(here) + " and cannot be used on device " +
                              std::to_string(context.device()) +
                              ": a model stays on the device it first ran on; give its parameters to another one");
    }
    void bring(typename E::Context& context) const {
        const std::lock_guard lock(mutex_);
        if (newest_ != Side::host || host_.empty()) return;
        E::synchronize(context);  // makes its device the one that memory is taken from
        if (device_.data() == nullptr) {
            device_ = Memory(size());
            number_ = context.device();
        }
        E::copy_to_device(context, bytes(), host_.data(), device_.data());
        E::synchronize(context);
        newest_.store(Side::both, std::memory_order_release);
    }
    void swap(Mirror& other) noexcept {
        std::swap(host_, other.host_);
        std::swap(device_, other.device_);
        newest_ = other.newest_.exchange(newest_);
        number_ = other.number_.exchange(number_);
    }

    using Memory = typename E::template Buffer<T>;

    mutable std::vector<T> host_;
    mutable Memory device_;
    mutable std::atomic<Side> newest_ = Side::host;
    mutable std::atomic<int> number_ = none;  ///< of the device that `device_` lies on
    mutable std::mutex mutex_;
};

}  // namespace chromatid::cuda
