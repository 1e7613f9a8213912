// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/error.hpp>
#include <chromatid/core/index.hpp>
#include <chromatid/core/parallel.hpp>
#include <chromatid/dataset/paged_memory.hpp>
#include <chromatid/dataset/sequence_block.hpp>
#include <chromatid/dataset/signal_block.hpp>
#include <chromatid/genome/any_sequence.hpp>
#include <chromatid/genome/chrom_sizes.hpp>
#include <chromatid/genome/named_signal.hpp>
#include <chromatid/genome/one_hot.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace chromatid {

/// How a `GenomeStore` is filled.
struct StoreOptions {
    std::uint64_t memory =
        std::numeric_limits<std::uint64_t>::max();  ///< bytes to keep in memory; what is more goes into a mapped temporary file
    std::filesystem::path folder = {};              ///< of that file; the system's folder for temporary files where empty
    Index threads = 1;                              ///< threads that decode, at most one for each track
    std::function<void(std::int64_t done, std::int64_t total)> progress = {};  ///< called with bases decoded; may throw to stop
};

/// Bases and signal tracks of some chromosomes, decoded once, from which any number of threads cut windows:
///
///     const GenomeStore store(open_sequence("hg19.fa"), cells.open_tracks(), {"chr1", "chr2"}, {.memory = std::uint64_t{8} << 30});
///     store.encode(chromosome, start, 1000, tracks, x);      // 1000 rows of A, C, G, T one-hot and the tracks
///
/// Every stretch of 65,536 bases takes the fewest bits that hold it exactly, a quarter of a byte per base of known sequence and mostly one
/// byte per base of signal. Unknown bases are zero rows, NaN reads as 0, bases past the ends of a chromosome are zero rows: the rows are
/// those of `WindowEncoder`. A chromosome that a track does not have reads as 0. All reading is const.
class GenomeStore {
  public:
    /// Decodes the chromosomes; memory beside the store's own is 5 MB for each track.
    /// \throws UsageError for a chromosome that the sequence does not have, or a track that has none of them; IoError where the temporary
    ///     file finds no room; FormatError and IoError as the sources do
    GenomeStore(AnySequence sequence, std::vector<NamedSignal> tracks, const std::vector<std::string>& chromosomes,
                const StoreOptions& options = {})
        : memory_(std::make_unique<detail::PagedMemory>(options.memory, options.folder)), tracks_(static_cast<Index>(tracks.size())) {
        for (const std::string& name : chromosomes)
            sizes_.add(name, sequence.chromosomes()[sequence.chromosomes().place_of(name, "the genome")].size);
        for (const NamedSignal& track : tracks) check(track);
        decode(sequence, tracks, options);
    }

    /// The chromosomes that are there, with the sequence's sizes.
    const ChromSizes& chromosomes() const { return sizes_; }
    /// Number of signal tracks.
    Index tracks() const { return tracks_; }
    /// What a user should know of: tracks without some of the chromosomes, or with other sizes.
    const std::vector<std::string>& warnings() const { return warnings_; }
    /// Bytes of the store in memory, and in the mapped file.
    std::uint64_t bytes_in_memory() const { return memory_->in_memory(); }
    std::uint64_t bytes_in_file() const { return memory_->in_file(); }

    /// Base codes from `start` on; `unknown_base` past the ends of the chromosome.
    void codes(Index chromosome, std::int64_t start, std::span<std::uint8_t> out) const {
        std::fill(out.begin(), out.end(), unknown_base);
        const OneChromosome& held = chromosomes_[static_cast<std::size_t>(chromosome)];
        each_block(chromosome, start, static_cast<std::int64_t>(out.size()),
                   [&](std::size_t block, std::size_t first, std::size_t count, std::size_t at) {
                       held.sequence[block].unpack(first, out.subspan(at, count));
                   });
    }

    /// Share of G and C among the known bases of [start, start + length); 0 where none is known.
    double gc_content(Index chromosome, std::int64_t start, std::int64_t length) const {
        std::int64_t strong = 0, known = 0;
        std::array<std::uint8_t, 512> some;
        for (std::int64_t done = 0; done < length; done += static_cast<std::int64_t>(some.size())) {
            const auto part = std::span(some).first(
                static_cast<std::size_t>(std::min<std::int64_t>(static_cast<std::int64_t>(some.size()), length - done)));
            codes(chromosome, start + done, part);
            for (const std::uint8_t code : part) {
                known += code < unknown_base ? 1 : 0;
                strong += code == 1 || code == 2 ? 1 : 0;
            }
        }
        return known > 0 ? static_cast<double>(strong) / static_cast<double>(known) : 0.0;
    }

    /// Writes the window [start, start + codes.size()) of a chromosome as base codes, and values of one track; bases outside are unknown,
    /// values 0.
    void decode(Index chromosome, std::int64_t start, std::span<std::uint8_t> codes) const {
        std::fill(codes.begin(), codes.end(), unknown_base);
        this->codes(chromosome, start, codes);
    }
    void decode(Index chromosome, std::int64_t start, Index track, std::span<float> values) const {
        std::fill(values.begin(), values.end(), 0.0F);
        const std::vector<detail::SignalBlock>& signal =
            chromosomes_[static_cast<std::size_t>(chromosome)].signals[static_cast<std::size_t>(track)];
        each_block(chromosome, start, static_cast<std::int64_t>(values.size()),
                   [&](std::size_t block, std::size_t first, std::size_t count, std::size_t at) {
                       signal[block].for_each(first, count, [to = values.data() + at](std::size_t i, float value) { to[i] = value; });
                   });
    }

    /// Writes the window [start, start + length) of a chromosome as rows of 4 + `wanted.size()` values into `out`.
    /// \param wanted  the tracks, in the order of the channels
    template <class Scalar>
    void encode(Index chromosome, std::int64_t start, std::int64_t length, std::span<const Index> wanted, Scalar* out) const {
        const auto channels = static_cast<Index>(4 + wanted.size());
        std::fill_n(out, length * channels, Scalar{0});
        const OneChromosome& held = chromosomes_[static_cast<std::size_t>(chromosome)];
        each_block(chromosome, start, length, [&](std::size_t block, std::size_t first, std::size_t count, std::size_t at) {
            Scalar* const rows = out + static_cast<Index>(at) * channels;
            std::array<std::uint8_t, 512> some;
            for (std::size_t done = 0; done < count; done += some.size()) {
                const std::span<std::uint8_t> part = std::span(some).first(std::min(some.size(), count - done));
                held.sequence[block].unpack(first + done, part);
                one_hot(std::span<const std::uint8_t>(part), rows + static_cast<Index>(done) * channels, channels);
            }
            for (std::size_t t = 0; t < wanted.size(); ++t)
                held.signals[static_cast<std::size_t>(wanted[t])][block].for_each(
                    first, count, [column = rows + 4 + t, channels](std::size_t i, float value) {
                        column[static_cast<Index>(i) * channels] = static_cast<Scalar>(value);
                    });
        });
    }

  private:
    static constexpr std::int64_t block_size = 65'536;
    static constexpr std::int64_t piece_size = 16 * block_size;  // decoded at a time

    struct OneChromosome {
        std::vector<detail::SequenceBlock> sequence;
        std::vector<std::vector<detail::SignalBlock>> signals;  // of each track
    };

    /// Calls `f(block, first base in it, bases, bases since start)` for the blocks under [start, start + length).
    template <class F>
    void each_block(Index chromosome, std::int64_t start, std::int64_t length, const F& f) const {
        const std::int64_t end = std::min(start + length, sizes_[chromosome].size);
        for (std::int64_t at = std::max<std::int64_t>(start, 0); at < end;) {
            const std::int64_t next = std::min(end, (at / block_size + 1) * block_size);
            f(static_cast<std::size_t>(at / block_size), static_cast<std::size_t>(at % block_size), static_cast<std::size_t>(next - at),
              static_cast<std::size_t>(at - start));
            at = next;
        }
    }

    void check(const NamedSignal& track) {
        const ChromSizes& have = track.signal.chromosomes();
        std::vector<std::string> missing;
        const Chromosome* other = nullptr;
        for (const Chromosome& c : sizes_) {
            const auto place = have.find(c.name);
            if (!place) missing.push_back(c.name);
            else if (other == nullptr && have[*place].size != c.size) other = &c;
        }
        if (!missing.empty() && static_cast<Index>(missing.size()) == sizes_.size())
            throw UsageError("chromosome names do not match: track " + track.name + " says \"" + (have.empty() ? "" : have[0].name) +
                             "\", the genome says \"" + missing.front() + "\"\n       rename one side");
        if (!missing.empty())
            warnings_.push_back("track " + track.name + " has no " + missing.front() +
                                (missing.size() > 1 ? " (and " + std::to_string(missing.size() - 1) + " more)" : "") +
                                ": it reads as 0 there");
        if (other != nullptr)
            warnings_.push_back("track " + track.name + ": " + other->name + " has " + std::to_string(have.size_of(other->name)) +
                                " bases, the genome's has " + std::to_string(other->size) + " (another assembly?)");
    }

    /// A block on its way into the store.
    template <class Block>
    struct Packed {
        Block block;
        std::vector<std::uint8_t> bytes;
    };

    void decode(AnySequence& sequence, std::vector<NamedSignal>& tracks, const StoreOptions& options) {
        constexpr auto blocks = static_cast<std::size_t>(piece_size / block_size);
        ThreadPool pool(std::clamp<Index>(options.threads, 1, tracks_ + 1));
        std::vector<detail::SignalPacker> packers(tracks.size());
        std::vector<std::vector<float>> values(tracks.size());
        std::vector<std::uint8_t> codes;
        std::vector<Packed<detail::SequenceBlock>> bases(blocks);
        std::vector<std::vector<Packed<detail::SignalBlock>>> signals(tracks.size(), std::vector<Packed<detail::SignalBlock>>(blocks));
        const std::int64_t total = sizes_.total_length();
        std::int64_t done = 0;
        for (const Chromosome& c : sizes_) {
            OneChromosome& held = chromosomes_.emplace_back();
            held.signals.resize(tracks.size());
            for (std::int64_t start = 0; start < c.size; start += piece_size) {
                const Interval piece{c.name, start, std::min(c.size, start + piece_size)};
                const auto size = static_cast<std::size_t>(piece.length());
                const std::size_t count = (size + block_size - 1) / block_size;
                const auto part = [&](auto& all, std::size_t b) {
                    return std::span(all).subspan(b * block_size, std::min<std::size_t>(block_size, size - b * block_size));
                };
                pool.run(tracks_ + 1, [&](Index job) {
                    if (job == tracks_) {
                        codes.resize(size);
                        sequence.fetch(piece, codes);
                        for (std::size_t b = 0; b < count; ++b)
                            bases[b].block = detail::SequenceBlock::pack(part(codes, b), bases[b].bytes);
                        return;
                    }
                    const auto t = static_cast<std::size_t>(job);
                    values[t].assign(size, 0.0F);
                    if (tracks[t].signal.chromosomes().contains(c.name)) tracks[t].signal.fetch(piece, values[t]);
                    for (float& v : values[t]) v = std::isnan(v) ? 0.0F : v;
                    for (std::size_t b = 0; b < count; ++b) signals[t][b].block = packers[t].pack(part(values[t], b), signals[t][b].bytes);
                });
                for (std::size_t b = 0; b < count; ++b) {
                    held.sequence.push_back(keep(bases[b]));
                    for (std::size_t t = 0; t < tracks.size(); ++t) held.signals[t].push_back(keep(signals[t][b]));
                }
                done += piece.length();
                if (options.progress) options.progress(done, total);
            }
        }
    }

    template <class Block>
    Block keep(const Packed<Block>& packed) {
        Block block = packed.block;
        if (!packed.bytes.empty()) block.data = memory_->keep(packed.bytes);
        return block;
    }

    std::unique_ptr<detail::PagedMemory> memory_;
    ChromSizes sizes_;
    Index tracks_;
    std::vector<OneChromosome> chromosomes_;
    std::vector<std::string> warnings_;
};

}  // namespace chromatid
