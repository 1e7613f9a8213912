// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/index.hpp>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <new>
#include <span>
#include <type_traits>
#include <utility>

namespace chromatid::cpu {

/// Storage for parameters and arenas: 64-byte aligned, zero when made, movable. Its own mirror, as host and primitives share one memory.
template <class T>
class Buffer {
    static_assert(std::is_trivially_copyable_v<T>);

  public:
    Buffer() = default;
    explicit Buffer(Index size)
        : data_(static_cast<T*>(::operator new(static_cast<std::size_t>(size) * sizeof(T), alignment))), size_(size) {
        std::fill_n(data_.get(), size, T{});
    }
    Buffer(const Buffer& other) : Buffer(other.size_) { std::copy_n(other.data(), size_, data()); }
    Buffer& operator=(const Buffer& other) {
        Buffer copy(other);
        return *this = std::move(copy);
    }
    Buffer(Buffer&&) noexcept = default;
    Buffer& operator=(Buffer&&) noexcept = default;

    T* data() { return data_.get(); }
    const T* data() const { return data_.get(); }
    Index size() const { return size_; }
    template <class Context>
    T* on(Context&) { return data(); }
    template <class Context>
    const T* on(Context&) const { return data(); }
    std::span<T> span() { return {data(), static_cast<std::size_t>(size_)}; }
    std::span<const T> span() const { return {data(), static_cast<std::size_t>(size_)}; }

  private:
    static constexpr std::align_val_t alignment{64};
    struct Free {
        void operator()(T* p) const { ::operator delete(p, alignment); }
    };

    std::unique_ptr<T, Free> data_;
    Index size_ = 0;
};

}  // namespace chromatid::cpu
