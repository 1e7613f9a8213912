// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/error.hpp>
#include <chromatid/genome/chrom_sizes.hpp>
#include <chromatid/io/binary_file.hpp>
#include <chromatid/io/pending_file.hpp>

#include <bigWig.h>

#include <array>
#include <cerrno>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <fcntl.h>
#include <filesystem>
#include <limits>
#include <memory>
#include <mutex>
#include <string>
#include <unistd.h>
#include <utility>
#include <vector>

namespace chromatid {

/// Writes a bigWig file with zoom levels. It appears whole or not at all: written under a temporary name beside the target, renamed by
/// `commit()`; without `commit()` nothing is left behind. Needs libBigWig.
class BigWigWriter {
  public:
    /// \param chromosomes  all chromosomes that may get values, in the order in which values will come
    /// \throws UsageError for no chromosome or one that is too long for the format, IoError where the folder cannot be written
    BigWigWriter(std::filesystem::path path, ChromSizes chromosomes) : file_(std::move(path)), chromosomes_(std::move(chromosomes)) {
        static std::once_flag once;
        std::call_once(once, [] { bwInit(1 << 17); });
        if (chromosomes_.empty()) throw UsageError(file_.target() + ": a bigWig file needs at least one chromosome");
        std::vector<const char*> names;
        std::vector<std::uint32_t> lengths;
        for (const Chromosome& c : chromosomes_) {
            if (c.size > std::numeric_limits<std::uint32_t>::max())
                throw UsageError(file_.target() + ": chromosome \"" + c.name + "\" is too long for a bigWig file");
            names.push_back(c.name.c_str());
            lengths.push_back(static_cast<std::uint32_t>(c.size));
        }
        errno = 0;
        const int created =
            ::open(file_.temporary().c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);  // bwOpen crashes where it cannot
        if (created < 0) fail();
        ::close(created);
        stream_.reset(bwOpen(file_.temporary().c_str(), nullptr, "w"));
        if (!stream_) fail();
        if (bwCreateHdr(stream_.get(), zoom_levels) != 0) fail();
        stream_->cl = bwCreateChromList(names.data(), lengths.data(), static_cast<std::int64_t>(names.size()));
        if (stream_->cl == nullptr || bwWriteHdr(stream_.get()) != 0) fail();
    }

    /// Gives all bases of `[start, end)` one value. Intervals come chromosome by chromosome, sorted and without overlap.
    /// \throws UsageError for an interval that is empty, out of order or not on the chromosome, or a value that is not finite; IoError
    void add(const std::string& chrom, std::int64_t start, std::int64_t end, float value) {
        check(chrom, start, end, value);
        if (chrom_ != chrom) {
            flush();
            chrom_ = chrom;
        }
        last_end_ = end;
        starts_.push_back(static_cast<std::uint32_t>(start));
        ends_.push_back(static_cast<std::uint32_t>(end));
        values_.push_back(value);
        if (values_.size() == block_size()) flush();
    }

    /// Writes the index and the zoom levels and finishes the file under its name. Nothing can be added afterwards.
    /// \throws IoError; the target is then as it was
    void commit() {
        flush();
        errno = 0;
        bwClose(stream_.release());
        // Closing says nothing of a failure, but the last thing it writes is the signature at the file's end.
        const int failure = errno;
        const detail::BinaryFile written(file_.temporary());
        std::array<std::uint8_t, 4> last{};
        if (written.size() >= minimal_size) written.read(written.size() - last.size(), last, "the signature");
        if (detail::ByteReader(last, false).next<std::uint32_t>() != BIGWIG_MAGIC)
            throw IoError(file_.target(), "cannot write", failure != 0 ? failure : EIO);
        file_.commit();
    }

  private:
    static constexpr int zoom_levels = 10;
    static constexpr std::uint64_t minimal_size = 64;

    struct Discard {
        void operator()(bigWigFile_t* stream) const {
            stream->isWrite = 0;  // or closing would first write index and zoom levels
            bwClose(stream);
        }
    };

    [[noreturn]] void fail() const { throw IoError(file_.target(), "cannot write", errno != 0 ? errno : EIO); }

    void check(const std::string& chrom, std::int64_t start, std::int64_t end, float value) {
        const auto refuse = [&](const std::string& what) {
            throw UsageError(file_.target() + ": " + chrom + ":" + std::to_string(start) + "-" + std::to_string(end) + " " + what);
        };
        if (chrom != chrom_) {
            const Index place = chromosomes_.place_of(chrom, file_.target());
            if (place <= place_) refuse("comes after a later chromosome: write chromosomes in the order in which they were announced");
            place_ = place;
            last_end_ = 0;
        }
        if (start >= end) refuse("holds no base");
        if (start < last_end_)
            refuse("begins before the end of the interval before it, " + std::to_string(last_end_) +
                   ": intervals must be sorted and disjoint");
        if (end > chromosomes_[place_].size) refuse("passes the chromosome's end at " + std::to_string(chromosomes_[place_].size));
        if (!std::isfinite(value)) refuse("has a value that is not finite: leave a gap instead");
    }

    /// Hands one block of values to libBigWig, which writes it when the next one begins. Never more than a block at a time: it overruns
    /// its buffer when a write fails (a full disk) in the middle of a call.
    void flush() {
        if (starts_.empty()) return;
        errno = 0;
        const char* const chrom = chrom_.c_str();
        const auto more = static_cast<std::uint32_t>(starts_.size() - 1);
        int failed = bwAddIntervals(stream_.get(), &chrom, starts_.data(), ends_.data(), values_.data(), 1);
        if (failed == 0 && more > 0)
            failed = bwAppendIntervals(stream_.get(), starts_.data() + 1, ends_.data() + 1, values_.data() + 1, more);
        starts_.clear();
        ends_.clear();
        values_.clear();
        if (failed != 0) fail();
    }

    /// Values that fill a block of libBigWig's buffer: 12 bytes each, after a header of 24.
    std::size_t block_size() const { return (stream_->hdr->bufSize - 24) / 12; }

    detail::PendingFile file_;
    ChromSizes chromosomes_;
    std::unique_ptr<bigWigFile_t, Discard> stream_;
    std::string chrom_;
    Index place_ = -1;
    std::int64_t last_end_ = 0;
    std::vector<std::uint32_t> starts_, ends_;
    std::vector<float> values_;
};

}  // namespace chromatid
