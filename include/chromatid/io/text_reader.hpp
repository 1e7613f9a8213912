// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/error.hpp>
#include <chromatid/core/index.hpp>
#include <chromatid/io/gzip_kind.hpp>

#include <zlib.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace chromatid {

/// The lines of a text file that is plain, gzip (of any number of members) or bgzip. Knows where it is, for messages. Needs zlib.
class TextReader {
  public:
    /// \throws IoError where the file cannot be opened, FormatError for a bgzip file that was cut off
    explicit TextReader(const std::filesystem::path& path) : path_(path.string()), buffer_(std::size_t{1} << 17) {
        detail::gzip_kind(path);
        errno = 0;
        file_.reset(gzopen(path.c_str(), "rb"));
        if (!file_) throw IoError(path_, "cannot open", errno != 0 ? errno : ENOMEM);
        gzbuffer(file_.get(), 1 << 17);
    }

    /// The next line without its end (LF or CR LF; the last line may lack one), or nothing at the end. Valid until the next call.
    /// \throws FormatError for compressed data that is damaged or cut off, IoError where the system cannot read
    std::optional<std::string_view> next() {
        carried_.clear();
        for (;;) {
            if (at_ == filled_ && !fill()) {
                if (carried_.empty()) return std::nullopt;
                return finish(carried_);
            }
            const char* begin = buffer_.data() + at_;
            const char* newline = static_cast<const char*>(std::memchr(begin, '\n', filled_ - at_));
            const std::string_view piece(begin, newline != nullptr ? static_cast<std::size_t>(newline - begin) : filled_ - at_);
            at_ += piece.size() + (newline != nullptr ? 1 : 0);
            if (newline == nullptr) carried_ += piece;
            else if (carried_.empty()) return finish(piece);
            else return finish(carried_ += piece);
        }
    }

    /// Number of the line that `next` gave last, counted from 1.
    Index line_number() const { return line_number_; }
    /// Bytes of the file, as it is stored, read so far: how far a long read has come.
    std::int64_t bytes_read() const { return gzoffset(file_.get()); }
    /// The file as the user named it.
    const std::string& file() const { return path_; }

    /// Throws FormatError about the line that `next` gave last.
    [[noreturn]] void fail(const std::string& what) const { throw FormatError(path_, "line " + std::to_string(line_number_), what); }

  private:
    struct Close {
        void operator()(gzFile file) const { gzclose_r(file); }
    };

    std::string_view finish(std::string_view line) {
        ++line_number_;
        if (line.ends_with('\r')) line.remove_suffix(1);
        return line;
    }

    bool fill() {
        errno = 0;
        const int n = gzread(file_.get(), buffer_.data(), static_cast<unsigned>(buffer_.size()));
        int code = Z_OK;
        const char* reason = gzerror(file_.get(), &code);
        if (code == Z_ERRNO) throw IoError(path_, "cannot read", errno);
        if (code == Z_BUF_ERROR) {
            throw FormatError(path_, "after line " + std::to_string(line_number_),
                              "the compressed data ends too soon (truncated download?)");
        }
        if (n < 0 || code < 0)
            throw FormatError(path_, "after line " + std::to_string(line_number_), std::string("damaged compressed data: ") + reason);
        at_ = 0;
        filled_ = static_cast<std::size_t>(n);
        return n > 0;
    }

    std::string path_;
    std::unique_ptr<gzFile_s, Close> file_;
    std::vector<char> buffer_;
    std::size_t at_ = 0;
    std::size_t filled_ = 0;
    std::string carried_;
    Index line_number_ = 0;
};

}  // namespace chromatid
