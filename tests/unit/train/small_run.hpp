// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/chromatid.hpp>
#include <chromatid/loss/binary_cross_entropy.hpp>
#include <chromatid/optim/adam.hpp>
#include <chromatid/train/trainer.hpp>

#include "tests/support/random_arrays.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

namespace chromatid::test {

/// Random windows, two tasks: whether an A stands at position 3, and a coin with some ambiguous sides. A pure function of (seed, epoch,
/// number).
struct SmallWindows {
    std::uint64_t seed = 1;
    Index count = 5, size = 35, last = 20;  ///< batches, windows of each, and of the last one

    std::string to_text() const { return "small windows " + std::to_string(seed); }
    Index batches(Index) const { return count; }
    void load(Index epoch, Index number, Batch& batch) const {
        if (batch.x.extents().empty()) {
            batch.x = Tensor<float>({size, 12, 4});
            batch.targets = Tensor<float>({size, 2});
        }
        batch.size = number + 1 == count ? last : size;
        Draw draw(seed * 1000003 + static_cast<std::uint64_t>(epoch * 1009 + number));
        std::fill_n(batch.x.data(), batch.x.size(), 0.0F);
        for (Index w = 0; w < batch.size; ++w) {
            for (Index t = 0; t < 12; ++t) batch.x(w, t, draw.index(0, 3)) = 1;
            batch.targets(w, 0) = batch.x(w, 3, 0);
            batch.targets(w, 1) = static_cast<float>(draw.index(-1, 1));
        }
    }
};
static_assert(BatchSource<SmallWindows>);

using SmallNet = Sequential<Conv1D<4, 3, ReLU>, Dropout, Flatten, Dense<8, ReLU>, Dropout, Dense<2, Sigmoid>>;
using SmallModel = Model<SmallNet, Shape<12, 4>>;

inline SmallModel small_model(std::uint64_t seed = 7) {
    SmallModel model(SmallNet(Conv1D<4, 3, ReLU>(), Dropout(0.2F), Flatten(), Dense<8, ReLU>(), Dropout(0.1F), Dense<2, Sigmoid>()));
    model.initialize(seed);
    return model;
}

using Bits = std::vector<float>;

template <class M>
Bits bits_of(const M& model) {
    const auto p = model.parameters();
    return {p.begin(), p.end()};
}
inline bool same_bits(const Bits& a, const Bits& b) {
    return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

/// Whether two histories are the same, time aside.
inline bool same_history(const History& a, const History& b) {
    const auto same = [](double x, double y) { return std::memcmp(&x, &y, sizeof x) == 0; };
    return std::equal(a.epochs.begin(), a.epochs.end(), b.epochs.begin(), b.epochs.end(),
                      [&](const History::Epoch& x, const History::Epoch& y) {
                          return same(x.loss, y.loss) && same(x.accuracy, y.accuracy) && same(x.validation_loss, y.validation_loss) &&
                                 same(x.validation_accuracy, y.validation_accuracy) && same(x.rate, y.rate);
                      });
}

/// Stops the run, by a signal, after so many batches of it, those of validation counted.
struct StopAfter {
    Index batches;

    void batch_ended(TrainingRun& run) {
        if (--batches == 0) run.interrupt(15);
    }
};

}  // namespace chromatid::test
