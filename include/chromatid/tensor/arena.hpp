// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/index.hpp>

#include <cassert>

namespace chromatid {

/// Elements a block of `n` takes in an arena: whole 64-byte lines of float, so that every block starts on one.
constexpr Index arena_size(Index n) { return (n + 15) / 16 * 16; }

/// A stack of scratch blocks inside one planned allocation. Layers say beforehand how much they will take, so taking is a pointer's move.
template <class T>
class Arena {
  public:
    Arena(T* data, Index size) : next_(data), end_(data + size) {}

    /// Blocks taken after this are given back when it ends.
    class Frame {
      public:
        explicit Frame(Arena& arena) : arena_(arena), mark_(arena.next_) {}
        Frame(const Frame&) = delete;
        Frame& operator=(const Frame&) = delete;
        ~Frame() { arena_.next_ = mark_; }

        /// `n` elements, not initialized.
        T* take(Index n) {
            T* block = arena_.next_;
            arena_.next_ += arena_size(n);
            assert(arena_.next_ <= arena_.end_ && "a layer took more scratch than its memory() declares");
            return block;
        }

      private:
        Arena& arena_;
        T* mark_;
    };

    Frame frame() { return Frame(*this); }

  private:
    T* next_;
    T* end_;
};

}  // namespace chromatid
