// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/philox.hpp>
#include <chromatid/genome/base_code.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>

namespace factornet {

/// The binding motif of a simulated factor: 12 columns of base probabilities drawn from a seed. Eight columns have one preferred base, two
/// have a weaker one, two have two equal ones. A site is a stretch that scores at least `threshold()`, 65 % of the best possible log-odds.
class SimulatedMotif {
  public:
    static constexpr std::size_t width = 12;
    using Bases = std::array<std::uint8_t, width>;

    /// Random 32-bit numbers of a motif: a pure function of (use, number).
    struct Draws {
        chromatid::Philox::Key key;
        std::uint32_t factor = 0;
        std::uint32_t operator()(std::uint32_t use, std::uint32_t number) const {
            return chromatid::Philox::block(key, {number, use, factor, 0x4d4f5446U})[0];
        }
    };

    explicit SimulatedMotif(const Draws& draws) {
        std::array<std::size_t, width> order{};
        for (std::size_t i = 0; i < width; ++i) order[i] = i;
        for (std::uint32_t i = width - 1; i > 0; --i) std::swap(order[i], order[draws(0, i) % (i + 1)]);
        for (std::size_t i = 0; i < width; ++i) {
            Column& column = percent_[order[i]];
            const std::uint32_t first = draws(1, static_cast<std::uint32_t>(i)) % 4;
            const std::uint32_t second = (first + 1 + draws(2, static_cast<std::uint32_t>(i)) % 3) % 4;
            if (i < 8) column = {2, 2, 2, 2}, column[first] = 94;
            else if (i < 10) column = {10, 10, 10, 10}, column[first] = 70;
            else column = {2, 2, 2, 2}, column[first] = column[second] = 48;
        }
        int best = 0;
        for (std::size_t i = 0; i < width; ++i) {
            for (std::size_t base = 0; base < 4; ++base)
                score_[i][base] = static_cast<int>(std::lround(1000 * std::log2(static_cast<double>(percent_[i][base]) / 25)));
            best += *std::max_element(score_[i].begin(), score_[i].begin() + 4);
            score_[i][chromatid::unknown_base] = -100000;
        }
        best_ = best;
    }

    /// Probability of a base (0 to 3) in a column.
    double probability(std::size_t column, std::size_t base) const { return static_cast<double>(percent_[column][base]) / 100; }

    /// Log-odds against equal bases of the stretch that begins at `codes`, in thousandths of a bit, read forward or on the other strand.
    int score(const std::uint8_t* codes, bool reverse) const {
        int sum = 0;
        if (reverse)
            for (std::size_t i = 0; i < width; ++i) sum += score_[width - 1 - i][chromatid::complement_code(codes[i])];
        else
            for (std::size_t i = 0; i < width; ++i) sum += score_[i][codes[i]];
        return sum;
    }
    int best() const { return best_; }
    int threshold() const { return best_ * 65 / 100; }

    /// An instance drawn from the columns, forward; `number` gives up to 16 draws of 32 bits for a column, of which the first that make a
    /// site are taken, else the preferred bases.
    template <class Number>
    Bases instance(const Number& number) const {
        Bases bases{};
        for (std::uint32_t attempt = 0; attempt < 16; ++attempt) {
            for (std::size_t i = 0; i < width; ++i) bases[i] = drawn(i, number(attempt, static_cast<std::uint32_t>(i)));
            if (score(bases.data(), false) >= threshold()) return bases;
        }
        for (std::size_t i = 0; i < width; ++i)
            bases[i] = static_cast<std::uint8_t>(std::max_element(percent_[i].begin(), percent_[i].end()) - percent_[i].begin());
        return bases;
    }

    /// Spoils a forward instance: other bases in `changes` columns that have a preferred one, chosen by `number`.
    template <class Number>
    void spoil(Bases& bases, std::uint32_t changes, const Number& number) const {
        for (std::uint32_t i = 0, done = 0; i < 64 && done < changes; ++i) {
            const std::uint32_t bits = number(16, i);
            const std::size_t column = bits % width;
            if (percent_[column][bases[column]] < 90) continue;
            bases[column] = static_cast<std::uint8_t>((bases[column] + 1 + (bits >> 16) % 3) % 4);
            ++done;
        }
    }

    static Bases reverse_complement(const Bases& bases) {
        Bases other{};
        for (std::size_t i = 0; i < width; ++i) other[width - 1 - i] = chromatid::complement_code(bases[i]);
        return other;
    }

  private:
    using Column = std::array<int, 4>;

    std::uint8_t drawn(std::size_t column, std::uint32_t bits) const {
        int left = static_cast<int>((std::uint64_t{bits} * 100) >> 32);
        for (std::uint8_t base = 0; base < 3; ++base)
            if ((left -= percent_[column][base]) < 0) return base;
        return 3;
    }

    std::array<Column, width> percent_{};
    std::array<std::array<int, 5>, width> score_{};
    int best_ = 0;
};

}  // namespace factornet
