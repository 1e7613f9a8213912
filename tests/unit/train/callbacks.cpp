// SPDX-License-Identifier: MIT
#include <chromatid/train/best_weights.hpp>
#include <chromatid/train/early_stopping.hpp>
#include <chromatid/train/history_files.hpp>
#include <chromatid/train/progress_bar.hpp>
#include <chromatid/train/reduce_on_plateau.hpp>
#include <chromatid/train/stop_on_signal.hpp>

#include "tests/unit/io/scratch.hpp"
#include "tests/unit/train/small_run.hpp"

#include <boost/test/unit_test.hpp>

#include <csignal>
#include <cstdio>
#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

using namespace chromatid;
using namespace chromatid::test;

namespace {

const SmallWindows training{.seed = 1, .count = 2}, validation{.seed = 2, .count = 1};

History with_losses(std::initializer_list<double> losses) {
    History history;
    for (const double loss : losses) {
        History::Epoch epoch;
        epoch.validation_loss = loss;
        history.epochs.push_back(epoch);
    }
    return history;
}

/// Replaces the validation losses, one after another; given before the callbacks that look at them.
struct Scripted {
    std::vector<double> losses;
    void epoch_ended(TrainingRun& run) { run.history.epochs.back().validation_loss = losses[static_cast<std::size_t>(run.epoch)]; }
};

/// Parameters at the end of each epoch.
struct Recorded {
    const SmallModel& model;
    std::vector<Bits> bits{};
    void epoch_ended(TrainingRun&) { bits.push_back(bits_of(model)); }
};

/// Sends the process a signal after a batch.
struct Signalled {
    int number;
    Index batch = 1;
    void batch_ended(TrainingRun& run) {
        if (run.step == batch && !run.validating) std::raise(number);
    }
};

History fit(Index epochs, auto&&... callbacks) {
    SmallModel model = small_model();
    Trainer trainer(model, BinaryCrossEntropy{}, Adam{.rate = 0.01}, {.epochs = epochs, .threads = 1});
    return trainer.fit(training, validation, callbacks...);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(callbacks)

BOOST_AUTO_TEST_CASE(early_stopping_waits_for_patience_and_one_more_epoch) {
    const EarlyStopping stopping{.patience = 2};
    BOOST_TEST(stopping.epochs_without_gain(with_losses({1, 2, 2})) == 2);
    const History history = fit(20, Scripted{{5, 4, 4, 4.5, 3, 3, 3, 3, 2, 1}}, stopping);
    BOOST_TEST(history.epochs.size() == 8U);  // best is epoch 5; then 3 = patience + 1 epochs without gain
    BOOST_TEST(history.stopped == "no lower validation loss in 3 epochs");
    BOOST_TEST(history.best() == 4);
}

BOOST_AUTO_TEST_CASE(patience_0_stops_at_the_first_epoch_that_is_no_better) {
    BOOST_TEST(fit(20, Scripted{{3, 2, 2}}, EarlyStopping{.patience = 0}).epochs.size() == 3U);
}

BOOST_AUTO_TEST_CASE(an_empty_optional_is_no_callback) {
    std::optional<EarlyStopping> stopping;
    BOOST_TEST(fit(4, Scripted{{1, 1, 1, 1}}, stopping).epochs.size() == 4U);
    stopping = EarlyStopping{.patience = 0};
    BOOST_TEST(fit(4, Scripted{{1, 1, 1, 1}}, stopping).epochs.size() == 2U);
}

BOOST_AUTO_TEST_CASE(a_gain_that_is_too_small_counts_as_none) {
    const EarlyStopping stopping{.patience = 5, .least_gain = 0.1};
    BOOST_TEST(stopping.epochs_without_gain(with_losses({1, 0.95, 0.92})) == 2);
    BOOST_TEST(stopping.epochs_without_gain(with_losses({1, 0.95, 0.85})) == 0);
}

BOOST_AUTO_TEST_CASE(the_best_epoch_is_the_first_of_equals_and_never_nan) {
    BOOST_TEST(with_losses({}).best() == -1);
    BOOST_TEST(with_losses({History::none}).best() == -1);
    BOOST_TEST(with_losses({History::none, 2, 1, 1, 3}).best() == 2);
}

BOOST_AUTO_TEST_CASE(a_plateau_lowers_the_rate_for_the_epochs_after_it) {
    const ReduceOnPlateau plateau{.patience = 2, .by = 0.5, .least = 0.2};
    BOOST_TEST(plateau.factor(with_losses({3, 3, 2})) == 1.0);
    BOOST_TEST(plateau.factor(with_losses({3, 3, 3})) == 0.5);
    BOOST_TEST(plateau.factor(with_losses({3, 3, 3, 3, 3})) == 0.25);
    BOOST_TEST(plateau.factor(with_losses({3, 3, 3, 3, 3, 3, 3})) == 0.2);
    const History history = fit(4, Scripted{{3, 3, 3, 1}}, plateau);
    BOOST_TEST(history.epochs[2].rate == 0.01);
    BOOST_TEST(history.epochs[3].rate == 0.005);
}

BOOST_AUTO_TEST_CASE(callbacks_that_need_validation_say_so) {
    SmallModel model = small_model();
    Trainer trainer(model, BinaryCrossEntropy{}, Adam{}, {.epochs = 1, .threads = 1});
    BOOST_CHECK_EXCEPTION(trainer.fit(training, EarlyStopping{}), UsageError, says("give fit a validation set"));
    BOOST_CHECK_EXCEPTION(trainer.fit(training, ReduceOnPlateau{}), UsageError, says("give fit a validation set"));
    BOOST_CHECK_EXCEPTION(trainer.fit(training, BestWeights{"best.safetensors"}), UsageError, says("give fit a validation set"));
}

BOOST_AUTO_TEST_CASE(the_best_weights_are_those_of_the_best_epoch) {
    const Scratch scratch;
    int saved = 0;
    SmallModel model = small_model();
    Recorded recorded{model};
    Trainer trainer(model, BinaryCrossEntropy{}, Adam{.rate = 0.01}, {.epochs = 6, .threads = 1});
    trainer.fit(training, validation, Scripted{{5, 4, 4, 3, 3.5, 3}}, BestWeights{scratch / "best.safetensors"},
                BestWeights{[&] { ++saved; }}, recorded);
    BOOST_TEST(saved == 3);
    SmallModel best;
    load_weights(best, scratch / "best.safetensors");
    BOOST_TEST(same_bits(bits_of(best), recorded.bits[3]));
    BOOST_TEST(scratch.files() == 1);
}

BOOST_AUTO_TEST_CASE(history_files_have_a_row_per_epoch_and_lists_per_column) {
    const Scratch scratch;
    const History history = fit(2, HistoryFiles{scratch / "history.csv", scratch / "history.json"});
    const std::string csv = content_of(scratch / "history.csv"), json = content_of(scratch / "history.json");
    BOOST_TEST(csv.starts_with("epoch,loss,accuracy,val_loss,val_accuracy,rate,seconds,waiting,windows_per_second\n1,"));
    BOOST_TEST(std::count(csv.begin(), csv.end(), '\n') == 3);
    BOOST_TEST(std::stod(csv.substr(csv.find("\n2,") + 3)) == history.epochs[1].loss);
    char losses[96];
    std::snprintf(losses, sizeof losses, "\"val_loss\": [%.17g, %.17g],", history.epochs[0].validation_loss,
                  history.epochs[1].validation_loss);
    BOOST_TEST(json.find(losses) != std::string::npos);
    BOOST_TEST(scratch.files() == 2);
}

BOOST_AUTO_TEST_CASE(missing_numbers_are_empty_in_csv_and_null_in_json) {
    History history;
    history.epochs.push_back({.loss = 0.5, .rate = 0.25, .seconds = 8, .waiting = 0.125, .windows_per_second = 100});
    BOOST_TEST(HistoryFiles::csv_of(history).ends_with("\n1,0.5,,,,0.25,8,0.125,100\n"));
    BOOST_TEST(HistoryFiles::json_of(history).starts_with("{\n  \"loss\": [0.5],\n  \"accuracy\": [null],\n"));
    BOOST_TEST(HistoryFiles::json_of({}).ends_with("\"windows_per_second\": []\n}\n"));
}

BOOST_AUTO_TEST_CASE(a_folder_that_is_not_there_is_reported) {
    const Scratch scratch;
    BOOST_CHECK_THROW(fit(1, HistoryFiles{.csv = scratch / "none" / "history.csv", .json = {}}), IoError);
}

BOOST_AUTO_TEST_CASE(progress_says_what_an_epoch_came_to) {
    History history;
    history.epochs.push_back({.loss = 0.51234,
                              .accuracy = 0.9,
                              .validation_loss = 0.4,
                              .validation_accuracy = 0.95,
                              .seconds = 83.2,
                              .waiting = 0.0123,
                              .windows_per_second = 1234.4});
    BOOST_TEST(ProgressBar::line(0, 100, history) ==
               "epoch 1/100: loss 0.5123, accuracy 0.9000, validation loss 0.4000 (best), accuracy 0.9500, 1:23, 1234 windows/s, 1.2 % of "
               "the time waiting for data");
    const Scratch scratch;
    std::FILE* out = std::fopen((scratch / "log").c_str(), "w");
    fit(3, Scripted{{2, 2, 1}}, ProgressBar{out, false}, EarlyStopping{.patience = 0});
    std::fclose(out);
    const std::string log = content_of(scratch / "log");
    BOOST_TEST(std::count(log.begin(), log.end(), '\n') == 3);
    BOOST_TEST(log.starts_with("epoch 1/3: loss 0."));
    BOOST_TEST(log.ends_with("stopped: no lower validation loss in 1 epochs\n"));
}

BOOST_AUTO_TEST_CASE(a_signal_stops_between_batches_and_the_old_handler_comes_back) {
    struct sigaction before {};
    sigaction(SIGTERM, nullptr, &before);
    for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
        int exit_code = 0;
        try {
            fit(3, Signalled{number}, StopOnSignal{});
        } catch (const TrainingInterrupted& stopped) {
            exit_code = stopped.exit_code();
            BOOST_TEST(std::string(stopped.what()) == "interrupted before epoch 1, batch 2");
        }
        BOOST_TEST(exit_code == 128 + number);
    }
    struct sigaction after {};
    sigaction(SIGTERM, nullptr, &after);
    BOOST_TEST((before.sa_handler == after.sa_handler));
}

BOOST_AUTO_TEST_CASE(a_signal_that_is_ignored_stays_so) {
    std::signal(SIGHUP, SIG_IGN);
    BOOST_TEST(fit(2, Signalled{SIGHUP}, StopOnSignal{}).epochs.size() == 2U);
    std::signal(SIGHUP, SIG_DFL);
}

BOOST_AUTO_TEST_CASE(a_program_with_handlers_of_its_own_is_asked) {
    int received = 0, asked = 0;
    const auto ask = [&] {
        ++asked;
        return received;
    };
    fit(1, StopOnSignal{ask});
    BOOST_TEST(asked == 3);  // two batches and one of validation
    received = SIGINT;
    BOOST_CHECK_THROW(fit(1, StopOnSignal{ask}), TrainingInterrupted);
}

BOOST_AUTO_TEST_SUITE_END()
