// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/error.hpp>
#include <chromatid/genome/base_code.hpp>
#include <chromatid/genome/chrom_sizes.hpp>
#include <chromatid/genome/interval.hpp>
#include <chromatid/genome/packed_bases.hpp>
#include <chromatid/genome/resident_sequence.hpp>
#include <chromatid/genome/source_window.hpp>
#include <chromatid/io/fasta_index.hpp>
#include <chromatid/io/fasta_scan.hpp>
#include <chromatid/io/gzip_kind.hpp>
#include <chromatid/io/text_reader.hpp>

#include <htslib/faidx.h>

#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace chromatid {

/// A `SequenceSource` over FASTA. Needs htslib and zlib, and silences htslib's messages, whose content comes as exceptions.
///
/// Plain and bgzip files are read through a .fai (and .gzi) index; where there is none, or it is older than the file, it is made: beside
/// the file, or where that folder cannot be written in a temporary folder that is removed with the last clone. A gzip file that is not
/// bgzip cannot be indexed: it is read into memory once when opened, at four bits per base, and shared by all clones; bgzip or 2bit start
/// faster. Letters other than A, C, G and T in either case read as `unknown_base`.
class Fasta {
  public:
    /// \throws IoError where the file cannot be read; FormatError with the line for text that is not FASTA, lines of unequal length
    ///     within a record, a name given twice, or compressed data that is cut off. A file whose index is there already is not read
    ///     through.
    explicit Fasta(const std::filesystem::path& path) : path_(path) {
        const detail::GzipKind kind = detail::gzip_kind(path);
        if (kind == detail::GzipKind::gzip) {
            resident_ = read_whole(path);
            return;
        }
        index_ = std::make_shared<const detail::FastaIndex>(path, kind == detail::GzipKind::bgzip);
        handle_ = index_->open(path);
        sizes_ = std::make_shared<const ChromSizes>(index_->sizes());
    }

    const ChromSizes& chromosomes() const { return resident_ ? resident_->chromosomes() : *sizes_; }

    void fetch(const Interval& interval, std::span<std::uint8_t> codes) {
        if (resident_) return resident_->fetch(interval, codes);
        const auto window = detail::source_window(*sizes_, path_.string(), interval, codes, unknown_base);
        if (window.values.empty()) return;
        const auto length = static_cast<hts_pos_t>(window.values.size());
        hts_pos_t got = 0;
        errno = 0;
        const std::unique_ptr<char, void (*)(void*)> letters(
            faidx_fetch_seq64(handle_.get(), interval.chrom.c_str(), window.start, window.start + length - 1, &got), &std::free);
        if (!letters || got != length) {
            if (errno != 0) throw IoError(path_.string(), "cannot read " + to_string(interval), errno);
            throw FormatError(path_.string(), "",
                              "holds less of " + to_string(interval) + " than its index says (truncated file, or index of another file?)");
        }
        encode_bases({letters.get(), window.values.size()}, window.values);
    }

    Fasta clone() const { return Fasta(*this); }

    /// Whether the sequence lies in memory (a gzip file that is not bgzip).
    bool is_resident() const { return resident_.has_value(); }

    Fasta(Fasta&&) = default;
    Fasta& operator=(Fasta&&) = default;

  private:
    Fasta(const Fasta& other) : path_(other.path_), index_(other.index_), sizes_(other.sizes_), resident_(other.resident_) {
        if (index_) handle_ = index_->open(path_);
    }

    static ResidentSequence read_whole(const std::filesystem::path& path) {
        ResidentSequence all(path.string());
        std::string name;
        detail::PackedBases bases;
        const auto finish = [&] {
            if (!name.empty()) all.add(std::move(name), std::exchange(bases, {}));
        };
        TextReader reader(path);
        detail::scan_fasta(
            reader,
            [&](std::string next) {
                finish();
                name = std::move(next);
            },
            [&](std::string_view letters) { bases.append(letters); });
        finish();
        return all;
    }

    std::filesystem::path path_;
    std::shared_ptr<const detail::FastaIndex> index_;
    std::shared_ptr<const ChromSizes> sizes_;
    std::optional<ResidentSequence> resident_;
    std::unique_ptr<faidx_t, void (*)(faidx_t*)> handle_{nullptr, &fai_destroy};
};

}  // namespace chromatid
