// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/backend/cpu/conv_pool_layout.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

namespace chromatid::cpu {

/// Codes of a dense window (length, channels) whose first four channels are one-hot or all zero at every position.
/// \return  whether they are; if not, the codes mean nothing
inline bool letters_of(const float* x, Index length, Index channels, std::uint8_t* codes) {
    constexpr auto first = std::bit_cast<std::uint64_t>(std::array{1.0F, 0.0F}),
                   second = std::bit_cast<std::uint64_t>(std::array{0.0F, 1.0F});
    bool all = true;
    for (Index t = 0; t < length; ++t, x += channels) {
        std::uint64_t ac, gt;
        std::memcpy(&ac, x, sizeof ac);
        std::memcpy(&gt, x + 2, sizeof gt);
        const std::uint64_t either = ac | gt;
        all &= ((ac == 0) | (gt == 0)) & ((either == 0) | (either == first) | (either == second));
        codes[t] = static_cast<std::uint8_t>(either == 0 ? 4 : 2 * (gt != 0) + (either == second));
    }
    return all;
}

/// The input of the fused run, segment by segment: each channel of a strand as a plane of its own, so that neighbouring positions of the
/// convolution read neighbouring floats whatever the step, and base codes two by two.
///
/// Output t of the convolution reads tap j of channel c at planes[c][phase][t - first + q], where j * dilation = q * step + phase. Beyond
/// the window there are zeros, and unknown letters.
class ConvPoolInput {
  public:
    ConvPoolInput(const ConvPoolGeometry& g, const ConvPoolLayout& l, const Windows<float>& x, float* memory)
        : g_(g), l_(l), x_(x), planes_(memory + l.planes), pair_codes_(reinterpret_cast<std::uint16_t*>(memory + l.pair_codes)),
          strand_letters_(reinterpret_cast<std::uint8_t*>(memory + l.strand_letters)),
          window_letters_(reinterpret_cast<std::uint8_t*>(memory + l.window_letters)) {
        for (int strand = 0; strand < 2; ++strand) {
            std::fill_n(letter_[strand], 256, static_cast<std::uint8_t>(letters));
            for (Index a = 0; a < std::min(letters, x.channels); ++a)
                letter_[strand][a] = static_cast<std::uint8_t>(strand == 0 || x.partner == nullptr ? a : x.partner[a]);
        }
    }

    /// Whether dense windows are worth a look for one-hot letters: those of a first layer.
    static bool may_have_letters(const Windows<float>& x) {
        if (x.encoded()) return true;
        if (x.channels < letters || (x.partner == nullptr && x.channels > 16)) return false;
        return x.partner == nullptr || std::all_of(x.partner, x.partner + letters, [](Index c) { return c < letters; });
    }

    void set_window(Index window) {
        window_ = window;
        codes_ = x_.encoded() ? x_.codes[window] : nullptr;
        if (!x_.encoded() && may_have_letters(x_) && letters_of(dense(), g_.length, g_.channels, window_letters_)) codes_ = window_letters_;
    }

    /// Whether the letters of the window are known, and its first four channels are not among the planes.
    bool coded() const { return codes_ != nullptr; }

    /// Loads what the convolution's outputs [first, first + segment) of a strand read.
    void load(bool other_strand, Index first) {
        const Index begin = first * g_.step;
        if (coded()) load_pairs(other_strand, begin);
        for (Index c = coded() ? letters : 0; c < g_.channels; ++c) {
            const float* channel = x_.encoded() ? x_.tracks[window_ * (g_.channels - letters) + c - letters] : dense() + c;
            const Index stride = x_.encoded() ? 1 : g_.channels;
            if (!other_strand) load_plane(channel + begin * stride, stride, g_.length - begin, c);
            else load_plane(channel + (g_.length - 1 - begin) * stride, -stride, g_.length - begin, x_.partner[c]);
        }
    }

    /// Of channel `c`, which is 4 or more where `coded()`.
    const float* plane(Index c) const { return planes_ + c * l_.phases * l_.span; }
    /// As the planes: [phase][position], offsets of the pair that begins at a position within the sums of a pair of taps.
    const std::uint16_t* pair_codes() const { return pair_codes_; }

  private:
    static constexpr Index letters = Windows<float>::letters;

    const float* dense() const { return x_.dense + window_ * g_.length * g_.channels; }

    /// \param from  position `first * step` of the strand
    void load_plane(const float* from, Index stride, Index valid, Index c) const {
        float* plane = planes_ + c * l_.phases * l_.span;
        for (Index phase = 0; phase < l_.phases; ++phase, from += stride, --valid, plane += l_.span) {
            const Index n = valid <= 0 ? 0 : std::min(l_.span, (valid - 1) / g_.step + 1);
            const Index apart = g_.step * stride;
            if (apart == 1) std::copy_n(from, n, plane);
            else if (apart == -1) reverse(from, n, plane);
            else
                for (Index m = 0; m < n; ++m) plane[m] = from[m * apart];
            std::fill_n(plane + n, l_.span - n, 0.0F);
        }
    }

    /// to[m] = from[-m]; sixteen at a time, which compilers turn into shuffles
    static void reverse(const float* __restrict from, Index n, float* __restrict to) {
        Index m = 0;
        for (; m + 16 <= n; m += 16)
            for (Index i = 0; i < 16; ++i) to[m + i] = from[-m - i];
        for (; m < n; ++m) to[m] = from[-m];
    }

    void load_pairs(bool other_strand, Index begin) const {
        const Index n = std::min(l_.letter_count(g_), g_.length - begin);
        const std::uint8_t* const letter = letter_[other_strand ? 1 : 0];
        const std::uint8_t* const from = codes_ + (other_strand ? g_.length - 1 - begin : begin);
        if (other_strand)
            for (Index q = 0; q < n; ++q) strand_letters_[q] = letter[*(from - q)];
        else
            for (Index q = 0; q < n; ++q) strand_letters_[q] = letter[from[q]];
        std::fill(strand_letters_ + n, strand_letters_ + l_.letter_count(g_), static_cast<std::uint8_t>(letters));

        for (Index phase = 0; phase < l_.phases; ++phase) {
            const std::uint8_t* at = strand_letters_ + phase;
            std::uint16_t* codes = pair_codes_ + phase * l_.span;
            for (Index m = 0; m < l_.span; m += 16) {
                if (g_.step == 1) pair_up(at + m, at + m + g_.dilation, l_.columns, codes + m);
                else
                    for (Index i = m; i < m + 16; ++i) codes[i] = pair(at[i * g_.step], at[i * g_.step + g_.dilation], l_.columns);
            }
        }
    }

    static std::uint16_t pair(int a, int b, Index columns) {
        return static_cast<std::uint16_t>((a * ConvPoolLayout::letters + b) * columns);
    }
    static void pair_up(const std::uint8_t* __restrict a, const std::uint8_t* __restrict b, Index columns,
                        std::uint16_t* __restrict codes) {
        for (Index i = 0; i < 16; ++i) codes[i] = pair(a[i], b[i], columns);
    }

    ConvPoolGeometry g_;
    ConvPoolLayout l_;
    Windows<float> x_;
    float* planes_;
    std::uint16_t* pair_codes_;
    std::uint8_t *strand_letters_, *window_letters_;
    std::uint8_t letter_[2][256];  ///< of a code on a strand
    const std::uint8_t* codes_ = nullptr;
    Index window_ = 0;
};

}  // namespace chromatid::cpu
