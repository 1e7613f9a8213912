// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/backend/cuda/emulated_memory.hpp>

#include <cstddef>
#include <functional>
#include <limits>
#include <memory>
#include <mutex>
#include <queue>
#include <set>
#include <utility>

namespace chromatid::cuda {

/// The calls of one emulated context that nobody has waited for yet. They run as late as they may, when somebody waits: so host memory that
/// is used again too early, and results that are read too early, are found out.
class EmulatedQueue {
  public:
    EmulatedQueue(const EmulatedQueue&) = delete;
    EmulatedQueue& operator=(const EmulatedQueue&) = delete;
    ~EmulatedQueue() {
        const std::lock_guard lock(mutex());
        all().erase(this);
    }

    static std::shared_ptr<EmulatedQueue> make() {
        (void)EmulatedMemory::instance();  // outlives what follows
        const std::lock_guard lock(mutex());
        std::shared_ptr<EmulatedQueue> queue(new EmulatedQueue);
        all().insert(queue.get());
        return queue;
    }

    void push(std::function<void()> call) {
        const std::lock_guard lock(mutex());
        calls_.push(std::move(call));
        ++pushed_;
    }
    /// How many calls there have been.
    std::size_t pushed() const {
        const std::lock_guard lock(mutex());
        return pushed_;
    }
    /// Runs the first so many of them, and no more.
    void finish(std::size_t calls = std::numeric_limits<std::size_t>::max()) {
        const std::lock_guard lock(mutex());
        if (calls_.empty()) return;
        EmulatedMemory::instance().touch([&] {
            for (; !calls_.empty() && pushed_ - calls_.size() < calls; calls_.pop()) calls_.front()();
        });
    }
    /// Runs those of all contexts.
    static void finish_all() {
        const std::lock_guard lock(mutex());
        for (EmulatedQueue* queue : all()) queue->finish();
    }

  private:
    EmulatedQueue() = default;

    // never destroyed: memory of a static object may go last
    static std::recursive_mutex& mutex() {
        static auto& all_queues = *new std::recursive_mutex;
        return all_queues;
    }
    static std::set<EmulatedQueue*>& all() {
        static auto& queues = *new std::set<EmulatedQueue*>;
        return queues;
    }

    std::queue<std::function<void()>> calls_;
    std::size_t pushed_ = 0;
};

}  // namespace chromatid::cuda
