// SPDX-License-Identifier: MIT
#pragma once

#include <boost/test/unit_test.hpp>

#include <csignal>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <sys/resource.h>
#include <system_error>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__)
#define CHROMATID_TEST_COUNTS_LEAKS
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define CHROMATID_TEST_COUNTS_LEAKS
#endif
#endif
#ifdef CHROMATID_TEST_COUNTS_LEAKS
#include <sanitizer/lsan_interface.h>
#endif

namespace chromatid::test {

/// A folder for one test's files, gone when the test is over.
class Scratch {
  public:
    Scratch() {
        std::string name = (std::filesystem::temp_directory_path() / "chromatid-test-XXXXXX").string();
        BOOST_REQUIRE(::mkdtemp(name.data()) != nullptr);
        path_ = name;
    }
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;
    ~Scratch() {
        std::error_code ignored;
        std::filesystem::permissions(path_, std::filesystem::perms::owner_all, ignored);
        std::filesystem::remove_all(path_, ignored);
    }

    const std::filesystem::path& path() const { return path_; }
    std::filesystem::path operator/(const std::string& name) const { return path_ / name; }

    /// Writes a file and gives its path.
    std::filesystem::path file(const std::string& name, std::string_view content) const {
        std::ofstream(path_ / name, std::ios::binary) << content;
        return path_ / name;
    }

    /// Number of files in the folder.
    int files() const { return static_cast<int>(std::distance(std::filesystem::directory_iterator(path_), {})); }

  private:
    std::filesystem::path path_;
};

/// While it lives, files of this process cannot grow beyond a size: what a full disk looks like. Leaks are not counted meanwhile: htslib
/// and libBigWig lose some of their own buffers when they cannot write.
class FileSizeLimit {
  public:
    explicit FileSizeLimit(rlim_t bytes) {
        std::signal(SIGXFSZ, SIG_IGN);
        ::getrlimit(RLIMIT_FSIZE, &before_);
        rlimit now = before_;
        now.rlim_cur = bytes;
        ::setrlimit(RLIMIT_FSIZE, &now);
    }
    FileSizeLimit(const FileSizeLimit&) = delete;
    FileSizeLimit& operator=(const FileSizeLimit&) = delete;
    ~FileSizeLimit() {
        ::setrlimit(RLIMIT_FSIZE, &before_);
        std::signal(SIGXFSZ, SIG_DFL);
    }

  private:
    rlimit before_{};
#ifdef CHROMATID_TEST_COUNTS_LEAKS
    __lsan::ScopedDisabler no_leak_check_;
#endif
};

inline std::string content_of(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

/// Whether an exception's text has these words, for BOOST_CHECK_EXCEPTION.
inline auto says(std::string words) {
    return [words](const std::exception& e) {
        const bool found = std::string_view(e.what()).find(words) != std::string_view::npos;
        if (!found) BOOST_TEST_MESSAGE("it says: " << e.what());
        return found;
    };
}

}  // namespace chromatid::test
