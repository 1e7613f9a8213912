// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/backend/backend.hpp>
#include <chromatid/network/staged_tiles.hpp>

#include <cstddef>
#include <memory>
#include <mutex>
#include <type_traits>
#include <utility>
#include <vector>

namespace chromatid {

/// The planned scratch memory of one model: one buffer for each tile that runs at a time, lent and taken back.
///
/// It grows to the largest number of tiles ever run at once and allocates nothing afterwards. Safe to use from any thread.
///
/// On a device work may still be queued when memory goes back. It is then lent to the same context again, whose order of calls protects it,
/// and to another one only after a wait.
template <Backend B>
class ArenaPool {
    using Context = typename B::Context;
    struct NoTiles {};
    struct OnDevice {
        using Tiles = StagedTiles<B>;
    };
    struct OnHost {
        using Tiles = NoTiles;
    };
    using Tiles = typename std::conditional_t<B::on_host, OnHost, OnDevice>::Tiles;

    struct Entry {
        typename B::template Buffer<typename B::Scalar> buffer;
        Tiles tiles;
        const Context* user = nullptr;  // whose work may still use it
    };

  public:
    /// A buffer on loan; it goes back when this ends.
    class Lease {
      public:
        Lease(ArenaPool& pool, Context& on, Index size) : pool_(pool), entry_(pool.lend(on)) {
            if (!B::on_host) entry_->user = &on;
            if (entry_->buffer.size() >= size) return;
            try {
                B::synchronize(on);  // makes its device the current one
                entry_->buffer = {};
                entry_->buffer = typename B::template Buffer<typename B::Scalar>(size);
            } catch (...) {
                pool_.take_back(std::move(entry_));
                throw;
            }
        }
        Lease(const Lease&) = delete;
        Lease& operator=(const Lease&) = delete;
        ~Lease() { pool_.take_back(std::move(entry_)); }

        Arena<typename B::Scalar> arena() { return {entry_->buffer.data(), entry_->buffer.size()}; }
        Tiles& tiles() { return entry_->tiles; }
        /// The context has been waited for.
        void idle() { entry_->user = nullptr; }

      private:
        ArenaPool& pool_;
        std::unique_ptr<Entry> entry_;
    };

    /// \param size  elements that the buffer has at least
    Lease lease(Context& on, Index size) { return Lease(*this, on, size); }

  private:
    std::unique_ptr<Entry> lend(const Context& on) {
        {
            const std::lock_guard lock(mutex_);
            auto found = free_.end();
            for (auto entry = free_.begin(); entry != free_.end(); ++entry)
                if ((*entry)->user == &on || ((*entry)->user == nullptr && (found == free_.end() || (*found)->user == nullptr)))
                    found = entry;
            if (found != free_.end()) {
                std::unique_ptr<Entry> entry = std::move(*found);
                free_.erase(found);
                return entry;
            }
            ++made_;
            free_.reserve(made_);
        }
        return std::make_unique<Entry>();
    }
    void take_back(std::unique_ptr<Entry> entry) noexcept {
        const std::lock_guard lock(mutex_);
        free_.push_back(std::move(entry));
    }

    std::mutex mutex_;
    std::size_t made_ = 0;
    std::vector<std::unique_ptr<Entry>> free_;
};

}  // namespace chromatid
