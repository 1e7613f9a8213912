// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/genome/chrom_sizes.hpp>
#include <chromatid/genome/gap_policy.hpp>
#include <chromatid/genome/interval.hpp>
#include <chromatid/genome/source_window.hpp>
#include <chromatid/io/big_wig_index.hpp>
#include <chromatid/io/binary_file.hpp>

#include <zlib.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace chromatid {

/// A `SignalSource` over a bigWig file, compressed or not, either byte order. Bases without a value, or with NaN, read as the gap policy
/// says; bases off the chromosome read as 0. Clones share the file and its index. Needs zlib.
class BigWig {
  public:
    /// \throws IoError where the file cannot be read; FormatError with the byte for a bigBed, foreign, damaged or truncated file
    explicit BigWig(const std::filesystem::path& path, GapPolicy gaps = GapPolicy::zero())
        : index_(std::make_shared<const detail::BigWigIndex>(path)), gaps_(gaps) {}

    /// The chromosomes that the file names, in its own order.
    const ChromSizes& chromosomes() const { return index_->sizes; }

    void fetch(const Interval& interval, std::span<float> values) {
        const auto window = detail::source_window(index_->sizes, index_->file.path(), interval, values, 0.0f);
        std::fill(window.values.begin(), window.values.end(), gaps_.value);
        const std::int64_t end = window.start + static_cast<std::int64_t>(window.values.size());
        visit(window.chromosome, window.start, end, [&](std::int64_t from, std::int64_t to, float value) {
            std::fill(window.values.begin() + (from - window.start), window.values.begin() + (to - window.start),
                      std::isnan(value) ? gaps_.value : value);
        });
    }

    /// A whole chromosome, one value per base.
    /// \throws UsageError for an unknown chromosome, FormatError for a damaged block
    std::vector<float> decode(const std::string& chrom) {
        const std::int64_t size = chromosomes()[chromosomes().place_of(chrom, index_->file.path())].size;
        std::vector<float> values(static_cast<std::size_t>(size));
        fetch({chrom, 0, size}, values);
        return values;
    }

    /// Calls `f(start, end, value)` for each stored run of values that meets the interval, cut to it, in the file's order; NaN as it is
    /// stored.
    /// \throws UsageError for an unknown chromosome, FormatError for a damaged block
    template <class F>
    void for_each_run(const Interval& interval, F f) {
        const Index place = chromosomes().place_of(interval.chrom, index_->file.path());
        visit(place, std::max<std::int64_t>(interval.start, 0), std::min(interval.end, chromosomes()[place].size), f);
    }

    BigWig clone() const { return *this; }

  private:
    using Block = detail::BigWigIndex::Block;

    template <class F>
    void visit(Index place, std::int64_t start, std::int64_t end, F f) {
        const auto& chromosome = index_->chromosomes[static_cast<std::size_t>(place)];
        const auto first = std::upper_bound(chromosome.reach.begin(), chromosome.reach.end(), start) - chromosome.reach.begin();
        for (std::size_t i = static_cast<std::size_t>(first); i < chromosome.blocks.size() && chromosome.blocks[i].start < end; ++i) {
            const Block& block = chromosome.blocks[i];
            if (block.end <= start) continue;
            const std::span<const std::uint8_t> bytes = load(block);
            each_item(block, chromosome.id, bytes, [&](std::int64_t from, std::int64_t to, float value) {
                from = std::max(from, start);
                to = std::min(to, end);
                if (from < to) f(from, to, value);
            });
        }
    }

    /// Bytes of a block, inflated; valid until the next call.
    std::span<const std::uint8_t> load(const Block& block) {
        stored_.resize(static_cast<std::size_t>(block.size));
        index_->file.read(block.offset, stored_, "a block of values");
        if (index_->inflated_size == 0) return stored_;
        constexpr std::uint64_t best_ratio = 1032;  // deflate cannot do better, so a greater announced size is never needed
        inflated_.resize(static_cast<std::size_t>(std::min<std::uint64_t>(index_->inflated_size, best_ratio * block.size)));
        uLongf size = static_cast<uLongf>(inflated_.size());
        const int code = uncompress(inflated_.data(), &size, stored_.data(), static_cast<uLong>(stored_.size()));
        if (code != Z_OK)
            index_->file.fail(block.offset, std::string("a block of values cannot be inflated: ") + zError(code) + " (damaged file?)");
        return std::span(inflated_).first(size);
    }

    /// Calls `f(start, end, value)` for the items of a block: type 1 (bedGraph) stores all three, 2 (variable step) start and value,
    /// 3 (fixed step) the value.
    template <class F>
    void each_item(const Block& block, std::uint32_t chromosome, std::span<const std::uint8_t> bytes, F f) const {
        const auto refuse = [&](const std::string& what) {
            index_->file.fail(block.offset, "a block of values " + what + " (damaged file?)");
        };
        if (bytes.size() < 24) refuse("has " + std::to_string(bytes.size()) + " bytes, too few for its header");
        detail::ByteReader reader(bytes, index_->swapped);
        if (reader.next<std::uint32_t>() != chromosome) refuse("belongs to another chromosome than the index says");
        std::int64_t start = reader.next<std::uint32_t>();
        reader.skip(4);
        const std::int64_t step = reader.next<std::uint32_t>();
        const std::int64_t length = reader.next<std::uint32_t>();
        const auto type = reader.next<std::uint8_t>();
        reader.skip(1);
        const std::size_t count = reader.next<std::uint16_t>();
        if (type < 1 || type > 3) refuse("is of the unknown type " + std::to_string(type));
        const std::size_t needed = 24 + count * (16 - 4 * static_cast<std::size_t>(type));
        if (bytes.size() < needed)
            refuse("has " + std::to_string(bytes.size()) + " bytes, its " + std::to_string(count) + " items need " +
                   std::to_string(needed));
        for (std::size_t i = 0; i < count; ++i, start += step) {
            if (type != 3) start = reader.next<std::uint32_t>();
            const std::int64_t end = type == 1 ? reader.next<std::uint32_t>() : start + length;
            f(start, end, std::bit_cast<float>(reader.next<std::uint32_t>()));
        }
    }

    std::shared_ptr<const detail::BigWigIndex> index_;
    GapPolicy gaps_;
    std::vector<std::uint8_t> stored_;
    std::vector<std::uint8_t> inflated_;
};

}  // namespace chromatid
