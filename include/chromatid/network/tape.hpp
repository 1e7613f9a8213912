// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/layer/layer.hpp>

namespace chromatid {

/// Memory of one training batch: what `forward` keeps for `backward`, and the scratch of both. Made by `Model::tape`; one for each
/// batch in flight.
template <Backend B>
class Tape {
    using T = typename B::Scalar;

  public:
    explicit Tape(const LayerMemory& memory) : kept_(memory.tape), scratch_(memory.train) {}

    T* data() { return kept_.data(); }
    Arena<T> arena() { return {scratch_.data(), scratch_.size()}; }

  private:
    typename B::template Buffer<T> kept_;
    typename B::template Buffer<T> scratch_;
};

}  // namespace chromatid
