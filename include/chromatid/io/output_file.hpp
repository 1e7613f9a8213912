// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/error.hpp>
#include <chromatid/io/pending_file.hpp>

#include <cerrno>
#include <cstddef>
#include <fcntl.h>
#include <filesystem>
#include <string>
#include <string_view>
#include <unistd.h>
#include <utility>

namespace chromatid {

/// A file that appears whole or not at all: written under a temporary name beside the target, and on `commit()` brought to disk and
/// renamed. Destroyed without `commit()`, it leaves nothing behind (a target that was there before stays as it was).
class OutputFile {
  public:
    /// \throws IoError where the folder cannot be written
    explicit OutputFile(std::filesystem::path path) : file_(std::move(path)) {
        fd_ = ::open(file_.temporary().c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (fd_ < 0) throw IoError(file_.target(), "cannot write", errno);
        buffer_.reserve(buffer_size);
    }
    OutputFile(const OutputFile&) = delete;
    OutputFile& operator=(const OutputFile&) = delete;
    ~OutputFile() {
        if (fd_ >= 0) ::close(fd_);
    }

    /// Appends bytes.
    /// \throws IoError, such as for a full disk
    void write(std::string_view bytes) {
        buffer_ += bytes;
        if (buffer_.size() >= buffer_size) flush();
    }

    /// Finishes the file under its name. Nothing can be written afterwards.
    /// \throws IoError; the target is then as it was
    void commit() {
        flush();
        if (::close(std::exchange(fd_, -1)) != 0) throw IoError(file_.target(), "cannot write", errno);
        file_.commit();
    }

  private:
    static constexpr std::size_t buffer_size = std::size_t{1} << 18;

    void flush() {
        for (std::size_t done = 0; done < buffer_.size();) {
            const auto n = ::write(fd_, buffer_.data() + done, buffer_.size() - done);
            if (n < 0 && errno != EINTR) throw IoError(file_.target(), "cannot write", errno);
            if (n > 0) done += static_cast<std::size_t>(n);
        }
        buffer_.clear();
    }

    detail::PendingFile file_;
    int fd_ = -1;
    std::string buffer_;
};

}  // namespace chromatid
