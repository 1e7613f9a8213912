// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/draws.hpp>
#include <chromatid/layer/layer.hpp>

#include <type_traits>

namespace chromatid {

/// Memory of one training batch: what `forward` keeps for `backward`, and the scratch of both. Made by `Model::tape`; one for each
/// batch in flight.
template <Backend B>
class Tape {
    using T = typename B::Scalar;

  public:
    Tape(const LayerMemory& memory, Index batch) : kept_(arena_size(memory.tape)), memory_(kept_ + memory.train), batch_(batch) {}

    /// The random numbers that the batch draws in `forward`, and again in `backward`; the number of windows is set by the model.
    Draws draws{};

    /// Most samples that a batch may have.
    Index batch() const { return batch_; }

    T* data() { return memory_.data(); }
    Arena<T> arena() { return {memory_.data() + kept_, memory_.size() - kept_}; }
    /// How arrays of the host come to a device and back.
    auto& staging() { return staging_; }

  private:
    Index kept_;                             // elements, the scratch lies behind them
    typename B::template Buffer<T> memory_;
    Index batch_;

    struct OnHost {
        struct Staging {};
    };
    typename std::conditional_t<B::on_host, OnHost, B>::Staging staging_;
};

}  // namespace chromatid
