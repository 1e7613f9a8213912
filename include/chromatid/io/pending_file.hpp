// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/error.hpp>

#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <filesystem>
#include <random>
#include <string>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace chromatid::detail {

/// A file on its way: written under a temporary name in the target's folder, moved to the target's name once it is whole and on disk.
/// What was not committed is removed, so nobody ever sees half a file.
class PendingFile {
  public:
    /// \param target  a link stands for the file it leads to
    /// \throws IoError where the target is there and is not a regular file
    explicit PendingFile(std::filesystem::path target) : target_(std::move(target)) {
        std::error_code ignored;
        if (std::filesystem::is_symlink(target_, ignored)) target_ = std::filesystem::weakly_canonical(target_, ignored);
        if (std::filesystem::is_directory(target_, ignored)) throw IoError(this->target(), "cannot write", EISDIR);
        if (std::filesystem::exists(target_, ignored) && !std::filesystem::is_regular_file(target_, ignored))
            throw IoError(this->target(), "is a device or a pipe; finished files are put in place by renaming", EINVAL);
        std::random_device random;
        char suffix[32];
        std::snprintf(suffix, sizeof suffix, ".%08x%08x.tmp", random(), random());
        temporary_ = target_;
        temporary_ += suffix;
    }
    PendingFile(const PendingFile&) = delete;
    PendingFile& operator=(const PendingFile&) = delete;
    ~PendingFile() {
        if (!committed_) ::unlink(temporary_.c_str());
    }

    /// Where to write.
    const std::filesystem::path& temporary() const { return temporary_; }
    /// The name the file gets, which is the one for messages.
    std::string target() const { return target_.string(); }

    /// Brings the closed temporary file to disk and gives it its name.
    /// \throws IoError; the target is then as it was, unless it is the folder that cannot be brought to disk
    void commit() {
        sync(temporary_, O_WRONLY);
        if (std::rename(temporary_.c_str(), target_.c_str()) != 0) throw IoError(target(), "cannot put the finished file in place", errno);
        committed_ = true;
        const auto folder = target_.parent_path();
        sync(folder.empty() ? "." : folder, O_RDONLY);
    }

  private:
    void sync(const std::filesystem::path& path, int flags) const {
        const int fd = ::open(path.c_str(), flags | O_CLOEXEC);
        if (fd < 0) throw IoError(target(), "cannot reopen to bring it to disk", errno);
        const int failure = ::fsync(fd) == 0 ? 0 : errno;
        ::close(fd);
        if (failure != 0 && failure != EINVAL) throw IoError(target(), "cannot bring to disk", failure);  // EINVAL: no such thing here
    }

    std::filesystem::path target_;
    std::filesystem::path temporary_;
    bool committed_ = false;
};

}  // namespace chromatid::detail
