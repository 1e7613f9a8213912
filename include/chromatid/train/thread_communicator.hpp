// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/error.hpp>
#include <chromatid/core/index.hpp>
#include <chromatid/train/communicator.hpp>

#include <algorithm>
#include <condition_variable>
#include <cstddef>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace chromatid {

/// Ranks that are threads of one process:
///
///     ThreadCommunicator::run(4, [&](ThreadCommunicator all) {
///         Model model(network, shape);                                           // each has its own
///         Trainer trainer(model, loss, optimizer, {.threads = 2}, all);
///         trainer.fit(training, validation);
///     });
///
/// `NcclCommunicator` does its talk on the host through it. One process with `threads = 8` computes on the processor what eight ranks
/// would, with fewer copies.
class ThreadCommunicator {
  public:
    /// Calls `f(communicator)` on as many threads and returns when all have ended.
    /// \throws the first exception that one of them left; the others then end with `Aborted`
    template <class F>
    static void run(Index ranks, const F& f) {
        const std::vector<ThreadCommunicator> all = make(ranks);
        run(all, f);
    }

    /// The communicators of so many ranks, for whoever has threads of his own.
    static std::vector<ThreadCommunicator> make(Index ranks) {
        if (ranks < 1) throw UsageError("a run on " + std::to_string(ranks) + " ranks: give at least 1");
        const auto group = std::make_shared<Group>(ranks);
        std::vector<ThreadCommunicator> all;
        for (Index r = 0; r < ranks; ++r) all.push_back(ThreadCommunicator(group, r));
        return all;
    }

    /// The same with communicators that are there, one for each thread.
    template <Communicator C, class F>
    static void run(const std::vector<C>& all, const F& f) {
        std::mutex mutex;
        std::exception_ptr first;
        const auto end_all = [&](C& mine, const std::string& message) {
            mine.abort(message);
            const std::lock_guard lock(mutex);
            if (!first) first = std::current_exception();
        };
        const auto work = [&](C mine) {
            try {
                f(mine);
            } catch (const Aborted&) {  // of which the rank that aborted tells more
            } catch (const std::exception& error) {
                end_all(mine, error.what());
            } catch (...) {
                end_all(mine, "another rank failed");
            }
        };
        std::vector<std::thread> threads;
        try {
            for (const C& one : all) threads.emplace_back(work, one);
        } catch (const std::exception& error) {  // no more threads
            C any = all.front();
            end_all(any, error.what());
        }
        for (std::thread& thread : threads) thread.join();
        if (first) std::rethrow_exception(first);
    }

    Index rank() const { return rank_; }
    Index size() const { return group_->size; }

    void send(std::span<const std::byte> bytes, Index to) {
        std::unique_lock lock(group_->mutex);
        Letter& letter = group_->letter(rank_, to);
        letter = {bytes, true};
        group_->changed.notify_all();
        group_->wait(lock, [&] { return !letter.waits; });
    }
    void receive(std::span<std::byte> bytes, Index from) {
        std::unique_lock lock(group_->mutex);
        Letter& letter = group_->letter(from, rank_);
        group_->wait(lock, [&] { return letter.waits; });
        copy(letter.bytes, bytes);
        letter.waits = false;
        group_->changed.notify_all();
    }
    void broadcast(std::span<std::byte> bytes, Index from) {
        if (rank_ == from) show(bytes);
        barrier();
        if (rank_ != from) read(from, bytes);
        barrier();
    }
    void exchange(std::span<const std::byte> mine, std::span<std::byte> of_all) {
        show(mine);
        barrier();
        for (Index r = 0; r < size(); ++r) read(r, of_all.subspan(index(r) * mine.size(), mine.size()));
        barrier();
    }
    void barrier() {
        std::unique_lock lock(group_->mutex);
        const std::size_t meeting = group_->meetings;
        if (++group_->arrived == group_->size) {
            group_->arrived = 0;
            ++group_->meetings;
            group_->changed.notify_all();
        }
        group_->wait(lock, [&] { return group_->meetings != meeting; });
    }
    /// The others leave their calls, and the next ones, with `Aborted`; the first message counts.
    void abort(const std::string& message) {
        const std::lock_guard lock(group_->mutex);
        if (!group_->aborted) group_->aborted = message;
        group_->changed.notify_all();
    }

  private:
    struct Letter {
        std::span<const std::byte> bytes{};
        bool waits = false;
    };

    struct Group {
        explicit Group(Index ranks) : size(ranks), letters(index(ranks * ranks)), shown(index(ranks)) {}

        Letter& letter(Index from, Index to) { return letters[index(from * size + to)]; }
        template <class P>
        void wait(std::unique_lock<std::mutex>& lock, const P& done) {
            changed.wait(lock, [&] { return aborted || done(); });
            if (aborted) throw Aborted(*aborted);
        }

        const Index size;
        std::mutex mutex;
        std::condition_variable changed;
        std::vector<Letter> letters;                    // from each rank to each
        std::vector<std::span<const std::byte>> shown;  // by each rank, between two meetings
        Index arrived = 0;
        std::size_t meetings = 0;
        std::optional<std::string> aborted;
    };

    ThreadCommunicator(std::shared_ptr<Group> group, Index rank) : group_(std::move(group)), rank_(rank) {}

    void show(std::span<const std::byte> bytes) {
        const std::lock_guard lock(group_->mutex);
        group_->shown[index(rank_)] = bytes;
    }
    // With the lock, without which whoever shows the bytes may be gone after an abort.
    void read(Index from, std::span<std::byte> to) {
        std::unique_lock lock(group_->mutex);
        group_->wait(lock, [] { return true; });
        copy(group_->shown[index(from)], to);
    }

    static std::size_t index(Index i) { return static_cast<std::size_t>(i); }
    static void copy(std::span<const std::byte> from, std::span<std::byte> to) {
        if (from.size() != to.size())
            throw Error("one rank gives " + std::to_string(from.size()) + " bytes where another expects " + std::to_string(to.size()) +
                        ": they do not do the same");
        std::ranges::copy(from, to.begin());
    }

    std::shared_ptr<Group> group_;
    Index rank_;
};
static_assert(Communicator<ThreadCommunicator>);

}  // namespace chromatid
