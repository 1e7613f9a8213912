// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace chromatid::test {

/// MD5 of a text in hexadecimal (RFC 1321), to compare with checksums that others computed.
inline std::string md5(std::string_view text) {
    static const auto constants = [] {
        std::array<std::uint32_t, 64> k{};
        for (std::size_t i = 0; i < 64; ++i)
            k[i] = static_cast<std::uint32_t>(4294967296.0 * std::abs(std::sin(static_cast<double>(i + 1))));
        return k;
    }();
    static constexpr int turns[4][4] = {{7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}};
    std::array<std::uint32_t, 4> state{0x67452301U, 0xefcdab89U, 0x98badcfeU, 0x10325476U};
    const auto add_block = [&](const char* bytes) {
        std::array<std::uint32_t, 16> words{};
        for (std::size_t i = 0; i < 64; ++i)
            words[i / 4] |= static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[i])) << (8 * (i % 4));
        auto [a, b, c, d] = state;
        for (std::size_t i = 0; i < 64; ++i) {
            const std::size_t round = i / 16;
            const std::uint32_t f = round == 0   ? (b & c) | (~b & d)
                                    : round == 1 ? (d & b) | (~d & c)
                                    : round == 2 ? b ^ c ^ d
                                                 : c ^ (b | ~d);
            const std::size_t word = round == 0 ? i : round == 1 ? (5 * i + 1) % 16 : round == 2 ? (3 * i + 5) % 16 : 7 * i % 16;
            const std::uint32_t sum = a + f + constants[i] + words[word];
            a = d;
            d = c;
            c = b;
            b += std::rotl(sum, turns[round][i % 4]);
        }
        state[0] += a;
        state[1] += b;
        state[2] += c;
        state[3] += d;
    };
    std::size_t at = 0;
    for (; at + 64 <= text.size(); at += 64) add_block(text.data() + at);
    std::string tail(text.substr(at));
    tail += '\x80';
    while (tail.size() % 64 != 56) tail += '\0';
    for (int i = 0; i < 8; ++i) tail += static_cast<char>(static_cast<std::uint64_t>(text.size()) * 8 >> (8 * i) & 0xff);
    for (at = 0; at < tail.size(); at += 64) add_block(tail.data() + at);
    std::string hex;
    for (const std::uint32_t word : state)
        for (int i = 0; i < 8; ++i) hex += "0123456789abcdef"[word >> (8 * (i / 2) + (i % 2 == 0 ? 4 : 0)) & 0xf];
    return hex;
}

}  // namespace chromatid::test
