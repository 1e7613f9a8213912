// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/error.hpp>
#include <chromatid/core/index.hpp>
#include <chromatid/genome/base_code.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace chromatid {

/// The other strand of base codes, in place: order reversed, each base replaced by the one it pairs with.
inline void reverse_complement(std::span<std::uint8_t> codes) {
    std::reverse(codes.begin(), codes.end());
    for (std::uint8_t& code : codes) code = complement_code(code);
}

/// The other strand of base codes, into `out`, which must be as long as `codes` and must not overlap it.
inline void reverse_complement(std::span<const std::uint8_t> codes, std::span<std::uint8_t> out) {
    std::transform(codes.rbegin(), codes.rend(), out.begin(), complement_code);
}

/// Where each signal track goes under reverse complement: tracks "X_fwd" and "X_rev" swap places, every other track stays.
/// Element i is the track whose values take place i.
/// \throws UsageError for a stranded track without its partner, or a name given twice
inline std::vector<Index> track_partners(const std::vector<std::string>& names) {
    const auto place_of = [&](const std::string& name) { return std::find(names.begin(), names.end(), name) - names.begin(); };
    std::vector<Index> partners;
    for (const std::string& name : names) {
        const Index self = static_cast<Index>(partners.size());
        if (place_of(name) != self) throw UsageError("track \"" + name + "\" is listed twice");
        const bool forward = name.ends_with("_fwd");
        if (!forward && !name.ends_with("_rev")) {
            partners.push_back(self);
            continue;
        }
        const std::string partner = name.substr(0, name.size() - 4) + (forward ? "_rev" : "_fwd");
        partners.push_back(place_of(partner));
        if (partners.back() == static_cast<Index>(names.size())) {
            throw UsageError("track \"" + name + "\" needs \"" + partner + "\" for the other strand, which is not among the tracks");
        }
    }
    return partners;
}

}  // namespace chromatid
