// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <string>

namespace chromatid {

/// Keys under which a backend may record work that is done again and again, see its `repeat`: equal for equal descriptions, and no key is
/// ever given twice otherwise, so that nobody runs what was recorded over memory that is gone. Keys below `first` are left to others that
/// use the same context.
class StepKeys {
  public:
    static constexpr std::uint64_t first = std::uint64_t{1} << 32;

    /// \param step  says all that the recorded calls depend on: sizes, and where memory lies
    std::uint64_t key(const std::string& step) {
        static std::atomic<std::uint64_t> next{first};
        const auto [entry, fresh] = keys_.try_emplace(step, 0);
        if (fresh) entry->second = next++;
        return entry->second;
    }

  private:
    std::map<std::string, std::uint64_t> keys_;
};

}  // namespace chromatid
