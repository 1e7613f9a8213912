// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/index.hpp>

#include <cstddef>
#include <cstring>
#include <map>
#include <span>
#include <string>
#include <type_traits>
#include <utility>

namespace chromatid::cuda {

/// Small tables that never change, such as class weights or the partners of channels, in device memory: each content is copied there once
/// and stays as long as its context.
///
/// \tparam E  `Gpu` or `Emulator`
template <class E>
class Constants {
  public:
    /// Where the numbers lie on the device; null for none. What a recorded step needs must have been asked for before: its first run, which
    /// is not recorded, does.
    template <class T>
    const T* device(typename E::Context& on, std::span<const T> numbers) {
        static_assert(std::is_trivially_copyable_v<T>);
        if (numbers.empty()) return nullptr;
        std::string content(reinterpret_cast<const char*>(numbers.data()), numbers.size_bytes());
        auto table = tables_.find(content);
        if (table == tables_.end()) {
            E::synchronize(on);  // makes its device the current one, and throws within a recorded step, before anything is kept
            typename E::template Buffer<std::byte> memory(static_cast<Index>(numbers.size_bytes()));
            table = tables_.emplace(std::move(content), std::move(memory)).first;
            E::copy_to_device(on, numbers.size_bytes(), table->first.data(), table->second.data());
        }
        return reinterpret_cast<const T*>(table->second.data());
    }

  private:
    std::map<std::string, typename E::template Buffer<std::byte>> tables_;
};

}  // namespace chromatid::cuda
