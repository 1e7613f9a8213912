// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <atomic>
#include <string_view>

namespace chromatid::cpu {

/// Instruction sets that kernels are written for, the later the wider. `plain` runs everywhere.
enum class Isa { plain, avx2, avx512 };

constexpr std::string_view to_text(Isa isa) { return isa == Isa::avx512 ? "AVX-512" : isa == Isa::avx2 ? "AVX2" : "plain"; }

namespace detail {

inline Isa widest_isa() {
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
        __builtin_cpu_supports("avx512vl"))
        return Isa::avx512;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return Isa::avx2;
#endif
    return Isa::plain;
}

inline std::atomic<Isa>& isa_in_use() {
    static std::atomic<Isa> isa{widest_isa()};
    return isa;
}

}  // namespace detail

/// What kernels run with: the widest that this processor has, unless limited.
inline Isa isa() { return detail::isa_in_use().load(std::memory_order_relaxed); }

/// Keeps kernels from anything wider while it lives, in the whole process: for tests, and to compare.
class IsaLimit {
  public:
    explicit IsaLimit(Isa widest) : before_(isa()) { detail::isa_in_use() = std::min(widest, detail::widest_isa()); }
    IsaLimit(const IsaLimit&) = delete;
    IsaLimit& operator=(const IsaLimit&) = delete;
    ~IsaLimit() { detail::isa_in_use() = before_; }

  private:
    Isa before_;
};

}  // namespace chromatid::cpu
