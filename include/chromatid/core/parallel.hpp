// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/index.hpp>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace chromatid {

/// A fixed set of threads that run numbered tiles.
///
/// Which thread runs a tile is not defined; what a tile computes must depend on its number alone, so that results do not depend on the
/// number of threads. `run` allocates nothing. Safe to call from several threads: calls take turns.
class ThreadPool {
  public:
    /// \param threads  threads that work on a call, the caller among them; at least 1
    /// \throws std::system_error when the system does not give so many
    explicit ThreadPool(Index threads = 1) {
        try {
            for (Index i = 1; i < threads; ++i) workers_.emplace_back([this] { serve(); });
        } catch (...) {
            stop();
            throw;
        }
    }
    ThreadPool(const ThreadPool&) = delete;
    ThreadPool& operator=(const ThreadPool&) = delete;
    ~ThreadPool() { stop(); }

    /// Threads that work on a call.
    Index threads() const { return static_cast<Index>(workers_.size()) + 1; }

    /// Calls `f(tile)` once for each tile in [0, tiles) and returns when all are done. The first exception a tile throws is thrown here,
    /// after the tiles already begun have ended; tiles not begun are then left out. A tile must not call `run` of its own pool.
    template <class F>
    void run(Index tiles, const F& f) {
        if (workers_.empty() || tiles <= 1) {
            for (Index tile = 0; tile < tiles; ++tile) f(tile);
            return;
        }
        const std::lock_guard turn(turn_);
        Job job{tiles, &f, [](const void* g, Index tile) { (*static_cast<const F*>(g))(tile); }};
        {
            const std::lock_guard lock(mutex_);
            job_ = &job;
            ++generation_;
        }
        wake_.notify_all();
        work(job);
        std::unique_lock lock(mutex_);
        done_.wait(lock, [&] { return active_ == 0; });
        job_ = nullptr;
        if (job.error) std::rethrow_exception(job.error);
    }

  private:
    struct Job {
        Index tiles;
        const void* function;
        void (*call)(const void*, Index);
        std::atomic<Index> next{0};
        std::exception_ptr error{};
        std::mutex error_mutex{};
    };

    void stop() {
        {
            const std::lock_guard lock(mutex_);
            stopping_ = true;
        }
        wake_.notify_all();
        for (std::thread& worker : workers_) worker.join();
    }

    static void work(Job& job) {
        for (Index tile = job.next++; tile < job.tiles; tile = job.next++) {
            try {
                job.call(job.function, tile);
            } catch (...) {
                const std::lock_guard lock(job.error_mutex);
                if (!job.error) job.error = std::current_exception();
                job.next = job.tiles;
            }
        }
    }

    void serve() {
        std::unique_lock lock(mutex_);
        for (unsigned long seen = 0;;) {
            wake_.wait(lock, [&] { return stopping_ || (job_ != nullptr && generation_ != seen); });
            if (stopping_) return;
            seen = generation_;
            Job& job = *job_;
            ++active_;
            lock.unlock();
            work(job);
            lock.lock();
            if (--active_ == 0) done_.notify_one();
        }
    }

    std::vector<std::thread> workers_;
    std::mutex turn_;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::condition_variable done_;
    Job* job_ = nullptr;
    unsigned long generation_ = 0;
    Index active_ = 0;
    bool stopping_ = false;
};

/// Threads this machine runs at once, at least 1.
inline Index hardware_threads() { return std::max<Index>(1, static_cast<Index>(std::thread::hardware_concurrency())); }

}  // namespace chromatid
