// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace factornet {

/// "1,529"
inline std::string with_commas(std::int64_t n) {
    std::string text = std::to_string(n);
    for (auto i = static_cast<std::ptrdiff_t>(text.size()) - 3; i > (n < 0 ? 1 : 0); i -= 3) text.insert(static_cast<std::size_t>(i), ",");
    return text;
}

/// "Unique35, DGF"
inline std::string listed(const std::vector<std::string>& names) {
    std::string text;
    for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
    return text;
}

}  // namespace factornet
