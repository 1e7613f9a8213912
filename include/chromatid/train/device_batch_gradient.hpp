// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/backend/cpu/cpu.hpp>
#include <chromatid/dataset/batch_share.hpp>
#include <chromatid/network/staged_tiles.hpp>
#include <chromatid/train/batch_gradient.hpp>
#include <chromatid/train/communicator.hpp>
#include <chromatid/train/step_key.hpp>
#include <chromatid/train/tile_sum.hpp>

#include <optional>
#include <sstream>
#include <typeinfo>
#include <vector>

namespace chromatid {

/// Loss and gradients of one batch on a device: what `BatchGradient` says, but a batch is one tile, or several one after another where it
/// is larger than the backend's `training_windows_per_tile`. Everything stays on the device: a batch goes there in one copy, runs as one
/// graph from the third time on where the loss can say what it is (`to_text()`), and its loss and outputs come back in one copy.
///
/// Several ranks divide the windows of a batch evenly. A `DeviceCommunicator` adds their gradients within the graph, in an order of its
/// own; any other does so on the host between two of them, rank by rank. Either way all ranks get the same bits, but others than one rank
/// would.
///
/// The model must stay the one that it is: graphs know its layers, and only its parameters may change.
template <class M, Communicator C>
    requires(!M::BackendType::on_host)
class BatchGradient<M, C> {
    using B = typename M::BackendType;
    using T = typename B::Scalar;
    using Context = typename B::Context;

  public:
    static constexpr Index windows_per_tile = B::training_windows_per_tile;

    /// Tiles of a batch that one rank has for itself.
    static constexpr Index tiles_of(Index windows) { return BatchShare{.windows_per_tile = windows_per_tile}.tiles(windows); }

    static BatchShare share_of(const C& all) {
        return {.rank = all.rank(), .ranks = all.size(), .windows_per_tile = windows_per_tile, .even = all.size() > 1};
    }

    /// \param largest_batch  most windows that a batch has
    explicit BatchGradient(const M& model, Index largest_batch, C all = {})
        : model_(model),
          largest_(largest_batch),
          share_(share_of(all)),
          all_(std::move(all)),
          outputs_({largest_batch, tasks_of_model(model)}),
          sums_({share_.most_tiles(largest_batch)}) {}

    /// Writes dloss/dparameters into `gradients`, of the device or the host, and returns the loss: the mean over the entries that take
    /// part, 0 where none does.
    /// \throws ShapeError when the batch does not fit the model or is larger than `largest_batch`; DeviceError where there is no room for
    ///         it
    template <Loss<B> L>
    double operator()(Context& on, const Batch& batch, const L& loss, const Draws& draws, std::span<T> gradients) {
        return (*this)(on, batch, loss, draws, gradients, [] {});
    }
    /// \param then  what follows, in the same graph where it can: the optimizer's step. It must not wait for the device, and the memory
    ///              that it uses must be the same in all calls with one type of it: a graph knows that of the call it was recorded from
    template <Loss<B> L, class Then>
    double operator()(Context& on, const Batch& batch, const L& loss, const Draws& draws, std::span<T> gradients, const Then& then) {
        const std::span<const T> parameters = model_.parameters_on(on);
        expect_fitting(batch, largest_, gradients.size(), parameters.size());
        const bool gradients_there = B::Staging::is_there(gradients.data());
        make_room(on, gradients_there ? 0 : static_cast<Index>(gradients.size()));
        const std::span<T> slopes = gradients_there ? gradients : std::span<T>(gradients_.data(), gradients.size());
        const auto entries = static_cast<double>(loss.count(batch.labels()));
        const double scale = entries > 0 ? 1.0 / entries : 0.0;

        const bool adds_there = DeviceCommunicator<C, B> || all_.size() == 1;
        const auto add_and_go_on = [&] {
            if constexpr (DeviceCommunicator<C, B>) all_.sum(on, static_cast<Index>(slopes.size()), slopes.data());
            then();
        };
        const auto nothing = [] {};
        if (adds_there) run(on, batch, loss, draws, scale, parameters.data(), slopes, add_and_go_on);
        else {
            run(on, batch, loss, draws, scale, parameters.data(), slopes, nothing);
            add_on_host(on, slopes);
            then();
            B::synchronize(on);  // other contexts may read what it has written next
        }

        if (!gradients_there) B::template download<T>(on, static_cast<Index>(gradients.size()), slopes.data(), gradients.data());
        stage_.finish();
        double sum = 0;
        for (Index tile = 0; tile < share_.own_tiles(batch.size).size(); ++tile) sum += sums_(tile);
        return sum_of_ranks(all_, sum) * scale;
    }

    /// Outputs of the last batch's windows, with dropout, on the host; on several ranks those of its share alone.
    View<const T> outputs(Index windows) const { return std::as_const(outputs_).view().rows(0, windows); }

  private:
    static_assert(std::is_same_v<T, float>);

    void make_room(Context& on, Index host_gradients) {
        if (!tape_) {
            B::synchronize(on);  // so that memory is taken on its device
            slopes_ = typename B::template Buffer<T>(outputs_.size());
            tape_.emplace(model_.tape(std::min(windows_per_tile, (largest_ + share_.ranks - 1) / share_.ranks)));  // last: all is there
        }
        if (gradients_.size() < host_gradients) {
            B::synchronize(on);
            gradients_ = typename B::template Buffer<T>(host_gradients);
        }
    }

    Index most_windows_of_a_rank(Index windows) const {
        BatchShare share = share_;
        Index most = 0;
        for (share.rank = 0; share.rank < share.ranks; ++share.rank) most = std::max(most, share.own_windows(windows).size());
        return most;
    }

    /// The ranks' gradients, added in their order as if each were a tile.
    void add_on_host(Context& on, std::span<T> slopes) {
        const auto n = static_cast<Index>(slopes.size());
        std::vector<T> own(slopes.size()), sum(slopes.size());
        B::template download<T>(on, n, slopes.data(), own.data());
        typename Cpu<T>::Context here;
        const BatchShare one_of_each{.rank = share_.rank, .ranks = share_.ranks, .windows_per_tile = 1};
        TileSum<Cpu<T>, C> add(all_);
        add(here, one_of_each, share_.ranks, [&](Index) { return own.data(); }, [](Index) { return 0.0; }, std::span(sum));
        B::template upload<T>(on, n, sum.data(), slopes.data());
    }

    template <class L, class Then>
    void run(Context& on, const Batch& batch, const L& loss, const Draws& draws, double scale, const T* parameters, std::span<T> gradients,
             const Then& then) {
        if (batch.is_encoded()) run(on, batch, batch.windows(), loss, draws, scale, parameters, gradients, then);
        else run(on, batch, batch.inputs(), loss, draws, scale, parameters, gradients, then);
    }
    /// \param windows  of the whole batch
    template <class X, class L, class Then>
    void run(Context& on, const Batch& batch, const X& windows, const L& loss, const Draws& draws, double scale, const T* parameters,
             std::span<T> gradients, const Then& then) {
        const Index n = batch.size;
        const BatchShare::Range own = share_.own_windows(n), tiles = share_.own_tiles(n);
        const View<T> outputs = outputs_.view().rows(own.first, own.size());
        const View<double> tile_sums = sums_.view().rows(0, tiles.size());
        // room for the largest share, so that the same batch is the first one to need a larger block on all ranks: a sum of theirs, such
        // as NCCL's, must be recorded on all of them or on none
        const Index most = most_windows_of_a_rank(n);
        stage_.open(on, stage_.room(rows_of_tile(windows, 0, most)) + stage_.room(rows_of_tile(batch.sides(), 0, most)) +
                            stage_.room(batch.labels().rows(0, most)) + stage_.room(tile_sums) +
                            stage_.room(outputs_.view().rows(0, most)));
        const X x = stage_.in(rows_of_tile(windows, own.first, own.size()));
        const View<const T> side = stage_.in(rows_of_tile(batch.sides(), own.first, own.size()));
        const View<const float> labels = stage_.in(batch.labels().rows(own.first, own.size()));
        const View<double> sums = stage_.out(tile_sums);
        const View<T> y = stage_.out(outputs), dy(slopes_.data(), y.extents());
        stage_.send(on);

        const auto step = [&] {
            B::zero(on, static_cast<Index>(gradients.size()), gradients.data());
            for (Index tile = tiles.first; tile < tiles.end; ++tile) {
                const BatchShare::Range rows = share_.windows_of(tile, n);
                const Index first = rows.first - own.first, count = rows.size();
                if (count == 0) {
                    B::zero(on, 1, sums.data() + (tile - tiles.first));
                    continue;
                }
                const X in = rows_of_tile(x, first, count);
                const View<const T> sides = rows_of_tile(side, first, count);
                const View<T> out = y.rows(first, count), slope = dy.rows(first, count);
                tape_->draws = draws;
                tape_->draws.first_window = draws.first_window + static_cast<std::uint32_t>(rows.first);
                model_.forward(on, in, sides, out, *tape_);
                loss.template accumulate<B>(on, out, labels.rows(first, count), scale, slope, sums.data() + (tile - tiles.first));
                backward(on, in, sides, out, slope, gradients);
            }
            then();
        };
        if constexpr (requires { loss.to_text(); }) {
            std::ostringstream what;
            what << n << ' ' << batch.is_encoded() << ' ' << side.rank() << ' ' << stage_.blocks() << ' '
                 << static_cast<const void*>(parameters) << ' ' << static_cast<const void*>(gradients.data()) << ' '
                 << typeid(Then).name() << ' ' << typeid(L).name() << ' ' << loss.to_text();
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
    BatchShare share_;
    C all_;
    Tensor<T> outputs_;
    Tensor<double> sums_;  // of the losses of each tile
    std::optional<Tape<B>> tape_;
    typename B::template Buffer<T> slopes_, gradients_;  // of the outputs; of the parameters, where the caller's lie on the host
    typename B::Staging stage_;
    StepKeys keys_;
};

}  // namespace chromatid
