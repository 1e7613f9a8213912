// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/train/batch_gradient.hpp>
#include <chromatid/train/step_key.hpp>

#include <optional>
#include <sstream>
#include <typeinfo>

namespace chromatid {

/// Loss and gradients of one batch on a device: what `BatchGradient` says, but a batch is one tile, or several one after another where it is larger than the backend's
/// `training_windows_per_tile`. Everything stays on the device: a batch goes there in one copy, runs as one graph from the third time on where the
/// loss can say what it is (`to_text()`), and its loss and outputs come back in one copy.
template <class M>
    requires(!M::BackendType::on_host)
class BatchGradient<M> {
    using B = typename M::BackendType;
    using T = typename B::Scalar;
    using Context = typename B::Context;

  public:
    static constexpr Index windows_per_tile = B::training_windows_per_tile;

    static constexpr Index tiles_of(Index windows) { return (windows + windows_per_tile - 1) / windows_per_tile; }

    /// \param largest_batch  most windows that a batch has
    explicit BatchGradient(const M& model, Index largest_batch)
        : model_(model), largest_(largest_batch), outputs_({largest_batch, tasks_of_model(model)}), sums_({tiles_of(largest_batch)}) {}

    /// Writes dloss/dparameters into `gradients`, of the device or the host, and returns the loss: the mean over the entries that take part, 0 where none does.
    /// \throws ShapeError when the batch does not fit the model or is larger than `largest_batch`; DeviceError where there is no room for it
    template <Loss<B> L>
    double operator()(Context& on, const Batch& batch, const L& loss, const Draws& draws, std::span<T> gradients) {
        return (*this)(on, batch, loss, draws, gradients, [] {});
    }
    /// \param then  what follows in the same graph: the optimizer's step. It must not wait for the device
    template <Loss<B> L, class Then>
    double operator()(Context& on, const Batch& batch, const L& loss, const Draws& draws, std::span<T> gradients, const Then& then) {
        const std::span<const T> parameters = model_.parameters_on(on);
        expect_fitting(batch, largest_, gradients.size(), parameters.size());
        const bool gradients_there = B::Staging::is_there(gradients.data());
        make_room(on, gradients_there ? 0 : static_cast<Index>(gradients.size()));
        const std::span<T> slopes = gradients_there ? gradients : std::span<T>(gradients_.data(), gradients.size());
        const auto entries = static_cast<double>(loss.count(batch.labels()));
        const double scale = entries > 0 ? 1.0 / entries : 0.0;

        if (batch.is_encoded()) run(on, batch, batch.windows(), loss, draws, scale, parameters.data(), slopes, then);
        else run(on, batch, batch.inputs(), loss, draws, scale, parameters.data(), slopes, then);

        if (!gradients_there) B::template download<T>(on, static_cast<Index>(gradients.size()), slopes.data(), gradients.data());
        stage_.finish();
        double sum = 0;
        for (Index tile = 0; tile < tiles_of(batch.size); ++tile) sum += sums_(tile);
        return sum * scale;
    }

    /// Outputs of the last batch's windows, with dropout; on the host.
    View<const T> outputs(Index windows) const { return std::as_const(outputs_).view().rows(0, windows); }

  private:
    static_assert(std::is_same_v<T, float>);

    void make_room(Context& on, Index host_gradients) {
        if (!tape_) {
            B::synchronize(on);  // so that memory is taken on its device
            tape_.emplace(model_.tape(std::min(windows_per_tile, largest_)));
            slopes_ = typename B::template Buffer<T>(outputs_.size());
        }
        if (gradients_.size() < host_gradients) gradients_ = typename B::template Buffer<T>(host_gradients);
    }

    template <class X, class L, class Then>
    void run(Context& on, const Batch& batch, const X& windows, const L& loss, const Draws& draws, double scale, const T* parameters, std::span<T> gradients,
             const Then& then) {
        const Index n = batch.size, tiles = tiles_of(n);
        const View<T> outputs = outputs_.view().rows(0, n);
        const View<double> tile_sums = sums_.view().rows(0, tiles);
        stage_.open(on, stage_.room(windows) + stage_.room(batch.sides()) + stage_.room(batch.labels()) + stage_.room(tile_sums) + stage_.room(outputs));
        const X x = stage_.in(windows);
        const View<const T> side = stage_.in(batch.sides());
        const View<const float> labels = stage_.in(batch.labels());
        const View<double> sums = stage_.out(tile_sums);
        const View<T> y = stage_.out(outputs), dy(slopes_.data(), y.extents());
        stage_.send(on);

        const auto step = [&] {
            B::zero(on, static_cast<Index>(gradients.size()), gradients.data());
            for (Index tile = 0; tile < tiles; ++tile) {
                const Index first = tile * n / tiles, count = (tile + 1) * n / tiles - first;
                const X in = rows_of_tile(x, first, count);
                const View<const T> sides = rows_of_tile(side, first, count);
                const View<T> out = y.rows(first, count), slope = dy.rows(first, count);
                tape_->draws = draws;
                tape_->draws.first_window = draws.first_window + static_cast<std::uint32_t>(first);
                model_.forward(on, in, sides, out, *tape_);
                loss.template accumulate<B>(on, out, labels.rows(first, count), scale, slope, sums.data() + tile);
                backward(on, in, sides, out, slope, gradients);
            }
            then();
        };
        if constexpr (requires { loss.to_text(); }) {
            std::ostringstream what;
            what << n << ' ' << batch.is_encoded() << ' ' << side.rank() << ' ' << stage_.block() << ' ' << static_cast<const void*>(parameters) << ' '
                 << static_cast<const void*>(gradients.data()) << ' ' << typeid(Then).name() << ' ' << typeid(L).name() << ' ' << loss.to_text();
            B::repeat(on, keys_.key(what.str()), step);
        } else {
            step();
        }
        stage_.fetch(on);
    }

    void backward(Context& on, const Windows<T>& x, View<const T> side, View<const T> y, View<T> dy, std::span<T> gradients) {
        model_.backward(on, x, side, y, dy, gradients, *tape_);
    }
    void backward(Context& on, View<const T> x, View<const T> side, View<const T> y, View<T> dy, std::span<T> gradients) {
        model_.backward(on, x, side, y, dy, View<T>{}, gradients, *tape_);
    }

    const M& model_;
    Index largest_;
    Tensor<T> outputs_;
    Tensor<double> sums_;  // of the losses of each tile
    std::optional<Tape<B>> tape_;
    typename B::template Buffer<T> slopes_, gradients_;  // of the outputs; of the parameters, where the caller's lie on the host
    typename B::Staging stage_;
    StepKeys keys_;
};

}  // namespace chromatid
