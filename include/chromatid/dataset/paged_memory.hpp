// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/error.hpp>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <sys/mman.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace chromatid::detail {

/// Memory that only grows and gives what was put into it a place that does not move. Up to a limit it is ordinary memory; what comes after
/// lies in a file without a name, mapped into memory, which the system reads and drops as it needs, and which is gone when this object is.
class PagedMemory {
  public:
    /// \param limit   bytes of ordinary memory
    /// \param folder  where the file goes; the system's folder for temporary files where empty
    explicit PagedMemory(std::uint64_t limit, std::filesystem::path folder = {}) : limit_(limit), folder_(std::move(folder)) {}
    PagedMemory(const PagedMemory&) = delete;
    PagedMemory& operator=(const PagedMemory&) = delete;
    ~PagedMemory() {
        for (void* chunk : mapped_) ::munmap(chunk, chunk_size);
        if (fd_ >= 0) ::close(fd_);
    }

    /// Keeps a copy of the bytes, at most `chunk_size`, on an address that is a multiple of 16.
    /// \throws IoError where there is no room for the file
    const std::uint8_t* keep(std::span<const std::uint8_t> bytes) {
        const std::size_t size = (bytes.size() + 15) / 16 * 16;
        if (used_ + size > chunk_size || chunk_ == nullptr) open_chunk();
        if (!in_file_) std::copy(bytes.begin(), bytes.end(), writable_ + used_);
        else write(bytes, static_cast<off_t>((mapped_.size() - 1) * chunk_size + used_));
        const std::uint8_t* kept = chunk_ + used_;
        used_ += size;
        (in_file_ ? in_file_bytes_ : in_memory_bytes_) += size;
        return kept;
    }

    /// Bytes in ordinary memory, and in the file.
    std::uint64_t in_memory() const { return in_memory_bytes_; }
    std::uint64_t in_file() const { return in_file_bytes_; }

    static constexpr std::size_t chunk_size = std::size_t{1} << 22;

  private:
    void open_chunk() {
        if (!in_file_ && (owned_.size() + 1) * chunk_size <= std::max<std::uint64_t>(limit_, 1)) {
            owned_.push_back(std::make_unique_for_overwrite<std::uint8_t[]>(chunk_size));
            chunk_ = writable_ = owned_.back().get();
        } else {
            if (!in_file_) open_file();
            in_file_ = true;
            const auto offset = static_cast<off_t>(mapped_.size() * chunk_size);
            void* chunk = ::mmap(nullptr, chunk_size, PROT_READ, MAP_SHARED, fd_, offset);
            if (chunk == MAP_FAILED) throw IoError(folder_.string(), "cannot map the temporary file for the decoded genome", errno);
            ::madvise(chunk, chunk_size, MADV_RANDOM);
            mapped_.push_back(chunk);
            chunk_ = static_cast<const std::uint8_t*>(chunk);
        }
        used_ = 0;
    }

    void open_file() {
        if (folder_.empty()) folder_ = std::filesystem::temp_directory_path();
        std::string name = (folder_ / "chromatid-genome-XXXXXX").string();
        fd_ = ::mkostemp(name.data(), O_CLOEXEC);
        if (fd_ < 0) throw IoError(folder_.string(), "cannot make a temporary file for the decoded genome", errno);
        ::unlink(name.c_str());
    }

    void write(std::span<const std::uint8_t> bytes, off_t offset) const {
        for (std::size_t done = 0; done < bytes.size();) {
            const auto n = ::pwrite(fd_, bytes.data() + done, bytes.size() - done, offset + static_cast<off_t>(done));
            if (n < 0 && errno != EINTR)
                throw IoError(folder_.string(),
                              "cannot write the temporary file for the decoded genome (choose another folder, or allow more memory)",
                              errno);
            if (n > 0) done += static_cast<std::size_t>(n);
        }
    }

    std::uint64_t limit_;
    std::filesystem::path folder_;
    int fd_ = -1;
    bool in_file_ = false;
    std::vector<std::unique_ptr<std::uint8_t[]>> owned_;
    std::vector<void*> mapped_;
    const std::uint8_t* chunk_ = nullptr;
    std::uint8_t* writable_ = nullptr;
    std::size_t used_ = 0;
    std::uint64_t in_memory_bytes_ = 0, in_file_bytes_ = 0;
};

}  // namespace chromatid::detail
