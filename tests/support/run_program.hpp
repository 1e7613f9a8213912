// SPDX-License-Identifier: MIT
#pragma once

#include <cerrno>
#include <csignal>
#include <cstddef>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>
#include <sys/resource.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>
#include <utility>
#include <vector>

namespace chromatid::test {

/// What a program left when it ended.
struct ProgramResult {
    int code = 0;             ///< exit status; minus the signal that ended it
    std::string out, err;     ///< what it printed
    long peak_kilobytes = 0;  ///< largest resident memory
};

/// A program running beside the test. Its signals are those of a shell's foreground command, whatever the test's own are.
class RunningProgram {
  public:
    /// \param prepare  called in the new process before the program starts, for limits
    explicit RunningProgram(
        const std::vector<std::string>& command, const std::function<void()>& prepare = [] {}) {
        std::vector<char*> arguments;
        for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
        arguments.push_back(nullptr);
        out_ = unnamed_file();
        err_ = unnamed_file();
        pid_ = ::fork();
        if (pid_ < 0) throw std::system_error(errno, std::generic_category(), "fork");
        if (pid_ == 0) {
            for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGXFSZ, SIGALRM}) std::signal(signal, SIG_DFL);
            ::alarm(longest_seconds);
            ::dup2(out_, STDOUT_FILENO);
            ::dup2(err_, STDERR_FILENO);
            prepare();
            ::execv(arguments[0], arguments.data());
            ::_exit(127);
        }
    }
    RunningProgram(const RunningProgram&) = delete;
    RunningProgram& operator=(const RunningProgram&) = delete;
    ~RunningProgram() {
        if (pid_ > 0) {
            ::kill(pid_, SIGKILL);
            ::waitpid(pid_, nullptr, 0);
        }
        ::close(out_);
        ::close(err_);
    }

    void send(int signal) const { ::kill(pid_, signal); }

    /// Waits until `seen()` holds, or the program has ended. \return whether it was seen
    bool wait_for(const std::function<bool()>& seen) const {
        siginfo_t ended{};
        while (!seen()) {
            if (::waitid(P_PID, static_cast<id_t>(pid_), &ended, WEXITED | WNOHANG | WNOWAIT) != 0 || ended.si_pid != 0) return false;
            ::usleep(500);
        }
        return true;
    }

    /// Whether the program holds a file open.
    bool has_open(const std::filesystem::path& file) const {
        std::error_code gone;
        for (const auto& entry : std::filesystem::directory_iterator("/proc/" + std::to_string(pid_) + "/fd", gone))
            if (std::filesystem::read_symlink(entry.path(), gone) == file) return true;
        return false;
    }

    ProgramResult wait() {
        int status = 0;
        rusage usage{};
        while (::wait4(pid_, &status, 0, &usage) < 0 && errno == EINTR) {
        }
        pid_ = -1;
        return {WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status), content(out_), content(err_), usage.ru_maxrss};
    }

  private:
    static constexpr unsigned longest_seconds = 300;  // then the program is stuck

    static int unnamed_file() {
        std::string name = (std::filesystem::temp_directory_path() / "chromatid-test-XXXXXX").string();
        const int fd = ::mkostemp(name.data(), O_CLOEXEC);
        if (fd < 0) throw std::system_error(errno, std::generic_category(), name);
        ::unlink(name.c_str());
        return fd;
    }
    static std::string content(int fd) {
        std::string text(static_cast<std::size_t>(::lseek(fd, 0, SEEK_END)), '\0');
        text.resize(static_cast<std::size_t>(::pread(fd, text.data(), text.size(), 0)));
        return text;
    }

    pid_t pid_ = -1;
    int out_ = -1, err_ = -1;
};

inline ProgramResult run_program(
    const std::vector<std::string>& command, const std::function<void()>& prepare = [] {}) {
    return RunningProgram(command, prepare).wait();
}

}  // namespace chromatid::test
