// SPDX-License-Identifier: MIT
#include <chromatid/network/any_model.hpp>
#include <chromatid/optim/cosine_decay.hpp>
#include <chromatid/optim/sgd.hpp>
#include <chromatid/optim/warmup.hpp>
#include <chromatid/train/early_stopping.hpp>

#include "tests/unit/io/scratch.hpp"
#include "tests/unit/train/small_run.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

using namespace chromatid;
using namespace chromatid::test;
namespace tt = boost::test_tools;

namespace {

const SmallWindows training{.seed = 1}, validation{.seed = 2, .count = 2};

struct Result {
    Bits bits;
    History history;
};

Result trained(const TrainerOptions& options) {
    SmallModel model = small_model();
    Trainer trainer(model, BinaryCrossEntropy{}, Adam{.rate = 0.01}, options);
    History history = trainer.fit(training, validation);
    return {bits_of(model), std::move(history)};
}

/// Windows whose input of one batch holds NaN.
struct Spoiled {
    Index epoch, number;

    Index batches(Index e) const { return training.batches(e); }
    void load(Index e, Index n, Batch& batch) const {
        training.load(e, n, batch);
        if (e == epoch && n == number) batch.x(4, 2, 1) = std::numeric_limits<float>::quiet_NaN();
    }
};

struct Failing {
    Index batches(Index) const { return 5; }
    void load(Index e, Index n, Batch& batch) const {
        if (e == 1 && n == 2) throw IoError("DGF.bw", "cannot read", 5);
        training.load(e, n, batch);
    }
};

/// Nothing takes part in any batch.
struct Undecided {
    Index batches(Index) const { return 2; }
    void load(Index e, Index n, Batch& batch) const {
        training.load(e, n, batch);
        std::fill_n(batch.targets.data(), batch.targets.size(), ambiguous);
    }
};

struct Places {
    std::vector<std::string> seen{};

    void batch_ended(TrainingRun& run) {
        seen.push_back((run.validating ? "v" : "t") + std::to_string(run.epoch) +
                       std::to_string(run.validating ? run.validation_batch : run.batch));
    }
    void epoch_ended(TrainingRun& run) { seen.push_back("e" + std::to_string(run.epoch)); }
    void keep(TrainingRun& run) { seen.push_back(run.stopping ? "last" : "k" + std::to_string(run.epoch) + std::to_string(run.batch)); }
    void ended(TrainingRun&) { seen.push_back("end"); }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(trainer)

BOOST_AUTO_TEST_CASE(a_small_network_learns) {
    const Result result = trained({.seed = 3, .epochs = 60, .threads = 1});
    BOOST_REQUIRE(result.history.epochs.size() == 60U);
    BOOST_TEST(result.history.epochs.front().validation_loss > 0.6);
    BOOST_TEST(result.history.last().validation_loss < 0.48);       // half of the entries can be known, the others are coins of ln 2
    BOOST_TEST(result.history.last().validation_accuracy > 0.7);
    BOOST_TEST(result.history.last().rate == 0.01);
    BOOST_TEST(result.history.stopped.empty());
}

BOOST_AUTO_TEST_CASE(threads_of_either_kind_do_not_change_a_bit) {
    const Result one = trained({.seed = 3, .epochs = 3, .threads = 1, .loading_threads = 0, .clip = ClipNorm{0.5}});
    for (const Index threads : {1, 2, 7})
        for (const Index loading : {1, 3}) {
            const Result other = trained(
                {.seed = 3, .epochs = 3, .threads = threads, .loading_threads = loading, .batches_ahead = 2, .clip = ClipNorm{0.5}});
            BOOST_TEST(same_bits(other.bits, one.bits));
            BOOST_TEST(same_history(other.history, one.history));
        }
    BOOST_TEST(!same_bits(trained({.seed = 4, .epochs = 3, .threads = 1, .clip = ClipNorm{0.5}}).bits, one.bits));
}

BOOST_AUTO_TEST_CASE(a_loop_of_ones_own_does_the_same) {
    const RateSchedule schedule = Warmup{.steps = 4, .then = CosineDecay{.epochs = 2}};
    const Result by_trainer = trained({.seed = 9, .epochs = 2, .threads = 2, .schedule = schedule, .clip = ClipNorm{0.3}});

    SmallModel model = small_model();
    Cpu<float>::Context on;
    Adam adam;
    auto state = adam.state<Cpu<float>>(static_cast<Index>(model.parameters().size()));
    std::vector<float> slopes(model.parameters().size());
    BatchGradient gradient(model, 35);
    Batch batch;
    Index step = 0;
    for (Index epoch = 0; epoch < 2; ++epoch) {
        double sum = 0, entries = 0;
        for (Index b = 0; b < 5; ++b, ++step) {
            training.load(epoch, b, batch);
            const double loss = gradient(on, batch, BinaryCrossEntropy{}, {.seed = 9, .step = static_cast<std::uint32_t>(step)}, slopes);
            const auto n = static_cast<double>(BinaryCrossEntropy{}.count(batch.labels()));
            sum += loss * n;
            entries += n;
            adam.rate = 0.01 * schedule.factor({step, epoch, static_cast<double>(epoch) + static_cast<double>(b) / 5});
            adam.update<Cpu<float>>(on, state, model.parameters(), slopes, ClipNorm{0.3}.scale<Cpu<float>>(on, slopes));
        }
        BOOST_TEST(by_trainer.history.epochs[static_cast<std::size_t>(epoch)].loss == sum / entries, tt::tolerance(1e-14));
    }
    BOOST_TEST(same_bits(bits_of(model), by_trainer.bits));
}

BOOST_AUTO_TEST_CASE(validation_is_the_mean_over_entries_without_dropout) {
    SmallModel model = small_model();
    Trainer trainer(model, BinaryCrossEntropy{}, Adam{}, {.epochs = 1, .threads = 2});
    const History history = trainer.fit(training, validation);
    double sum = 0;
    Index entries = 0, right = 0;
    Batch batch;
    for (Index b = 0; b < 2; ++b) {
        validation.load(0, b, batch);
        const Tensor<float> p = model.predict(batch.inputs());
        for (Index w = 0; w < batch.size; ++w)
            for (Index task = 0; task < 2; ++task) {
                const float t = batch.targets(w, task);
                if (t < 0) continue;
                sum -= std::log(static_cast<double>(t == 1 ? p(w, task) : 1 - p(w, task)));
                right += (p(w, task) > 0.5F) == (t == 1) ? 1 : 0;
                ++entries;
            }
    }
    const auto n = static_cast<double>(entries);
    BOOST_TEST(history.last().validation_loss == sum / n, tt::tolerance(1e-6));
    BOOST_TEST(history.last().validation_accuracy == static_cast<double>(right) / n);
    BOOST_TEST(trainer.evaluate(validation).mean_loss() == history.last().validation_loss);
}

BOOST_AUTO_TEST_CASE(evaluation_asks_for_what_validation_asks_for) {
    struct Asked {
        std::vector<bool>& encoded;
        Index batches(Index epoch) const { return validation.batches(epoch); }
        void load(Index epoch, Index number, Batch& batch) const {
            encoded.push_back(batch.prefers_encoded);
            validation.load(epoch, number, batch);
        }
    };
    SmallModel model = small_model();
    Trainer trainer(model, BinaryCrossEntropy{}, Adam{}, {.epochs = 1, .threads = 1, .loading_threads = 0});
    std::vector<bool> in_fit, alone;
    trainer.fit(training, Asked{in_fit});
    trainer.evaluate(Asked{alone});
    BOOST_TEST(alone == in_fit, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(any_model_trains_to_the_same_bits) {
    AnyModel<> any = small_model();
    Trainer trainer(any, BinaryCrossEntropy{}, Adam{.rate = 0.01}, {.seed = 3, .epochs = 2, .threads = 2});
    trainer.fit(training, validation);
    BOOST_TEST(same_bits(bits_of(any), trained({.seed = 3, .epochs = 2, .threads = 1}).bits));
}

BOOST_AUTO_TEST_CASE(double_trains_too) {
    Model<SmallNet, Shape<12, 4>, Cpu<double>> model;
    model.initialize(7);
    Trainer trainer(model, BinaryCrossEntropy{}, Sgd{.rate = 0.1, .momentum = 0.9}, {.epochs = 3, .threads = 1});
    const History history = trainer.fit(training);
    BOOST_TEST(history.last().loss < history.epochs.front().loss);
    BOOST_TEST(std::isnan(history.last().validation_loss));
    BOOST_TEST(history.best() == -1);
}

BOOST_AUTO_TEST_CASE(a_second_fit_goes_on_where_the_first_ended) {
    SmallModel model = small_model();
    Trainer trainer(model, BinaryCrossEntropy{}, Adam{.rate = 0.01}, {.seed = 3, .epochs = 4, .threads = 1});
    for (const Index stop : {3, 7, 9, 1})
        BOOST_CHECK_THROW(trainer.fit(training, validation, StopAfter{stop}), TrainingInterrupted);
    const History history = trainer.fit(training, validation);
    const Result whole = trained({.seed = 3, .epochs = 4, .threads = 1});
    BOOST_TEST(same_bits(bits_of(model), whole.bits));
    BOOST_TEST(same_history(history, whole.history));
    BOOST_TEST(trainer.fit(training, validation).epochs.size() == 4U);
}

BOOST_AUTO_TEST_CASE(callbacks_are_called_in_their_places) {
    SmallModel model = small_model();
    const SmallWindows two{.count = 2}, one{.seed = 2, .count = 1};
    Trainer trainer(model, BinaryCrossEntropy{}, Adam{}, {.epochs = 2, .threads = 1});
    Places places;
    trainer.fit(two, one, places);
    const std::vector<std::string> expected{"t01", "k01", "t02", "v01", "e0", "k10", "t11", "k11", "t12", "v11", "e1", "last", "end"};
    BOOST_TEST(places.seen == expected, tt::per_element());
}

BOOST_AUTO_TEST_CASE(a_loss_that_is_no_number_stops_and_names_the_batch) {
    SmallModel model = small_model();
    Trainer trainer(model, BinaryCrossEntropy{}, Adam{}, {.epochs = 3, .threads = 2});
    Places places;
    BOOST_CHECK_EXCEPTION(trainer.fit(Spoiled{1, 2}, validation, places), Diverged, says("epoch 2, batch 3: the loss is nan"));
    BOOST_TEST(places.seen.back() == "end");
    for (const float p : model.parameters()) BOOST_TEST(std::isfinite(p));

    SmallModel other = small_model();
    Trainer second(other, BinaryCrossEntropy{}, Adam{}, {.epochs = 3, .threads = 2});
    BOOST_CHECK_EXCEPTION(second.fit(training, Spoiled{0, 4}), Diverged, says("epoch 1, validation batch 5: the loss is nan"));
}

BOOST_AUTO_TEST_CASE(what_a_source_throws_comes_out_of_fit) {
    for (const Index loading : {0, 1, 3}) {
        SmallModel model = small_model();
        Trainer trainer(model, BinaryCrossEntropy{}, Adam{}, {.epochs = 3, .threads = 1, .loading_threads = loading});
        Places places;
        BOOST_CHECK_EXCEPTION(trainer.fit(Failing{}, places), IoError, says("DGF.bw: cannot read"));
        BOOST_TEST(places.seen[places.seen.size() - 2] == "k12");
    }
}

BOOST_AUTO_TEST_CASE(sets_without_batches_or_decided_entries_are_refused) {
    SmallModel model = small_model();
    Trainer trainer(model, BinaryCrossEntropy{}, Adam{}, {.epochs = 1, .threads = 1});
    BOOST_CHECK_EXCEPTION(trainer.fit(SmallWindows{.count = 0}, validation), UsageError,
                          says("the training set has no batches in epoch 1"));
    BOOST_CHECK_EXCEPTION(trainer.fit(training, SmallWindows{.count = 0}), UsageError, says("the validation set has no batches"));
    BOOST_CHECK_EXCEPTION(trainer.fit(training, Undecided{}), UsageError, says("no entry takes part"));
}

BOOST_AUTO_TEST_CASE(batches_in_which_nothing_takes_part_make_no_step) {
    SmallModel model = small_model();
    Trainer trainer(model, BinaryCrossEntropy{}, Adam{}, {.epochs = 1, .threads = 1});
    const History history = trainer.fit(Undecided{});
    BOOST_TEST(same_bits(bits_of(model), bits_of(small_model())));
    BOOST_TEST(std::isnan(history.last().loss));
}

BOOST_AUTO_TEST_CASE(batches_that_do_not_fit_the_model_are_refused) {
    Model<Sequential<Flatten, Dense<2, Sigmoid>>, Shape<13, 4>> model;
    Trainer trainer(model, BinaryCrossEntropy{}, Adam{}, {.epochs = 1, .threads = 1});
    BOOST_CHECK_THROW(trainer.fit(training), ShapeError);
    Model<Sequential<Flatten, Dense<3, Sigmoid>>, Shape<12, 4>> three;
    Trainer other(three, BinaryCrossEntropy{}, Adam{}, {.epochs = 1, .threads = 1});
    BOOST_CHECK_THROW(other.fit(training), ShapeError);
}

BOOST_AUTO_TEST_SUITE_END()
