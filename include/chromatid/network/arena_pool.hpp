// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/backend/backend.hpp>

#include <cstddef>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace chromatid {

/// The planned scratch memory of one model: one buffer for each tile that runs at a time, lent and taken back.
///
/// It grows to the largest number of tiles ever run at once and allocates nothing afterwards. Safe to use from any thread.
template <Backend B>
class ArenaPool {
    using Buffer = typename B::template Buffer<typename B::Scalar>;

  public:
    /// \param size  elements of each buffer
    explicit ArenaPool(Index size) : size_(size) {}

    /// A buffer on loan; it goes back when this ends.
    class Lease {
      public:
        explicit Lease(ArenaPool& pool) : pool_(pool), buffer_(pool.lend()) {}
        Lease(const Lease&) = delete;
        Lease& operator=(const Lease&) = delete;
        ~Lease() { pool_.take_back(std::move(buffer_)); }

        Arena<typename B::Scalar> arena() { return {buffer_->data(), buffer_->size()}; }

      private:
        ArenaPool& pool_;
        std::unique_ptr<Buffer> buffer_;
    };

    Lease lease() { return Lease(*this); }

  private:
    std::unique_ptr<Buffer> lend() {
        {
            const std::lock_guard lock(mutex_);
            if (!free_.empty()) {
                std::unique_ptr<Buffer> buffer = std::move(free_.back());
                free_.pop_back();
                return buffer;
            }
            ++made_;
            free_.reserve(made_);
        }
        return std::make_unique<Buffer>(size_);
    }
    void take_back(std::unique_ptr<Buffer> buffer) noexcept {
        const std::lock_guard lock(mutex_);
        free_.push_back(std::move(buffer));
    }

    Index size_;
    std::mutex mutex_;
    std::size_t made_ = 0;
    std::vector<std::unique_ptr<Buffer>> free_;
};

}  // namespace chromatid
