// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/error.hpp>
#include <chromatid/genome/chrom_sizes.hpp>
#include <chromatid/io/chrom_sizes_file.hpp>
#include <chromatid/io/fasta_scan.hpp>
#include <chromatid/io/pending_file.hpp>
#include <chromatid/io/text_reader.hpp>

#include <htslib/faidx.h>
#include <htslib/hts_log.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <unistd.h>

namespace chromatid::detail {

/// A folder of one's own that is gone when its owner is.
class PrivateFolder {
  public:
    PrivateFolder() {
        std::string name = (std::filesystem::temp_directory_path() / "chromatid-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr) throw IoError(name, "cannot make a temporary folder", errno);
        path_ = name;
    }
    PrivateFolder(const PrivateFolder&) = delete;
    PrivateFolder& operator=(const PrivateFolder&) = delete;
    ~PrivateFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    const std::filesystem::path& path() const { return path_; }

  private:
    std::filesystem::path path_;
};

/// The index files of a FASTA file that is plain or bgzip (.fai, for bgzip also .gzi): those beside it where they are there and no older
/// than it; else made anew, beside it, or in a private folder while they are needed where its own folder may not be written.
class FastaIndex {
  public:
    /// \throws FormatError where a new index is needed and the file is malformed, IoError
    FastaIndex(const std::filesystem::path& fasta, bool bgzip) : bgzip_(bgzip) {
        place_beside(fasta);
        if (is_fresh(fai_, fasta) && (!bgzip || is_fresh(gzi_, fasta))) return;
        if (!may_write(fasta)) {
            folder_ = std::make_unique<PrivateFolder>();
            place_beside(folder_->path() / fasta.filename());
        }
        build(fasta);
    }

    /// Another handle of htslib's on the file.
    /// \throws FormatError where htslib does not take file or index
    std::unique_ptr<faidx_t, void (*)(faidx_t*)> open(const std::filesystem::path& fasta) const {
        silence_htslib();
        std::unique_ptr<faidx_t, void (*)(faidx_t*)> handle(fai_load3(fasta.c_str(), fai_.c_str(), bgzip_ ? gzi_.c_str() : nullptr, 0),
                                                            &fai_destroy);
        if (!handle) throw FormatError(fai_.string(), "", "htslib cannot use this index: remove it, and it will be made anew");
        return handle;
    }

    /// The sequences and their lengths.
    /// \throws FormatError for a damaged index
    ChromSizes sizes() const { return read_chrom_sizes(fai_); }

  private:
    void place_beside(const std::filesystem::path& fasta) {
        fai_ = fasta;
        fai_ += ".fai";
        gzi_ = fasta;
        gzi_ += ".gzi";
    }

    static bool is_fresh(const std::filesystem::path& index, const std::filesystem::path& fasta) {
        std::error_code absent;
        const auto made = std::filesystem::last_write_time(index, absent);
        return !absent && made >= std::filesystem::last_write_time(fasta);
    }

    /// Whether the folder takes new files. One that nobody has the right to write is left alone even by those whom rights do not bind.
    static bool may_write(const std::filesystem::path& fasta) {
        using std::filesystem::perms;
        const auto folder = fasta.has_parent_path() ? fasta.parent_path() : std::filesystem::path(".");
        const perms writers =
            std::filesystem::status(folder).permissions() & (perms::owner_write | perms::group_write | perms::others_write);
        return writers != perms::none && ::access(folder.c_str(), W_OK) == 0;
    }

    void build(const std::filesystem::path& fasta) const {
        TextReader reader(fasta);
        scan_fasta(
            reader, [](const std::string&) {}, [](std::string_view) {});
        PendingFile fai(fai_);
        PendingFile gzi(gzi_);
        silence_htslib();
        errno = 0;
        if (fai_build3(fasta.c_str(), fai.temporary().c_str(), bgzip_ ? gzi.temporary().c_str() : nullptr) != 0) {
            if (errno != 0) throw IoError(fai_.string(), "cannot write the index", errno);
            throw FormatError(fasta.string(), "", "htslib cannot index this file: are all line ends alike?");
        }
        fai.commit();
        if (bgzip_) gzi.commit();
    }

    /// htslib would print what becomes an exception here. Its setting is one for the whole program.
    static void silence_htslib() { hts_set_log_level(HTS_LOG_OFF); }

    bool bgzip_;
    std::filesystem::path fai_;
    std::filesystem::path gzi_;
    std::unique_ptr<PrivateFolder> folder_;
};

}  // namespace chromatid::detail
