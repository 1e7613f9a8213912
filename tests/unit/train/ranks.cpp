// SPDX-License-Identifier: MIT
#include <chromatid/dataset/array_batches.hpp>
#include <chromatid/optim/clip_norm.hpp>
#include <chromatid/train/checkpoints.hpp>
#include <chromatid/train/early_stopping.hpp>
#include <chromatid/train/reduce_on_plateau.hpp>
#include <chromatid/train/stop_on_signal.hpp>
#include <chromatid/train/thread_communicator.hpp>
#include <chromatid/train/training_interrupted.hpp>

#include "tests/unit/io/scratch.hpp"
#include "tests/unit/train/small_run.hpp"

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <cmath>
#include <cstddef>
#include <limits>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <signal.h>

using namespace chromatid;
using namespace chromatid::test;
namespace tt = boost::test_tools;

namespace {

// four tiles and one, so that some ranks have more than others, or none
const SmallWindows training{.seed = 1, .count = 3, .size = 100, .last = 20}, validation{.seed = 2, .count = 5};

struct Result {
    Bits bits;
    History history;
    Index step = -1;
};

TrainerOptions options(Index threads = 1) {
    return {.seed = 420, .epochs = 2, .threads = threads, .loading_threads = 1, .clip = ClipNorm{0.5}};
}

/// Leaves windows of other ranks unwritten, and makes sure that nobody reads them.
struct Sparing {
    Index batches(Index epoch) const { return training.batches(epoch); }
    void load(Index epoch, Index number, Batch& batch) const {
        training.load(epoch, number, batch);
        const auto wanted = batch.share.own_windows(batch.size);
        for (Index w = 0; w < batch.size; ++w)
            if (w < wanted.first || w >= wanted.end) std::fill_n(&batch.x(w, 0, 0), 12 * 4, std::numeric_limits<float>::quiet_NaN());
    }
};

/// Trains on one rank of `all`; `callbacks` as `fit` takes them.
template <class C, class S, class... Callbacks>
Result trained(C all, const TrainerOptions& how, const S& source, Callbacks&&... callbacks) {
    // what other ranks begin with does not matter
    SmallModel model = small_model(7 + static_cast<std::uint64_t>(all.rank()));
    Trainer trainer(model, BinaryCrossEntropy{}, Adam{.rate = 0.01}, how, all);
    Result result;
    result.history = trainer.fit(source, validation, callbacks...);
    result.bits = bits_of(model);
    return result;
}

/// What each of some ranks makes of `f`.
template <class F>
std::vector<Result> on_ranks(Index ranks, const F& f) {
    std::vector<Result> results(static_cast<std::size_t>(ranks));
    ThreadCommunicator::run(ranks, [&](ThreadCommunicator all) { results[static_cast<std::size_t>(all.rank())] = f(all); });
    return results;
}

bool same(const Result& a, const Result& b) {
    return same_bits(a.bits, b.bits) && same_history(a.history, b.history) && !a.history.empty();
}

/// Counts calls on all ranks.
struct Counting {
    std::atomic<int>& calls;
    void batch_ended(TrainingRun&) const { ++calls; }
};
struct CountingEverywhere {
    static constexpr bool on_every_rank = true;
    std::atomic<int>& calls;
    void batch_ended(TrainingRun&) const { ++calls; }
};

/// A signal to one rank.
struct SignalTo {
    static constexpr bool on_every_rank = true;
    Index rank, batches;

    void batch_ended(TrainingRun& run) {
        if (--batches == 0 && run.rank == rank) run.interrupt(15);
    }
};

/// Keeps where the run ended.
struct Place {
    static constexpr bool on_every_rank = true;
    Index& step;
    void ended(TrainingRun& run) const { step = run.step; }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(ranks)

BOOST_AUTO_TEST_CASE(any_number_of_ranks_gives_the_bits_and_the_history_of_one) {
    const Result one = trained(SingleProcess{}, options(), training);
    BOOST_TEST(one.history.epochs.size() == 2U);
    const auto run = [](ThreadCommunicator all) { return trained(all, options(1 + all.rank() % 2), training); };
    for (const Index ranks : {1, 2, 3, 6})
        for (const Result& result : on_ranks(ranks, run)) BOOST_TEST(same(result, one), ranks << " ranks");
}

BOOST_AUTO_TEST_CASE(windows_of_other_ranks_are_not_read) {
    const Result one = trained(SingleProcess{}, options(), training);
    const auto run = [](ThreadCommunicator all) { return trained(all, options(), Sparing{}); };
    for (const Result& result : on_ranks(3, run)) BOOST_TEST(same_bits(result.bits, one.bits));
}

BOOST_AUTO_TEST_CASE(arrays_give_the_rows_of_a_share_and_all_targets) {
    Draw draw(3);
    const auto x = converted<float>(draw.array({100, 3})), y = converted<float>(draw.array({100, 1}));
    const ArrayBatches source(x, y, {.batch = 100});
    Batch whole, part;
    source.load(1, 0, whole);
    part.x = Tensor<float>({100, 3});
    part.share = {.rank = 1, .ranks = 2};
    source.load(1, 0, part);
    for (Index w = 0; w < 100; ++w) {
        BOOST_TEST(part.targets(w, 0) == whole.targets(w, 0));
        BOOST_TEST(part.x(w, 2) == (w < 50 ? 0.0F : whole.x(w, 2)));
    }
}

BOOST_AUTO_TEST_CASE(callbacks_are_called_on_rank_zero_or_everywhere) {
    std::atomic<int> one = 0, every = 0;
    on_ranks(3, [&](ThreadCommunicator all) { return trained(all, options(), training, Counting{one}, CountingEverywhere{every}); });
    BOOST_TEST(one == 2 * (3 + 5));
    BOOST_TEST(every == 3 * one);
}

BOOST_AUTO_TEST_CASE(decisions_of_rank_zero_are_followed) {
    TrainerOptions how = options();
    how.epochs = 12;
    const auto run = [&](auto all) {
        return trained(all, how, training, EarlyStopping{.patience = 1, .least_gain = 0.02}, ReduceOnPlateau{.patience = 1, .by = 0.5});
    };
    const Result one = run(SingleProcess{});
    BOOST_TEST(one.history.epochs.size() < 12U);
    for (const Result& result : on_ranks(2, run)) {
        BOOST_TEST(same(result, one));
        BOOST_TEST(result.history.epochs.size() == one.history.epochs.size());
        BOOST_TEST(result.history.stopped == one.history.stopped);
    }
}

BOOST_AUTO_TEST_CASE(a_signal_to_any_rank_stops_all_at_the_same_step_and_the_run_can_go_on) {
    const Result one = trained(SingleProcess{}, options(), training);
    for (const Index to : {0, 1})
        for (const Index after : {2, 5, 9}) {  // in training, in validation, in the second epoch
            const Scratch scratch;
            const auto file = scratch.path() / "checkpoint";
            std::vector<Index> steps(3);
            std::atomic<int> interrupted = 0;
            on_ranks(3, [&](ThreadCommunicator all) {
                try {
                    const Place place{steps[static_cast<std::size_t>(all.rank())]};
                    trained(all, options(), training, SignalTo{to, after}, place, Checkpoints{.file = file});
                } catch (const TrainingInterrupted& stop) {
                    if (stop.signal() == 15) ++interrupted;
                }
                return Result{};
            });
            BOOST_TEST(interrupted == 3);
            BOOST_TEST(steps == std::vector<Index>(3, after == 2 ? 2 : after == 5 ? 3 : 4), tt::per_element());
            const auto resumed = [&](ThreadCommunicator all) {
                return trained(all, options(), training, Checkpoints{.file = file, .resume = true});
            };
            for (const Result& result : on_ranks(2, resumed))
                BOOST_TEST(same(result, one), "signal to rank " << to << " after " << after << " batches");
        }
}

BOOST_AUTO_TEST_CASE(ranks_that_watch_signals_leave_the_handlers_that_were_there) {
    const auto handler = [] {
        struct sigaction now {};
        sigaction(SIGTERM, nullptr, &now);
        return now.sa_handler;
    };
    const auto before = handler();
    const StopOnSignal shared;
    for (const bool one_of_each : {true, false}) {
        ThreadCommunicator::run(3, [&](ThreadCommunicator all) {
            if (one_of_each) trained(all, options(), training, StopOnSignal{});
            else trained(all, options(), training, shared);
        });
        BOOST_TEST((handler() == before));
    }
}

BOOST_AUTO_TEST_CASE(a_rank_that_fails_ends_all_with_its_error) {
    struct Failing {
        Index rank;
        Index batches(Index) const { return 3; }
        void load(Index e, Index n, Batch& batch) const {
            if (e == 1 && n == 1 && batch.share.rank == rank) throw IoError("DGF.bw", "cannot read", 5);
            training.load(e, n, batch);
        }
    };
    for (const Index failing : {0, 2})
        BOOST_CHECK_THROW(on_ranks(3, [&](ThreadCommunicator all) { return trained(all, options(), Failing{failing}); }), IoError);
}

BOOST_AUTO_TEST_CASE(a_callback_that_fails_on_rank_zero_ends_all) {
    struct Failing {
        void epoch_ended(TrainingRun&) const { throw std::runtime_error("no space left"); }
    };
    const auto run = [](ThreadCommunicator all) { return trained(all, options(), training, Failing{}); };
    BOOST_CHECK_THROW(on_ranks(2, run), std::runtime_error);
}

BOOST_AUTO_TEST_CASE(ranks_that_train_different_things_are_refused) {
    const auto run = [](ThreadCommunicator all) {
        TrainerOptions how = options();
        how.seed += static_cast<std::uint64_t>(all.rank());
        return trained(all, how, training);
    };
    BOOST_CHECK_EXCEPTION(on_ranks(2, run), UsageError, [](const UsageError& error) {
        return std::string(error.what()) == "rank 1 was started for another run than rank 0: its seed is \"421\", not \"420\"";
    });
}

BOOST_AUTO_TEST_CASE(evaluation_is_shared) {
    const auto evaluated = [](auto all) {
        SmallModel model = small_model();
        Trainer trainer(model, BinaryCrossEntropy{}, Adam{}, options(), all);
        return trainer.evaluate(validation);
    };
    const TrainingRun::Sums one = evaluated(SingleProcess{});
    std::vector<TrainingRun::Sums> sums(3);
    ThreadCommunicator::run(3, [&](ThreadCommunicator all) { sums[static_cast<std::size_t>(all.rank())] = evaluated(all); });
    BOOST_TEST(one.windows == 4 * 35 + 20);
    for (const auto& sum : sums) {
        BOOST_TEST(sum.loss == one.loss);
        BOOST_TEST(sum.entries == one.entries);
        BOOST_TEST(sum.correct == one.correct);
        BOOST_TEST(sum.windows == one.windows);
    }
}

BOOST_AUTO_TEST_SUITE_END()
