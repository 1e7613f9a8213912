// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace chromatid {

/// Contexts of a device, lent to one thread at a time: as many as ever work at once, each with an order of work of its own. Safe to use
/// from any thread.
template <class Context>
class ContextPool {
  public:
    using Make = std::function<std::unique_ptr<Context>()>;

    explicit ContextPool(Make make) : make_(std::move(make)) {}

    /// A context on loan; it goes back when this ends.
    class Lease {
      public:
        explicit Lease(ContextPool& pool) : pool_(pool), context_(pool.lend()) {}
        Lease(const Lease&) = delete;
        Lease& operator=(const Lease&) = delete;
        ~Lease() {
            const std::lock_guard lock(pool_.mutex_);
            pool_.free_.push_back(std::move(context_));
        }
        Context& operator*() const { return *context_; }

      private:
        ContextPool& pool_;
        std::unique_ptr<Context> context_;
    };

    Lease lease() { return Lease(*this); }

  private:
    std::unique_ptr<Context> lend() {
        {
            const std::lock_guard lock(mutex_);
            if (!free_.empty()) {
                std::unique_ptr<Context> context = std::move(free_.back());
                free_.pop_back();
                return context;
            }
            free_.reserve(++made_);
        }
        return make_();
    }

    Make make_;
    std::mutex mutex_;
    std::size_t made_ = 0;
    std::vector<std::unique_ptr<Context>> free_;
};

}  // namespace chromatid
