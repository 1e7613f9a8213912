// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/genome/chrom_sizes.hpp>
#include <chromatid/io/binary_file.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace chromatid::detail {

/// Where a bigWig file keeps what: its chromosomes, and per chromosome its blocks of values. Read whole and checked when the file is
/// opened (some tens of bytes per block of about a thousand values), so that nothing in the file can lead a later read astray. Format:
/// Kent et al., Bioinformatics 26:2204 (2010), supplementary tables 5 to 16.
class BigWigIndex {
  public:
    /// Values of `[start, end)`, stored at `offset`.
    struct Block {
        std::uint32_t start;
        std::uint32_t end;
        std::uint64_t offset;
        std::uint64_t size;
    };

    /// The blocks of one chromosome, sorted by start. `reach[i]` is the largest end up to block i.
    struct Chromosome {
        std::uint32_t id = 0;
        std::vector<Block> blocks;
        std::vector<std::uint32_t> reach;
    };

    /// \throws IoError where the file cannot be read; FormatError for a foreign, damaged or truncated file
    explicit BigWigIndex(const std::filesystem::path& path) : file(path) {
        const auto head = file.read(0, 64, "the header");
        ByteReader magic(head, false);
        const auto first = magic.next<std::uint32_t>();
        if (first == big_bed || first == byte_swapped(big_bed)) file.fail(0, "this is a bigBed file; signal tracks are bigWig files");
        if (first != big_wig && first != byte_swapped(big_wig)) file.fail(0, "not a bigWig file");
        swapped = first != big_wig;
        ByteReader header(head, swapped);
        header.skip(6);
        const auto zoom_levels = header.next<std::uint16_t>();
        const auto chromosome_tree = header.next<std::uint64_t>();
        const auto data = header.next<std::uint64_t>();
        const auto block_tree = header.next<std::uint64_t>();
        header.skip(20);
        inflated_size = header.next<std::uint32_t>();
        file.expect(64, std::uint64_t{24} * zoom_levels, "the list of zoom levels");
        const auto count = file.read(data, 8, "the data section");
        read_chromosomes(chromosome_tree);
        const bool holds_nothing =
            block_tree == 0 && ByteReader(count, swapped).next<std::uint64_t>() == 0;  // libBigWig then writes no index
        if (!holds_nothing) read_blocks(block_tree, data);
    }

    BinaryFile file;
    bool swapped = false;             ///< the file has the other byte order
    std::uint32_t inflated_size = 0;  ///< most bytes of a block when inflated; 0 where blocks are not compressed
    ChromSizes sizes;                 ///< in the order of the file's chromosome numbers
    std::vector<Chromosome> chromosomes;

  private:
    static constexpr std::uint32_t big_wig = 0x888ffc26;
    static constexpr std::uint32_t big_bed = 0x8789f2eb;

    static constexpr std::uint32_t byte_swapped(std::uint32_t x) { return x >> 24 | (x >> 8 & 0xff00) | (x << 8 & 0xff0000) | x << 24; }

    /// Walks a tree of nodes (kind, count, items) from its root; calls `leaf(item)` for items of leaves, and follows the offset that
    /// `child(item)` gives for items of the others. A tree that holds more than the file could, because it bites its own tail, is
    /// refused.
    template <class Leaf, class Child>
    void walk(std::uint64_t root, std::size_t leaf_size, std::size_t child_size, const char* what, Leaf leaf, Child child) const {
        std::vector<std::uint64_t> open{root};
        std::uint64_t bytes_seen = 0;
        while (!open.empty()) {
            const std::uint64_t node = open.back();
            open.pop_back();
            const auto head = file.read(node, 4, what);
            ByteReader reader(head, swapped);
            const bool is_leaf = reader.next<std::uint8_t>() != 0;
            reader.skip(1);
            const std::size_t count = reader.next<std::uint16_t>();
            const std::size_t item_size = is_leaf ? leaf_size : child_size;
            const auto items = file.read(node + 4, count * item_size, what);
            bytes_seen += 4 + items.size();
            if (bytes_seen > file.size()) file.fail(node, std::string(what) + " runs in a circle");
            for (std::size_t i = is_leaf ? 0 : count; i < count; ++i)
                leaf(node, ByteReader(std::span(items).subspan(i * item_size), swapped));
            for (std::size_t i = is_leaf ? 0 : count; i > 0; --i)
                open.push_back(child(ByteReader(std::span(items).subspan((i - 1) * item_size), swapped)));
        }
    }

    void read_chromosomes(std::uint64_t tree) {
        const auto head = file.read(tree, 32, "the chromosome list");
        ByteReader header(head, swapped);
        if (header.next<std::uint32_t>() != 0x78ca8c91) file.fail(tree, "the chromosome list does not begin here (damaged file?)");
        header.skip(4);
        const std::size_t key_size = header.next<std::uint32_t>();
        const auto value_size = header.next<std::uint32_t>();
        if (value_size != 8) file.fail(tree, "the chromosome list has values of " + std::to_string(value_size) + " bytes, not 8");
        file.expect(tree, key_size, "a chromosome name");
        struct Entry {
            std::uint32_t id, size;
            std::string name;
        };
        std::vector<Entry> entries;
        walk(
            tree + 32, key_size + 8, key_size + 8, "the chromosome list",
            [&](std::uint64_t, ByteReader item) {
                std::string name = item.text(key_size);
                name.erase(std::min(name.find('\0'), name.size()));
                const auto id = item.next<std::uint32_t>();
                entries.push_back({id, item.next<std::uint32_t>(), std::move(name)});
            },
            [&](ByteReader item) {
                item.skip(key_size);
                return item.next<std::uint64_t>();
            });
        std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) { return a.id < b.id; });
        for (Entry& entry : entries) {
            if (sizes.contains(entry.name)) file.fail(tree, "chromosome \"" + entry.name + "\" is there twice");
            if (!places_.emplace(entry.id, chromosomes.size()).second) {
                file.fail(tree, "two chromosomes have the number " + std::to_string(entry.id));
            }
            sizes.add(std::move(entry.name), entry.size);
            chromosomes.push_back({entry.id, {}, {}});
        }
    }

    void read_blocks(std::uint64_t tree, std::uint64_t data) {
        const auto head = file.read(tree, 48, "the block index");
        if (ByteReader(head, swapped).next<std::uint32_t>() != 0x2468ace0)
            file.fail(tree, "the block index does not begin here (damaged file?)");
        walk(
            tree + 48, 32, 24, "the block index", [&](std::uint64_t node, ByteReader item) { add_block(node, item, data); },
            [](ByteReader item) {
                item.skip(16);
                return item.next<std::uint64_t>();
            });
        for (Chromosome& c : chromosomes) {
            std::stable_sort(c.blocks.begin(), c.blocks.end(), [](const Block& a, const Block& b) { return a.start < b.start; });
            std::uint32_t reach = 0;
            for (const Block& b : c.blocks) c.reach.push_back(reach = std::max(reach, b.end));
        }
    }

    void add_block(std::uint64_t node, ByteReader item, std::uint64_t data) {
        const auto id = item.next<std::uint32_t>();
        const auto start = item.next<std::uint32_t>();
        const auto last_id = item.next<std::uint32_t>();
        const auto end = item.next<std::uint32_t>();
        const auto offset = item.next<std::uint64_t>();
        const auto size = item.next<std::uint64_t>();
        const auto place = places_.find(id);
        if (place == places_.end() || id != last_id || start >= end || size == 0 || offset < data) {
            file.fail(node, "the block index has an entry that cannot be: chromosomes " + std::to_string(id) + " to " +
                                std::to_string(last_id) + ", bases " + std::to_string(start) + " to " + std::to_string(end) + ", " +
                                std::to_string(size) + " bytes at byte " + std::to_string(offset) + " (damaged file?)");
        }
        file.expect(offset, size, "a block of values");
        chromosomes[place->second].blocks.push_back({start, end, offset, size});
    }

    std::unordered_map<std::uint32_t, std::size_t> places_;
};

}  // namespace chromatid::detail
