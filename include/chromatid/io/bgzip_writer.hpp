// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/error.hpp>
#include <chromatid/io/pending_file.hpp>

#include <htslib/bgzf.h>

#include <cerrno>
#include <filesystem>
#include <string_view>
#include <utility>

namespace chromatid {

/// An `OutputFile` that compresses to bgzip: any gzip program reads it, tabix and htslib can also jump in it. Needs htslib.
class BgzipWriter {
  public:
    /// \param threads  threads that compress beside the caller's; 0 compresses in `write` itself
    /// \throws IoError where the folder cannot be written
    explicit BgzipWriter(std::filesystem::path path, int threads = 0) : file_(std::move(path)) {
        errno = 0;
        stream_ = bgzf_open(file_.temporary().c_str(), "wx");
        if (stream_ == nullptr) throw IoError(file_.target(), "cannot write", errno);
        if (threads > 0 && bgzf_mt(stream_, threads, 64) != 0) {
            bgzf_close(stream_);
            throw IoError(file_.target(), "cannot start threads that compress", EAGAIN);
        }
    }
    BgzipWriter(const BgzipWriter&) = delete;
    BgzipWriter& operator=(const BgzipWriter&) = delete;
    ~BgzipWriter() {
        if (stream_ != nullptr) bgzf_close(stream_);
    }

    /// Appends bytes.
    /// \throws IoError, such as for a full disk
    void write(std::string_view bytes) {
        errno = 0;
        if (bgzf_write(stream_, bytes.data(), bytes.size()) < 0) fail();
    }

    /// Writes the end-of-file block and finishes the file under its name. Nothing can be written afterwards.
    /// \throws IoError; the target is then as it was
    void commit() {
        errno = 0;
        if (bgzf_close(std::exchange(stream_, nullptr)) != 0) fail();
        file_.commit();
    }

  private:
    [[noreturn]] void fail() const { throw IoError(file_.target(), "cannot write", errno != 0 ? errno : EIO); }

    detail::PendingFile file_;
    BGZF* stream_ = nullptr;
};

}  // namespace chromatid
