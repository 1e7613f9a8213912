// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/backend/cuda/out_of_memory.hpp>
#include <chromatid/core/error.hpp>

#include <sys/mman.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <iterator>
#include <map>
#include <mutex>
#include <new>
#include <string>

namespace chromatid::cuda {

/// Device memory of the emulator: a region that the process may touch only while a kernel or a copy runs, so that code which takes a device
/// pointer for one of its own is stopped at once, as it would be with a device. Under the address sanitizer it is ordinary memory instead,
/// with the sanitizer's borders.
///
/// Fresh memory is filled with NaN. One region for all emulated contexts; calls from several threads take turns.
class EmulatedMemory {
  public:
    static EmulatedMemory& instance() {
        static EmulatedMemory memory;
        return memory;
    }

    /// \throws OutOfMemory
    void* allocate(std::size_t bytes) {
        const std::size_t size = (bytes < line ? line : bytes + line - 1) / line * line;
        const std::lock_guard lock(mutex_);
        if (sanitized && size <= region) {
            void* p = ::operator new(size, std::align_val_t{line});
            sizes_[static_cast<char*>(p)] = size;
            std::memset(p, 0xFF, size);
            return p;
        }
        for (auto hole = holes_.begin(); hole != holes_.end(); ++hole)
            if (hole->second >= size) {
                const auto [at, room] = *hole;
                holes_.erase(hole);
                if (room > size) holes_[at + size] = room - size;
                sizes_[at] = size;
                open();
                std::memset(at, 0xFF, size);
                close();
                return at;
            }
        std::size_t free = sanitized ? region : 0;
        for (const auto& [at, room] : holes_) free = std::max(free, room);
        throw OutOfMemory("the emulated device", bytes, free);
    }
    void free(void* p) noexcept {
        if (p == nullptr) return;
        const std::lock_guard lock(mutex_);
        auto at = static_cast<char*>(p);
        std::size_t size = sizes_[at];
        sizes_.erase(at);
        if (sanitized) return ::operator delete(p, std::align_val_t{line});
        give_pages_back(at, size);
        const auto next = holes_.find(at + size);
        if (next != holes_.end()) {
            size += next->second;
            holes_.erase(next);
        }
        auto before = holes_.lower_bound(at);
        if (before != holes_.begin() && (--before)->first + before->second == at) before->second += size;
        else holes_[at] = size;
    }
    bool contains(const void* p) {
        const auto at = static_cast<char*>(const_cast<void*>(p));
        const std::lock_guard lock(mutex_);
        if (!sanitized) return at >= base_ && at < base_ + region;
        const auto after = sizes_.upper_bound(at);
        if (after == sizes_.begin()) return false;
        const auto& [first, size] = *std::prev(after);
        return at < first + size;
    }

    /// Takes note of host memory that copies read when they run, not when they are asked for.
    void pin(const void* p, std::size_t bytes) {
        const std::lock_guard lock(mutex_);
        pinned_[static_cast<const char*>(p)] = bytes;
    }
    void unpin(const void* p) {
        const std::lock_guard lock(mutex_);
        pinned_.erase(static_cast<const char*>(p));
    }
    bool is_pinned(const void* p) {
        const auto at = static_cast<const char*>(p);
        const std::lock_guard lock(mutex_);
        const auto after = pinned_.upper_bound(at);
        return after != pinned_.begin() && at < std::prev(after)->first + std::prev(after)->second;
    }

    /// Runs `f` while device memory may be touched.
    template <class F>
    void touch(const F& f) {
        const std::lock_guard lock(mutex_);
        open();
        f();
        close();
    }

  private:
#if defined(__SANITIZE_ADDRESS__)
    static constexpr bool sanitized = true;
#else
    static constexpr bool sanitized = false;
#endif
    static constexpr std::size_t line = 256, page = 4096, region = std::size_t{4} << 30;

    EmulatedMemory() {
        if (sanitized) return;
        void* p = ::mmap(nullptr, region, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (p == MAP_FAILED) throw DeviceError("the system gives no address space for an emulated device");
        base_ = static_cast<char*>(p);
        holes_[base_] = region;
    }
    void open() {
        if (!sanitized) ::mprotect(base_, used(), PROT_READ | PROT_WRITE);
    }
    void close() {
        if (!sanitized) ::mprotect(base_, used(), PROT_NONE);
    }
    /// Bytes up to the end of the last block.
    std::size_t used() const {
        if (sizes_.empty()) return page;
        const auto& [at, size] = *std::prev(sizes_.end());
        return (static_cast<std::size_t>(at - base_) + size + page - 1) / page * page;
    }
    /// The system is slow to protect pages that were ever used: those that lie wholly within a block that has gone are forgotten.
    void give_pages_back(char* at, std::size_t size) {
        const auto first = (static_cast<std::size_t>(at - base_) + page - 1) / page * page;
        const auto end = (static_cast<std::size_t>(at - base_) + size) / page * page;
        if (first < end) ::madvise(base_ + first, end - first, MADV_DONTNEED);
    }

    std::mutex mutex_;
    char* base_ = nullptr;
    std::map<char*, std::size_t> holes_, sizes_;
    std::map<const char*, std::size_t> pinned_;
};

}  // namespace chromatid::cuda
