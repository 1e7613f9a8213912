// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/core/draws.hpp>
#include <chromatid/core/error.hpp>
#include <chromatid/dataset/batch.hpp>
#include <chromatid/dataset/batch_share.hpp>
#include <chromatid/loss/loss.hpp>
#include <chromatid/network/tape.hpp>
#include <chromatid/tensor/tensor.hpp>
#include <chromatid/train/communicator.hpp>
#include <chromatid/train/single_process.hpp>
#include <chromatid/train/tile_sum.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace chromatid {

/// Outputs of a window.
template <class M>
Index tasks_of_model(const M& model) {
    if constexpr (requires { model.output_shape().values(); }) return model.output_shape().size();
    else {
        Index n = 1;
        for (const Index extent : model.output_shape()) n *= extent;
        return n;
    }
}

/// \throws ShapeError for a batch that is too large, or gradients that are not as many as the parameters
inline void expect_fitting(const Batch& batch, Index largest, std::size_t gradients, std::size_t parameters) {
    if (batch.size > largest)
        throw ShapeError("a batch of " + std::to_string(batch.size) + " windows where " + std::to_string(largest) + " are the most");
    if (gradients != parameters)
        throw ShapeError("the gradient has " + std::to_string(gradients) + " numbers, the model " + std::to_string(parameters) +
                         " parameters");
}

/// Loss and gradients of one batch, on all threads of a context.
///
///     BatchGradient gradient(model, 100);
///     const double loss = gradient(on, batch, BinaryCrossEntropy{}, {.seed = 420, .step = step}, slopes);
///
/// A batch is cut into as few tiles of at most `windows_per_tile` windows as will do, as equal as can be: their gradients are many and cost
/// memory traffic, so they should be few, and every thread should have one. Each runs forward, loss and backward into gradient memory of
/// its own, and these are added in the order of the tiles: the same bits on any number of threads. Memory: for each tile one array of
/// gradients, for each thread one tape. Allocates nothing once as many tiles have run at once before. On a device see
/// train/device_batch_gradient.hpp.
///
/// On several ranks each computes the tiles of its share, and all get the sum, with the bits of one rank, see `TileSum`.
///
/// \tparam M  a `Model` or an `AnyModel`; must outlive this
template <class M, Communicator C = SingleProcess>
class BatchGradient {
    using B = typename M::BackendType;
    using T = typename B::Scalar;

  public:
    static constexpr Index windows_per_tile = B::training_windows_per_tile;

    /// Tiles of a batch that one rank has for itself.
    static constexpr Index tiles_of(Index windows) { return BatchShare{.windows_per_tile = windows_per_tile}.tiles(windows); }

    /// What a rank computes of each batch.
    static BatchShare share_of(const C& all) { return {.rank = all.rank(), .ranks = all.size(), .windows_per_tile = windows_per_tile}; }

    /// \param largest_batch  most windows that a batch has
    explicit BatchGradient(const M& model, Index largest_batch, C all = {})
        : model_(model), largest_(largest_batch), share_(share_of(all)), sum_(std::move(all)) {
        for (Index tile = 0; tile < share_.most_tiles(largest_batch); ++tile)
            tiles_.push_back({Buffer(static_cast<Index>(model.parameters().size())), 0.0});
        outputs_ = Tensor<T>({largest_batch, tasks_of_model(model)});
        slopes_ = Tensor<T>({largest_batch, tasks_of_model(model)});
    }

    /// Writes dloss/dparameters into `gradients`, which is as long as the model's parameters, and returns the loss: the mean over the
    /// entries that take part, 0 where none does.
    /// \param draws  seed and step; windows are numbered within the batch
    /// \throws ShapeError when the batch does not fit the model or is larger than `largest_batch`
    template <Loss<B> L>
    double operator()(typename B::Context& on, const Batch& batch, const L& loss, const Draws& draws, std::span<T> gradients) {
        expect_fitting(batch, largest_, gradients.size(), std::as_const(model_).parameters().size());
        const Index n = batch.size;
        const auto entries = static_cast<double>(loss.count(batch.labels()));
        const double scale = entries > 0 ? 1.0 / entries : 0.0;
        const BatchShare::Range own = share_.own_tiles(n);
        B::for_each_tile(on, own.size(), [&](Index i) {
            const auto [first, end] = share_.windows_of(own.first + i, n);
            run_tile(on, batch, loss, draws, scale, first, end - first, tiles_[static_cast<std::size_t>(i)]);
        });
        const auto at = [&](Index tile) -> const Tile& { return tiles_[static_cast<std::size_t>(tile - own.first)]; };
        const auto gradients_of = [&](Index tile) { return at(tile).gradients.data(); };
        const auto loss_of = [&](Index tile) { return at(tile).loss; };
        return sum_(on, share_, n, gradients_of, loss_of, gradients) * scale;
    }

    /// Outputs of the last batch's windows, with dropout; on several ranks those of its share alone, see `share_of`.
    View<const T> outputs(Index windows) const { return std::as_const(outputs_).view().rows(0, windows); }

  private:
    using Buffer = typename B::template Buffer<T>;

    struct Tile {
        Buffer gradients;
        double loss;
    };

    template <class L>
    void run_tile(typename B::Context& on, const Batch& batch, const L& loss, const Draws& draws, double scale, Index first, Index count,
                  Tile& tile) {
        const View<const float> side = batch.sides().rank() == 0 ? View<const float>{} : batch.sides().rows(first, count);
        const View<T> y = outputs_.view().rows(first, count), dy = slopes_.view().rows(first, count);
        std::unique_ptr<Tape<B>> tape = borrow();
        tape->draws = draws;
        tape->draws.first_window = draws.first_window + static_cast<std::uint32_t>(first);
        std::fill_n(tile.gradients.data(), tile.gradients.size(), T{0});
        const auto slope = [&] { loss.template accumulate<B>(on, y, batch.labels().rows(first, count), scale, dy, &tile.loss); };
        if (batch.is_encoded()) {
            if constexpr (std::is_same_v<T, float>) {
                const Windows<float> x = batch.windows().part(first, count);
                model_.forward(on, x, side, y, *tape);
                slope();
                model_.backward(on, x, side, y, dy, tile.gradients.span(), *tape);
            } else throw ShapeError("base codes and tracks are for networks of float: load the batch as dense rows");
        } else {
            const View<const float> x = batch.inputs().rows(first, count);
            model_.forward(on, x, side, y, *tape);
            slope();
            model_.backward(on, x, side, y, dy, View<T>{}, tile.gradients.span(), *tape);
        }
        give_back(std::move(tape));
    }

    std::unique_ptr<Tape<B>> borrow() {
        {
            const std::lock_guard lock(mutex_);
            if (!tapes_.empty()) {
                std::unique_ptr<Tape<B>> tape = std::move(tapes_.back());
                tapes_.pop_back();
                return tape;
            }
            tapes_.reserve(++made_);
        }
        return std::make_unique<Tape<B>>(model_.tape(std::min(windows_per_tile, largest_)));
    }
    void give_back(std::unique_ptr<Tape<B>> tape) {
        const std::lock_guard lock(mutex_);
        tapes_.push_back(std::move(tape));
    }

    const M& model_;
    Index largest_;
    BatchShare share_;
    TileSum<B, C> sum_;
    std::vector<Tile> tiles_;
    Tensor<T> outputs_, slopes_;
    std::mutex mutex_;
    std::size_t made_ = 0;
    std::vector<std::unique_ptr<Tape<B>>> tapes_;
};

}  // namespace chromatid

#include <chromatid/train/device_batch_gradient.hpp>
