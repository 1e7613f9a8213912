// SPDX-License-Identifier: MIT
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

namespace chromatid::detail {

/// A stretch of signal in as few bytes as hold its values exactly: one value where all are equal, one byte per base where there are at most
/// 256 different ones, two bytes where that is less than the floats themselves. Codes are places in a table of the values, which comes
/// first.
struct SignalBlock {
    enum class Kind : std::uint8_t { constant, bytes, words, floats };

    const std::uint8_t* data = nullptr;
    std::uint32_t table = 0;  ///< values in the table
    float value = 0;          ///< of a constant block
    Kind kind = Kind::constant;

    /// Calls `f(i, value)` for `count` values from the block's base `first` on.
    template <class F>
    void for_each(std::size_t first, std::size_t count, const F& f) const {
        const auto* values = reinterpret_cast<const float*>(data);
        switch (kind) {
            case Kind::constant:
                for (std::size_t i = 0; i < count; ++i) f(i, value);
                break;
            case Kind::bytes: {
                const std::uint8_t* codes = data + table * sizeof(float) + first;
                for (std::size_t i = 0; i < count; ++i) f(i, values[codes[i]]);
                break;
            }
            case Kind::words: {
                const auto* codes = reinterpret_cast<const std::uint16_t*>(data + table * sizeof(float)) + first;
                for (std::size_t i = 0; i < count; ++i) f(i, values[codes[i]]);
                break;
            }
            case Kind::floats:
                for (std::size_t i = 0; i < count; ++i) f(i, values[first + i]);
        }
    }
};

/// Finds the shortest form of blocks of signal. One for each thread: it keeps a table of the values met.
class SignalPacker {
  public:
    /// Packs at most 65,536 values into `bytes`; the block's `data` is to be set to where they will lie.
    SignalBlock pack(std::span<const float> values, std::vector<std::uint8_t>& bytes) {
        bytes.clear();
        codes_.resize(values.size());
        table_.clear();
        ++round_;
        std::uint32_t last_bits = 0;
        std::uint16_t last_code = 0;
        for (std::size_t i = 0; i < values.size(); ++i) {
            const auto bits = std::bit_cast<std::uint32_t>(values[i]);
            if (i == 0 || bits != last_bits) last_code = code_of(bits, values[i]);
            last_bits = bits;
            codes_[i] = last_code;
        }
        SignalBlock block;
        block.table = static_cast<std::uint32_t>(table_.size());
        const std::size_t table_bytes = table_.size() * sizeof(float);
        if (table_.size() <= 1) {
            block.value = table_.empty() ? 0.0F : table_[0];
            return block;
        }
        if (table_.size() <= 256) {
            block.kind = SignalBlock::Kind::bytes;
            bytes.resize(table_bytes);
            std::memcpy(bytes.data(), table_.data(), table_bytes);
            bytes.insert(bytes.end(), codes_.begin(), codes_.end());
        } else if (table_bytes + values.size() * 2 < values.size_bytes()) {
            block.kind = SignalBlock::Kind::words;
            bytes.resize(table_bytes + values.size() * 2);
            std::memcpy(bytes.data(), table_.data(), table_bytes);
            std::memcpy(bytes.data() + table_bytes, codes_.data(), values.size() * 2);
        } else {
            block.kind = SignalBlock::Kind::floats;
            bytes.resize(values.size_bytes());
            std::memcpy(bytes.data(), values.data(), values.size_bytes());
        }
        return block;
    }

  private:
    struct Slot {
        std::uint32_t round = 0;
        std::uint32_t bits = 0;
        std::uint16_t code = 0;
    };

    std::uint16_t code_of(std::uint32_t bits, float value) {
        for (std::size_t at = (bits * 0x9E3779B1U) >> 15;; at = (at + 1) & (slots_.size() - 1)) {
            Slot& slot = slots_[at];
            if (slot.round != round_) {
                slot = {round_, bits, static_cast<std::uint16_t>(table_.size())};
                table_.push_back(value);
            } else if (slot.bits != bits) continue;
            return slot.code;
        }
    }

    std::vector<Slot> slots_ = std::vector<Slot>(std::size_t{1} << 17);
    std::uint32_t round_ = 0;
    std::vector<std::uint16_t> codes_;
    std::vector<float> table_;
};

}  // namespace chromatid::detail
