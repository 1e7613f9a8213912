// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/index.hpp>
#include <chromatid/core/parameter.hpp>
#include <chromatid/io/digest.hpp>

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace chromatid {

/// Numbers that a safetensors file of ours holds: float, double, int32, int64, uint8, uint64.
template <class T>
concept SafetensorsValue = std::is_same_v<T, float> || std::is_same_v<T, double> || std::is_same_v<T, std::int32_t> ||
                           std::is_same_v<T, std::int64_t> || std::is_same_v<T, std::uint8_t> || std::is_same_v<T, std::uint64_t>;

/// One array of a safetensors file: what its header says.
struct SafetensorsArray {
    std::string name;
    std::string type;            ///< the format's name of the element type: "F32"
    std::vector<Index> extents;  ///< row-major; none for a single number
    std::uint64_t begin = 0;     ///< first byte, counted from the first byte behind the header
    std::uint64_t end = 0;       ///< byte behind the last

    bool operator==(const SafetensorsArray&) const = default;
};

namespace detail {

static_assert(std::endian::native == std::endian::little, "safetensors files are little-endian and written as they lie in memory");

inline constexpr const char* safetensors_metadata = "__metadata__";
inline constexpr const char* safetensors_digest = "digest";
inline constexpr std::uint64_t safetensors_largest_header = 100'000'000;  // the limit of the format's first implementation

/// Names of all element types of the format and their bytes; those that we cannot read are known, so that files with them open.
inline constexpr std::array<std::pair<std::string_view, std::uint64_t>, 17> safetensors_types{
    {{"F32", 4}, {"F64", 8}, {"I32", 4}, {"I64", 8}, {"U8", 1}, {"U64", 8}, {"BOOL", 1}, {"I8", 1}, {"I16", 2}, {"U16", 2}, {"U32", 4},
     {"F16", 2}, {"BF16", 2}, {"F8_E5M2", 1}, {"F8_E4M3", 1}, {"F8_E8M0", 1}, {"C64", 8}}};

template <SafetensorsValue T>
constexpr const char* safetensors_type() {
    if constexpr (std::is_same_v<T, float>) return "F32";
    else if constexpr (std::is_same_v<T, double>) return "F64";
    else if constexpr (std::is_same_v<T, std::int32_t>) return "I32";
    else if constexpr (std::is_same_v<T, std::int64_t>) return "I64";
    else if constexpr (std::is_same_v<T, std::uint8_t>) return "U8";
    else return "U64";
}

/// Of the arrays' names, types and extents; their bytes are added to it.
inline Digest digest_of_layout(std::span<const SafetensorsArray> arrays) {
    Digest digest;
    for (const SafetensorsArray& a : arrays) digest.add(a.name + " " + a.type + " " + to_string(std::span<const Index>(a.extents)) + "\n");
    return digest;
}

}  // namespace detail

}  // namespace chromatid
