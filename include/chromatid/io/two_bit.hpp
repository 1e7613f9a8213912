// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/error.hpp>
#include <chromatid/genome/base_code.hpp>
#include <chromatid/genome/chrom_sizes.hpp>
#include <chromatid/genome/interval.hpp>
#include <chromatid/genome/source_window.hpp>
#include <chromatid/io/binary_file.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace chromatid {

/// A `SequenceSource` over UCSC's 2bit format (genome.ucsc.edu/FAQ/FAQformat.html#format7), version 0 and 1 (64-bit offsets), either byte
/// order. Blocks of N read as `unknown_base`; soft masks (lower case) do not change what is read and are given by `masks`. Needs no
/// library.
class TwoBit {
  public:
    /// \throws IoError where the file cannot be read; FormatError with the byte for a foreign, damaged or truncated file
    explicit TwoBit(const std::filesystem::path& path) : contents_(std::make_shared<const Contents>(path)) {}

    const ChromSizes& chromosomes() const { return contents_->sizes; }

    void fetch(const Interval& interval, std::span<std::uint8_t> codes) {
        const auto window = detail::source_window(contents_->sizes, contents_->file.path(), interval, codes, unknown_base);
        if (window.values.empty()) return;
        const Record& record = contents_->records[static_cast<std::size_t>(window.chromosome)];
        const std::int64_t end = window.start + static_cast<std::int64_t>(window.values.size());
        unpack(record, window.start, end, window.values);
        auto block = std::upper_bound(record.unknown.begin(), record.unknown.end(), window.start,
                                      [](std::int64_t at, const Block& b) { return at < b.end; });
        for (; block != record.unknown.end() && block->start < end; ++block) {
            const std::int64_t from = std::max(block->start, window.start);
            std::fill_n(window.values.begin() + (from - window.start), std::min(block->end, end) - from, unknown_base);
        }
    }

    /// The soft-masked (lower-case) stretches of a chromosome, sorted.
    /// \throws UsageError for an unknown chromosome, FormatError for a damaged list
    std::vector<Interval> masks(const std::string& chrom) const {
        const auto place = static_cast<std::size_t>(contents_->sizes.place_of(chrom, contents_->file.path()));
        std::uint64_t offset = contents_->records[place].masks;
        std::vector<Interval> intervals;
        for (const Block& b : contents_->blocks(offset, contents_->sizes[static_cast<Index>(place)].size, "mask blocks")) {
            intervals.push_back({chrom, b.start, b.end});
        }
        return intervals;
    }

    TwoBit clone() const { return *this; }

  private:
    struct Block {
        std::int64_t start;
        std::int64_t end;
    };

    struct Record {
        std::vector<Block> unknown;  // sorted, disjoint
        std::uint64_t masks = 0;     // byte of the list of soft masks
        std::uint64_t bases = 0;     // byte of the first four bases
    };

    /// What all clones share. A file holds: signature, version, number of sequences, 0; per sequence its name and the byte of its record;
    /// and records: length, blocks of N, soft masks, 0, and the bases, four in a byte with the first in the highest bits (T, C, A, G = 0
    /// to 3).
    struct Contents {
        explicit Contents(const std::filesystem::path& path) : file(path) {
            const auto head = file.read(0, 16, "the header");
            constexpr std::uint32_t signature = 0x1a412743;
            if (detail::ByteReader(head, false).next<std::uint32_t>() != signature) swapped = true;
            detail::ByteReader header(head, swapped);
            if (header.next<std::uint32_t>() != signature) file.fail(0, "not a 2bit file");
            const auto version = header.next<std::uint32_t>();
            if (version > 1) file.fail(4, "2bit version " + std::to_string(version) + " is not known, only 0 and 1");
            const std::size_t offset_size = version == 1 ? 8 : 4;
            const auto count = header.next<std::uint32_t>();
            std::uint64_t at = 16;
            for (std::uint32_t i = 0; i < count; ++i) {
                const std::size_t name_size = file.read(at, 1, "the index")[0];
                const auto entry = file.read(at + 1, name_size + offset_size, "the index");
                detail::ByteReader reader(entry, swapped);
                std::string name = reader.text(name_size);
                const std::uint64_t offset = version == 1 ? reader.next<std::uint64_t>() : reader.next<std::uint32_t>();
                add(std::move(name), at, offset);
                at += 1 + entry.size();
            }
        }

        void add(std::string name, std::uint64_t entry, std::uint64_t offset) {
            const std::int64_t size = number(offset, "a sequence's length");
            if (sizes.contains(name)) file.fail(entry, "sequence \"" + name + "\" is there twice");
            sizes.add(std::move(name), size);
            offset += 4;
            Record record;
            record.unknown = blocks(offset, size, "blocks of N");
            record.masks = offset;
            const std::uint64_t masks = number(offset, "mask blocks");
            file.expect(offset + 4, masks * 8, "mask blocks");
            record.bases = offset + 4 + masks * 8 + 4;
            file.expect(record.bases, static_cast<std::uint64_t>(size + 3) / 4, "a sequence");
            records.push_back(std::move(record));
        }

        std::uint32_t number(std::uint64_t offset, const char* what) const {
            return detail::ByteReader(file.read(offset, 4, what), swapped).next<std::uint32_t>();
        }

        /// Reads a list of blocks and moves `offset` past it.
        std::vector<Block> blocks(std::uint64_t& offset, std::int64_t size, const char* what) const {
            const std::uint64_t count = number(offset, what);
            const auto bytes = file.read(offset + 4, count * 8, what);
            detail::ByteReader starts(bytes, swapped);
            detail::ByteReader lengths(std::span<const std::uint8_t>(bytes).subspan(static_cast<std::size_t>(count) * 4), swapped);
            std::vector<Block> list;
            list.reserve(static_cast<std::size_t>(count));
            for (std::uint64_t i = 0; i < count; ++i) {
                const std::int64_t start = starts.next<std::uint32_t>();
                const std::int64_t end = start + lengths.next<std::uint32_t>();
                if (end > size || (!list.empty() && start < list.back().end)) {
                    file.fail(offset, std::string(what) + ": block " + std::to_string(start) + "-" + std::to_string(end) +
                                          " is out of order or passes the sequence's end at " + std::to_string(size));
                }
                list.push_back({start, end});
            }
            offset += 4 + count * 8;
            return list;
        }

        detail::BinaryFile file;
        bool swapped = false;
        ChromSizes sizes;
        std::vector<Record> records;
    };

    void unpack(const Record& record, std::int64_t start, std::int64_t end, std::span<std::uint8_t> codes) {
        static constexpr std::array<std::uint8_t, 4> code_of = {3, 1, 0, 2};  // T, C, A, G
        static constexpr std::int64_t bases_at_once = 1 << 20;
        for (std::int64_t from = start; from < end;) {
            const std::int64_t to = std::min(end, (from / bases_at_once + 1) * bases_at_once);
            packed_.resize(static_cast<std::size_t>((to + 3) / 4 - from / 4));
            contents_->file.read(record.bases + static_cast<std::uint64_t>(from / 4), packed_, "a sequence");
            const std::int64_t first = from / 4 * 4;
            for (; from < to; ++from) {
                const unsigned byte = packed_[static_cast<std::size_t>((from - first) / 4)];
                codes[static_cast<std::size_t>(from - start)] = code_of[byte >> (6 - from % 4 * 2) & 3];
            }
        }
    }

    std::shared_ptr<const Contents> contents_;
    std::vector<std::uint8_t> packed_;
};

}  // namespace chromatid
