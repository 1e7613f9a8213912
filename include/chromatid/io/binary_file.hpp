// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/error.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <span>
#include <string>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

namespace chromatid::detail {

/// A file read at any place, by many threads at once.
class BinaryFile {
  public:
    /// \throws IoError
    explicit BinaryFile(const std::filesystem::path& path) : path_(path.string()), fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
        struct stat status {};
        if (fd_ < 0) throw IoError(path_, "cannot open", errno);
        const int failure = ::fstat(fd_, &status) != 0 ? errno : S_ISDIR(status.st_mode) ? EISDIR : 0;
        if (failure != 0) {
            ::close(fd_);
            throw IoError(path_, "cannot read", failure);
        }
        size_ = static_cast<std::uint64_t>(status.st_size);
    }
    BinaryFile(const BinaryFile&) = delete;
    BinaryFile& operator=(const BinaryFile&) = delete;
    ~BinaryFile() { ::close(fd_); }

    const std::string& path() const { return path_; }
    /// Bytes.
    std::uint64_t size() const { return size_; }

    /// Throws FormatError about a byte.
    [[noreturn]] void fail(std::uint64_t offset, const std::string& what) const {
        throw FormatError(path_, "byte " + std::to_string(offset), what);
    }

    /// \throws FormatError unless the file holds `n` bytes from `offset` on
    void expect(std::uint64_t offset, std::uint64_t n, const char* what) const {
        if (offset > size_ || n > size_ - offset) {
            fail(offset, std::string(what) + " of " + std::to_string(n) + " bytes does not fit a file of " + std::to_string(size_) +
                             " bytes (truncated download?)");
        }
    }

    /// \param what  what lies there, for the message
    /// \throws FormatError where the file is too short, IoError where the system cannot read
    void read(std::uint64_t offset, std::span<std::uint8_t> bytes, const char* what) const {
        expect(offset, bytes.size(), what);
        for (std::size_t done = 0; done < bytes.size();) {
            const auto n = ::pread(fd_, bytes.data() + done, bytes.size() - done, static_cast<off_t>(offset + done));
            if (n < 0 && errno != EINTR) throw IoError(path_, "cannot read", errno);
            if (n == 0) fail(offset + done, std::string("the file got shorter while ") + what + " was read");
            if (n > 0) done += static_cast<std::size_t>(n);
        }
    }

    /// The same into a vector of its own.
    std::vector<std::uint8_t> read(std::uint64_t offset, std::uint64_t n, const char* what) const {
        expect(offset, n, what);
        std::vector<std::uint8_t> bytes(static_cast<std::size_t>(n));
        read(offset, bytes, what);
        return bytes;
    }

  private:
    std::string path_;
    int fd_;
    std::uint64_t size_ = 0;
};

/// Takes numbers of the machine's or the other byte order from bytes, one after the other. The caller sees to it that there are enough.
class ByteReader {
  public:
    ByteReader(std::span<const std::uint8_t> bytes, bool swapped) : bytes_(bytes), swapped_(swapped) {}

    template <class Unsigned>
    Unsigned next() {
        std::array<std::uint8_t, sizeof(Unsigned)> raw;
        std::memcpy(raw.data(), bytes_.data(), raw.size());
        if (swapped_) std::reverse(raw.begin(), raw.end());
        skip(raw.size());
        return std::bit_cast<Unsigned>(raw);
    }

    std::string text(std::size_t n) {
        std::string letters(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(n));
        skip(n);
        return letters;
    }

    void skip(std::size_t n) { bytes_ = bytes_.subspan(n); }

  private:
    std::span<const std::uint8_t> bytes_;
    bool swapped_;
};

}  // namespace chromatid::detail
