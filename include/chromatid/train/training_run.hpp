// SPDX-License-Identifier: MIT
#pragma once

#include <chromatid/dataset/batch.hpp>
#include <chromatid/network/description.hpp>
#include <chromatid/train/history.hpp>

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace chromatid {

/// A training run as callbacks see it: where it stands, what it came to so far, and all that a checkpoint holds.
///
/// A callback is a value with any of these:
///
/// - `restore(run)`      before everything else: may put the run back to where an earlier one stood
/// - `begin(run)`        before the first batch, after all `restore`
/// - `batch_ended(run)`  after each training batch, and after each validation batch (`validating`)
/// - `epoch_ended(run)`  `history.last()` is the epoch's
/// - `keep(run)`         after all others had their turn, at the ends of batches and epochs: now the run may be saved. Where `stopping`, it
///   is the last time
/// - `ended(run)`        when nothing more comes, for whatever reason
///
/// They are called on the caller's thread, in the order in which they were given. An empty `std::optional` of one is none.
///
/// Where several ranks train together, callbacks are called on rank 0, and the others follow what they decide: `stop`, `interrupt`,
/// `rate_factor`, and all that `restore` and `begin` change. A callback that has `static constexpr bool on_every_rank = true` is called on
/// all of them; each may then stop the run.
class TrainingRun {
  public:
    /// Loss and accuracy of some entries.
    struct Sums {
        double loss = 0;
        std::int64_t entries = 0;  ///< that took part
        std::int64_t correct = 0;  ///< -1 where the loss does not say
        std::int64_t windows = 0;

        void add(const Sums& more) {
            loss += more.loss;
            entries += more.entries;
            correct = more.correct < 0 ? -1 : correct + more.correct;
            windows += more.windows;
        }
        double mean_loss() const { return entries > 0 ? loss / static_cast<double>(entries) : History::none; }
        double accuracy() const {
            return entries > 0 && correct >= 0 ? static_cast<double>(correct) / static_cast<double>(entries) : History::none;
        }
    };
    /// A flat array of the model or the optimizer.
    using Numbers = std::variant<std::span<float>, std::span<double>>;

    Index rank = 0, ranks = 1;  ///< this one, and how many train together
    Index epochs = 0;   ///< in all
    Index epoch = 0;    ///< the one at hand, from 0
    Index batches = 0;  ///< of that epoch; 0 before it has begun
    Index batch = 0;    ///< of these, done
    Index step = 0;     ///< batches since the run began
    Sums sums;          ///< of the epoch so far
    /// of the epoch so far; with validation, without it, and in which no batch was ready
    double seconds = 0, training_seconds = 0, waited = 0;
    bool validates = false;                                ///< whether there is validation at all
    bool validating = false;
    Index validation_batches = 0, validation_batch = 0;
    double rate = 0;         ///< learning rate of the last step
    double rate_factor = 1;  ///< what the optimizer's rate is multiplied by besides the schedule; for callbacks to set
    History history;

    /// Ends training: at the end of the batch, or of the epoch where that has come. `why` goes into the history.
    void stop(std::string why) {
        stopping = true;
        history.stopped = std::move(why);
    }
    /// The same because of a signal: `fit` then throws `TrainingInterrupted`.
    void interrupt(int number) {
        stopping = true;
        signal = number;
    }
    bool stopping = false;
    int signal = 0;

    /// "epoch 3, batch 17", counted from 1, of the next batch.
    std::string place() const {
        const std::string in_epoch = "epoch " + std::to_string(epoch + 1);
        if (validating) return in_epoch + ", validation batch " + std::to_string(validation_batch + 1);
        return in_epoch + (batches > 0 && batch == batches ? ", validation" : ", batch " + std::to_string(batch + 1));
    }

    virtual const Description& description() const = 0;
    /// All of the model's, in the order of the description.
    virtual Numbers parameters() = 0;
    /// The optimizer's arrays and their names.
    virtual std::vector<std::pair<std::string, Numbers>> optimizer_arrays() = 0;
    virtual std::int64_t& optimizer_steps() = 0;
    /// What must be equal for a checkpoint to belong to this run: "seed", "network", "optimizer", ...
    virtual std::map<std::string, std::string> identity() const = 0;
    /// \throws Diverged where a parameter or the optimizer's memory is no finite number
    virtual void expect_finite() = 0;

  protected:
    TrainingRun() = default;
    TrainingRun(const TrainingRun&) = default;
    TrainingRun& operator=(const TrainingRun&) = default;
    ~TrainingRun() = default;
};

namespace detail {
template <class C>
concept HasTrainingHook = requires(C& callback, TrainingRun& run) { callback.restore(run); } ||
                          requires(C& callback, TrainingRun& run) { callback.begin(run); } ||
                          requires(C& callback, TrainingRun& run) { callback.batch_ended(run); } ||
                          requires(C& callback, TrainingRun& run) { callback.epoch_ended(run); } ||
                          requires(C& callback, TrainingRun& run) { callback.keep(run); } ||
                          requires(C& callback, TrainingRun& run) { callback.ended(run); };
}  // namespace detail

/// A value with at least one of the functions that `TrainingRun` calls, or an `std::optional` of one.
template <class C>
concept TrainingCallback = detail::HasTrainingHook<C> || requires(C& callback) {
    callback.has_value();
    requires detail::HasTrainingHook<std::remove_reference_t<decltype(*callback)>>;
};

}  // namespace chromatid
