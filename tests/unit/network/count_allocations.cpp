// SPDX-License-Identifier: MIT
#include "tests/unit/network/count_allocations.hpp"

#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <new>

// Replaces this program's operator new by one that counts. What Eigen takes for its panels comes from malloc and does not count: only the
// library's own memory does.

namespace {

std::atomic<long> count{0};

void* counted(std::size_t size, std::size_t alignment) {
    ++count;
    const std::size_t whole = (size + alignment - 1) / alignment * alignment;
    void* const p = std::aligned_alloc(alignment, whole == 0 ? alignment : whole);
    if (p == nullptr) throw std::bad_alloc();
    return p;
}

}  // namespace

long chromatid::test::allocations() { return count; }

void* operator new(std::size_t size) { return counted(size, alignof(std::max_align_t)); }
void* operator new(std::size_t size, std::align_val_t alignment) { return counted(size, static_cast<std::size_t>(alignment)); }
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {  // std::stable_sort asks for its buffer so
    try {
        return counted(size, alignof(std::max_align_t));
    } catch (const std::bad_alloc&) {
        return nullptr;
    }
}
void operator delete(void* p) noexcept { std::free(p); }
void operator delete(void* p, std::size_t) noexcept { std::free(p); }
void operator delete(void* p, std::align_val_t) noexcept { std::free(p); }
void operator delete(void* p, std::size_t, std::align_val_t) noexcept { std::free(p); }
