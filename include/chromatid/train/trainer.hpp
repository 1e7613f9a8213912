// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/backend/cpu/cpu.hpp>
#include <chromatid/core/parallel.hpp>
#include <chromatid/optim/clip_norm.hpp>
#include <chromatid/optim/optimizer.hpp>
#include <chromatid/optim/rate_schedule.hpp>
#include <chromatid/train/batch_gradient.hpp>
#include <chromatid/train/communicator.hpp>
#include <chromatid/train/shared_run.hpp>
#include <chromatid/train/single_process.hpp>
#include <chromatid/train/training_loop.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace chromatid {

/// What a training run is told besides model, loss and optimizer. Results depend on seed, epochs, schedule and clipping alone.
struct TrainerOptions {
    std::uint64_t seed = 0;               ///< of the dropout masks
    Index epochs = 100;                   ///< in all, those of an earlier run that is continued among them
    Index threads = hardware_threads();   ///< that compute; without meaning on a device
    Index loading_threads = 1;            ///< that make batches ahead; 0 makes each when it is wanted
    Index batches_ahead = 4;              ///< that may lie ready
    RateSchedule schedule{};              ///< of the learning rate
    std::optional<ClipNorm> clip{};       ///< gradient-norm clipping
};

/// Trains a model: epochs, validation, learning rates and callbacks.
///
///     Trainer trainer(model, BinaryCrossEntropy{}, Adam{.rate = 1e-3}, {.seed = 420, .epochs = 100, .threads = 8});
///     const History history = trainer.fit(training, validation, ProgressBar{}, EarlyStopping{.patience = 20});
///
/// Equal seeds give equal bits with any number of threads, and so does a run that was stopped and continued, see `Checkpoints`. A second
/// `fit` goes on where the first one ended. Batches without an entry that takes part make no step.
///
/// On a device a step is one copy there, one graph and one copy back; equal seeds give equal bits on equal devices. A loss that is no
/// finite number ends training as anywhere, but then the step that follows it has been made.
///
/// On several ranks each makes a trainer, alike but for threads, with the communicator as last argument; all calls are made together. Ranks
/// share the windows of each batch and the batches of validation, and all end with the same parameters and history: on the processor with
/// the bits of one rank.
///
/// \tparam M  `Model` or `AnyModel`; must outlive this
template <class M, class L, class O, Communicator C = SingleProcess>
    requires Loss<L, typename M::BackendType> && Optimizer<O, typename M::BackendType>
class Trainer final : private TrainingRun {
    using B = typename M::BackendType;
    using T = typename B::Scalar;

  public:
    /// Makes a context of its own: as many threads as the options say, or the first device.
    Trainer(M& model, L loss, O optimizer, TrainerOptions options = {}, C all = {})
        : Trainer(own_context(options.threads), nullptr, model, std::move(loss), std::move(optimizer), std::move(options), std::move(all)) {
    }
    /// \param on  a context of the caller's, which outlives this
    Trainer(typename M::BackendType::Context& on, M& model, L loss, O optimizer, TrainerOptions options = {}, C all = {})
        : Trainer(nullptr, &on, model, std::move(loss), std::move(optimizer), std::move(options), std::move(all)) {}

    /// Trains on batches of one source and validates on all batches of epoch 0 of another at the end of each epoch. What a source's
    /// `to_text()` says, where it has one, goes into checkpoints, and must be the same for a run that is continued.
    ///
    /// \param callbacks  values as `TrainingRun` describes them, in any order; those given by name keep what they learn
    /// \return what all epochs so far came to
    /// \throws Diverged for a loss or parameters that are no finite numbers; TrainingInterrupted where a callback says that a signal has
    ///         come; UsageError for a set without batches, or where ranks train different things; ShapeError for batches that do not fit
    ///         the model; what sources and callbacks throw
    template <BatchSource S, BatchSource V, class... Callbacks>
        requires(TrainingCallback<std::remove_reference_t<Callbacks>> && ...)
    const History& fit(const S& training, const V& validation, Callbacks&&... callbacks) {
        const detail::Batches validating_on = batches_of(validation, {});
        validation_text_ = text_of(validation);
        training_text_ = text_of(training);
        return run(batches_of(training, Gradient::share_of(all_)), &validating_on, callbacks...);
    }
    /// The same without validation.
    template <BatchSource S, class... Callbacks>
        requires(TrainingCallback<std::remove_reference_t<Callbacks>> && ...)
    const History& fit(const S& training, Callbacks&&... callbacks) {
        validation_text_ = "none";
        training_text_ = text_of(training);
        return run(batches_of(training, Gradient::share_of(all_)), nullptr, callbacks...);
    }

    /// Mean loss and accuracy over all batches of an epoch of a source, without dropout.
    template <BatchSource S>
    TrainingRun::Sums evaluate(const S& source, Index source_epoch = 0) {
        return together(all_, [&] {
            const detail::Batches from = batches_of(source, {});
            const Index n = from.count(source_epoch);
            Sums sum;
            Batch windows;
            for (Index first = 0; first < n; first += ranks) {
                Sums own;
                if (first + rank < n) {
                    from.load(source_epoch, first + rank, windows);
                    own = evaluate_batch(windows);
                }
                const std::vector<Sums> round = exchange(all_, own);
                for (Index r = 0; r < std::min(ranks, n - first); ++r) sum.add(round[static_cast<std::size_t>(r)]);
            }
            return sum;
        });
    }

  private:
    using Context = typename B::Context;
    using Gradient = BatchGradient<M, C>;

    Trainer(std::unique_ptr<Context> own, Context* on, M& model, L loss, O optimizer, TrainerOptions options, C all)
        : model_(model),
          loss_(std::move(loss)),
          optimizer_(std::move(optimizer)),
          options_(std::move(options)),
          base_rate_(optimizer_.rate),
          identity_(optimizer_.to_text()),
          own_(std::move(own)),
          on_(own_ ? *own_ : *on),
          state_(optimizer_.template state<B>(static_cast<Index>(std::as_const(model).parameters().size()))),
          all_(std::move(all)) {
        epochs = options_.epochs;
        rank = all_.rank();
        ranks = all_.size();
        B::synchronize(on_);  // so that memory is taken on its device
        slopes_ = typename B::template Buffer<T>(static_cast<Index>(std::as_const(model).parameters().size()));
    }
    static std::unique_ptr<Context> own_context(Index threads) {
        if constexpr (B::on_host) return std::make_unique<Context>(threads);
        else return std::make_unique<Context>();
    }

    template <class S>
    static detail::Batches batches_of(const S& source, const BatchShare& share) {
        return {[&source](Index e) { return static_cast<Index>(source.batches(e)); },
                [&source, share](Index e, Index number, Batch& into) {
                    into.share = share;
                    into.prefers_encoded = std::is_same_v<T, float>;
                    source.load(e, number, into);
                }};
    }

    template <class S>
    static std::string text_of(const S& source) {
        if constexpr (requires { source.to_text(); }) return source.to_text();
        else return "unnamed";
    }

    template <class... Callbacks>
    const History& run(const detail::Batches& training, const detail::Batches* validation, Callbacks&... callbacks) {
        const std::array<detail::CallbackHooks, sizeof...(Callbacks)> hooks{detail::hooks_of(callbacks)...};
        detail::TrainingLoop loop(*this,
                                  {[this](const Batch& b) { return train_batch(b); }, [this](const Batch& b) { return evaluate_batch(b); }},
                                  hooks, {options_.loading_threads, options_.batches_ahead},
                                  {[this] { detail::follow_first_rank(all_, *this); }, [this] { detail::agree(all_, *this); },
                                   [this](const Sums& own) { return exchange(all_, own); }});
        together(all_, [&] { loop(training, validation); });
        return history;
    }

    Sums train_batch(const Batch& windows) {
        const double gone_by = static_cast<double>(epoch) + static_cast<double>(batch) / static_cast<double>(batches);
        rate = base_rate_ * rate_factor * options_.schedule.factor({.step = step, .epoch = epoch, .epochs = gone_by});
        optimizer_.rate = rate;
        Sums done{.loss = 0, .entries = static_cast<Index>(loss_.count(windows.labels())), .correct = 0, .windows = windows.size};
        if (done.entries == 0) return done;
        if (!gradient_ || windows.size > largest_batch_) {
            // the same on all ranks, since a new gradient records its steps anew
            largest_batch_ = std::ranges::max(exchange(all_, std::max(windows.size, windows.room())));
            gradient_.emplace(std::as_const(model_), largest_batch_, all_);
        }
        const Draws draws{.seed = options_.seed, .step = static_cast<std::uint32_t>(step)};
        const std::span<T> slopes(slopes_.data(), static_cast<std::size_t>(slopes_.size()));
        const std::span<T> parameters = model_.parameters_on(on_);
        state_.prepare(on_);
        const auto update = [&](double scale) { optimizer_.template update<B>(on_, state_, parameters, slopes, scale); };
        double loss = 0;
        const bool updates_at_once = !B::on_host && !options_.clip;  // one piece of work for the device, before anybody has seen the loss
        if constexpr (B::on_host) loss = (*gradient_)(on_, windows, loss_, draws, slopes);
        else if (updates_at_once) loss = (*gradient_)(on_, windows, loss_, draws, slopes, [&] { update(1.0); });
        else loss = (*gradient_)(on_, windows, loss_, draws, slopes);
        done.loss = loss * static_cast<double>(done.entries);
        if (!std::isfinite(loss)) return done;
        const BatchShare::Range own = Gradient::share_of(all_).own_windows(windows.size);
        done.correct =
            correct_of(gradient_->outputs(windows.size).rows(own.first, own.size()), windows.labels().rows(own.first, own.size()));
        if constexpr (counts_correct) done.correct = sum_of_ranks(all_, done.correct);
        if (!updates_at_once) {
            update(options_.clip ? options_.clip->template scale<B>(on_, slopes) : 1.0);
            B::synchronize(on_);  // other contexts may read the parameters next
        }
        return done;
    }

    Sums evaluate_batch(const Batch& windows) {
        const View<const float> targets = windows.labels();
        if (outputs_.extents().empty() || outputs_.extent(0) < windows.size) outputs_ = Tensor<T>(targets.extents());
        const View<T> y = outputs_.view().rows(0, windows.size);
        infer(windows, y);
        return {.loss = loss_of(y, targets),
                .entries = static_cast<Index>(loss_.count(targets)),
                .correct = correct_of(y, targets),
                .windows = windows.size};
    }

    /// Outputs are the host's, on a device too: there is little of them, and their accuracy is wanted as well.
    double loss_of(View<const T> y, View<const float> targets) {
        double sum = 0;
        if constexpr (B::on_host) loss_.template accumulate<B>(on_, y, targets, 1.0, View<T>{}, &sum);
        else {
            typename Cpu<T>::Context here;
            loss_.template accumulate<Cpu<T>>(here, y, targets, 1.0, View<T>{}, &sum);
        }
        return sum;
    }

    void infer(const Batch& windows, View<T> y) {
        if constexpr (std::is_same_v<T, float>)
            if (windows.is_encoded()) return model_.infer(on_, windows.windows(), windows.sides(), y);
        model_.infer(on_, windows.inputs(), windows.sides(), y);
    }

    static constexpr bool counts_correct = requires(const L& loss, View<const T> y, View<const float> targets) {
        loss.correct(y, targets);
    };

    std::int64_t correct_of(View<const T> y, View<const float> targets) const {
        if constexpr (counts_correct) return loss_.correct(y, targets);
        else return -1;
    }

    const Description& description() const override { return model_.description(); }
    Numbers parameters() override { return std::span<T>(model_.parameters()); }
    std::vector<std::pair<std::string, Numbers>> optimizer_arrays() override {
        std::vector<std::pair<std::string, Numbers>> arrays;
        for (auto& array : state_.arrays) arrays.emplace_back(array.name, array.values.span());
        return arrays;
    }
    std::int64_t& optimizer_steps() override { return state_.steps; }

    std::map<std::string, std::string> identity() const override {
        std::string network;
        for (const LayerDescription& layer : model_.description().layers())
            network += layer.name + " " + layer.text + " to " + to_string(std::span<const Index>(layer.output)) + "; ";
        std::string clipping = "none";
        if (options_.clip) clipping = std::to_string(options_.clip->largest);
        std::string loss = "of its own kind";
        if constexpr (requires { loss_.to_text(); }) loss = loss_.to_text();
        return {{"seed", std::to_string(options_.seed)},
                {"network", network},
                {"numbers", std::is_same_v<T, double> ? "double" : "float"},
                {"loss", loss},
                {"optimizer", identity_},
                {"schedule", options_.schedule.to_text()},
                {"gradient norm", clipping},
                {"training data", training_text_},
                {"validation data", validation_text_}};
    }

    void expect_finite() override {
        const auto check = [&](const std::string& what, std::span<const T> numbers) {
            if (!std::isfinite(cpu::sum_squares(static_cast<Index>(numbers.size()), numbers.data())))
                throw Diverged("before " + place() + ": " + what + " holds what is no finite number");
        };
        check("the model", std::as_const(model_).parameters());
        for (const auto& array : state_.arrays) check("the optimizer's " + array.name, array.values.span());
    }

    M& model_;
    L loss_;
    O optimizer_;
    TrainerOptions options_;
    double base_rate_;
    std::string identity_;  // the optimizer's text, before its rate is set for each step
    std::string training_text_, validation_text_;
    std::unique_ptr<Context> own_;
    Context& on_;
    OptimizerState<B> state_;
    typename B::template Buffer<T> slopes_;
    std::optional<Gradient> gradient_;
    Index largest_batch_ = 0;
    Tensor<T> outputs_;
    C all_;
};

}  // namespace chromatid
