// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/dataset/batch.hpp>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <exception>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace chromatid {

/// Batches in their order, made ahead on threads of its own; memory is bounded by a ring of batches that are used again and again.
///
/// The order is that of `following`, whichever thread makes which. What `load` throws comes out of the `next` that would have given that
/// batch.
class Prefetcher {
  public:
    struct Place {
        Index epoch = 0;
        Index number = 0;
    };
    using Load = std::function<void(Index epoch, Index number, Batch&)>;
    /// The place after one; nothing after the last. Called one at a time, on any thread.
    using Following = std::function<std::optional<Place>(const Place&)>;

    struct Options {
        Index threads = 1;  ///< that load; 0 loads in `next`, when asked for
        Index ahead = 4;    ///< batches ready or being made, besides the one in use
    };

    /// \param load  fills a batch, safe from any number of threads
    Prefetcher(Load load, Following following, Place first, Options options)
        : load_(std::move(load)), following_(std::move(following)), place_(first) {
        const Index ahead = options.threads == 0 ? 0 : std::max({Index{1}, options.ahead, options.threads});
        slots_ = std::vector<Slot>(static_cast<std::size_t>(ahead + 1));
        try {
            for (Index i = 0; i < options.threads; ++i) threads_.emplace_back([this] { serve(); });
        } catch (...) {
            stop();
            throw;
        }
    }
    Prefetcher(const Prefetcher&) = delete;
    Prefetcher& operator=(const Prefetcher&) = delete;
    ~Prefetcher() { stop(); }

    /// The next batch, which lives until the next call. Must not be called after the last one.
    const Batch& next() {
        using Clock = std::chrono::steady_clock;
        const Clock::time_point start = Clock::now();
        std::unique_lock lock(mutex_);
        Slot& slot = slots_[next_ % slots_.size()];
        released_ = next_++;
        if (threads_.empty()) {
            fill(slot, lock);
        } else {
            room_.notify_all();
            ready_.wait(lock, [&] { return slot.full; });
        }
        waited_ += std::chrono::duration<double>(Clock::now() - start).count();
        slot.full = false;
        if (slot.error) std::rethrow_exception(slot.error);
        return slot.batch;
    }

    /// Seconds spent in `next` so far.
    double waited() const { return waited_; }

  private:
    struct Slot {
        Batch batch;
        bool full = false;
        std::exception_ptr error;
    };

    /// Takes the next place and loads it, without the lock meanwhile.
    void fill(Slot& slot, std::unique_lock<std::mutex>& lock) {
        ++taken_;
        try {
            if (taken_ > 1) {
                const std::optional<Place> place = following_(place_);
                if (!place) {
                    ended_ = true;
                    --taken_;
                    return;
                }
                place_ = *place;
            }
            const Place at = place_;
            lock.unlock();
            load_(at.epoch, at.number, slot.batch);
            lock.lock();
        } catch (...) {
            if (!lock.owns_lock()) lock.lock();
            slot.error = std::current_exception();
            ended_ = true;  // nobody asks for more after an error
        }
        slot.full = true;
    }

    void serve() {
        std::unique_lock lock(mutex_);
        for (;;) {
            room_.wait(lock, [&] { return stopping_ || (!ended_ && taken_ < released_ + slots_.size()); });
            if (stopping_) return;
            fill(slots_[taken_ % slots_.size()], lock);
            ready_.notify_all();
        }
    }

    void stop() {
        {
            const std::lock_guard lock(mutex_);
            stopping_ = true;
        }
        room_.notify_all();
        for (std::thread& thread : threads_) thread.join();
    }

    Load load_;
    Following following_;
    Place place_;  // of the batch taken last
    std::vector<Slot> slots_;
    std::mutex mutex_;
    std::condition_variable room_, ready_;
    std::size_t taken_ = 0, released_ = 0, next_ = 0;  // batches begun, done with, and given out
    bool ended_ = false, stopping_ = false;
    double waited_ = 0;
    std::vector<std::thread> threads_;
};

}  // namespace chromatid
