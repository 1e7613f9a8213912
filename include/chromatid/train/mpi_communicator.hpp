// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/error.hpp>
#include <chromatid/core/index.hpp>
#include <chromatid/train/communicator.hpp>

// The C++ interface that MPI once had is not used.
#ifndef OMPI_SKIP_MPICXX
#define OMPI_SKIP_MPICXX 1
#endif
#ifndef MPICH_SKIP_MPICXX
#define MPICH_SKIP_MPICXX 1
#endif
#include <mpi.h>

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <exception>
#include <memory>
#include <span>
#include <string>

namespace chromatid {

/// Ranks that are processes, which `mpirun` starts, on one machine or several. Needs the component `mpi`.
///
///     int main(int argc, char** argv) {
///         MpiCommunicator all;                       // before anything else
///         return together(all, [&] {                 // where one rank throws, all end
///             ...
///             Trainer trainer(model, loss, optimizer, {.threads = 4}, all);
///             trainer.fit(training, validation);
///             return 0;
///         });
///     }
///
/// The first one sets MPI up, unless the program has done so, and MPI ends with its last copy. It must be used on the thread that made it.
/// Alone, without `mpirun`, it is one rank.
class MpiCommunicator {
  public:
    /// \throws Error with MPI's text
    MpiCommunicator() : session_(std::make_shared<const Session>()) {
        int rank = 0, size = 1;
        check(MPI_Comm_rank(session_->ranks, &rank), "MPI_Comm_rank");
        check(MPI_Comm_size(session_->ranks, &size), "MPI_Comm_size");
        rank_ = rank;
        size_ = size;
    }

    Index rank() const { return rank_; }
    Index size() const { return size_; }

    void send(std::span<const std::byte> bytes, Index to) {
        in_parts(bytes, [&](auto part, int n) {
            check(MPI_Send(part, n, MPI_BYTE, static_cast<int>(to), tag, session_->ranks), "MPI_Send");
        });
    }
    void receive(std::span<std::byte> bytes, Index from) {
        in_parts(bytes, [&](auto part, int n) {
            check(MPI_Recv(part, n, MPI_BYTE, static_cast<int>(from), tag, session_->ranks, MPI_STATUS_IGNORE), "MPI_Recv");
        });
    }
    void broadcast(std::span<std::byte> bytes, Index from) {
        in_parts(bytes, [&](auto part, int n) {
            check(MPI_Bcast(part, n, MPI_BYTE, static_cast<int>(from), session_->ranks), "MPI_Bcast");
        });
    }
    /// \throws Error for more than 1 GiB
    void exchange(std::span<const std::byte> mine, std::span<std::byte> of_all) {
        if (mine.size() > part_bytes) throw Error("MPI: an exchange of " + std::to_string(mine.size()) + " bytes is too large");
        const int n = static_cast<int>(mine.size());
        check(MPI_Allgather(mine.data(), n, MPI_BYTE, of_all.data(), n, MPI_BYTE, session_->ranks), "MPI_Allgather");
    }
    void barrier() { check(MPI_Barrier(session_->ranks), "MPI_Barrier"); }
    /// Writes the message to stderr and ends all processes, this one among them, with exit code 1.
    [[noreturn]] void abort(const std::string& message) {
        std::fprintf(stderr, "error: rank %td: %s\n", rank_, message.c_str());
        std::fflush(nullptr);
        MPI_Abort(session_->ranks, 1);
        std::terminate();
    }

  private:
    static constexpr int tag = 0;
    static constexpr std::size_t part_bytes = std::size_t{1} << 30;  ///< MPI counts with int

    static void check(int code, const char* call) {
        if (code == MPI_SUCCESS) return;
        char text[MPI_MAX_ERROR_STRING];
        int length = 0;
        MPI_Error_string(code, text, &length);
        throw Error(std::string(call) + ": " + std::string(text, static_cast<std::size_t>(length)));
    }

    template <class Byte, class F>
    static void in_parts(std::span<Byte> bytes, const F& f) {
        for (std::size_t first = 0; first < bytes.size(); first += part_bytes)
            f(bytes.data() + first, static_cast<int>(std::min(part_bytes, bytes.size() - first)));
    }

    /// MPI while a communicator lives, and ranks of our own in it, so that messages of others do not meet ours.
    struct Session {
        Session() {
            int running = 0;
            MPI_Initialized(&running);
            begun = running == 0;
            int given = 0;
            if (begun) check(MPI_Init_thread(nullptr, nullptr, MPI_THREAD_FUNNELED, &given), "MPI_Init_thread");
            check(MPI_Comm_dup(MPI_COMM_WORLD, &ranks), "MPI_Comm_dup");
            MPI_Comm_set_errhandler(ranks, MPI_ERRORS_RETURN);
        }
        Session(const Session&) = delete;
        Session& operator=(const Session&) = delete;
        ~Session() {
            // An exception is on its way out of main. To wait here for the others would be for ever; mpirun ends them when this process is
            // gone.
            if (std::uncaught_exceptions() > 0) return;
            MPI_Comm_free(&ranks);
            if (begun) MPI_Finalize();
        }

        MPI_Comm ranks{};
        bool begun = false;
    };

    std::shared_ptr<const Session> session_;
    Index rank_ = 0, size_ = 1;
};
static_assert(Communicator<MpiCommunicator>);

}  // namespace chromatid
