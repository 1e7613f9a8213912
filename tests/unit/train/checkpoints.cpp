// SPDX-License-Identifier: MIT
#include <chromatid/optim/sgd.hpp>
#include <chromatid/optim/step_decay.hpp>
#include <chromatid/train/best_weights.hpp>
#include <chromatid/train/checkpoints.hpp>
#include <chromatid/train/early_stopping.hpp>
#include <chromatid/train/reduce_on_plateau.hpp>

#include "tests/unit/io/scratch.hpp"
#include "tests/unit/train/small_run.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <csignal>
#include <fstream>
#include <limits>
#include <string>
#include <utility>

#include <sys/wait.h>
#include <unistd.h>

using namespace chromatid;
using namespace chromatid::test;

namespace {

const SmallWindows training{.seed = 1, .count = 4}, validation{.seed = 2, .count = 2};
constexpr Index steps_per_epoch = 4 + 2;

struct Result {
    Bits bits, best;
    History history;
};

/// A run with all that remembers: Adam, a schedule, clipping, early stopping, the plateau, the best weights.
struct FolderRun {
    std::filesystem::path folder;
    TrainerOptions options{
        .seed = 5, .epochs = 6, .threads = 1, .loading_threads = 0, .schedule = StepDecay{.every = 2, .by = 0.5}, .clip = ClipNorm{0.5}};
    Index patience = 1;

    /// One life of the run, from the checkpoint where there is one; stopped after so many batches, or whole.
    Result go(Index stop_after, bool resume, Index every_epochs = 0) const {
        SmallModel model = small_model(resume ? 99 : 7);  // parameters that must not matter
        Trainer trainer(model, BinaryCrossEntropy{}, Adam{.rate = 0.05}, options);
        History history;
        try {
            history =
                trainer.fit(training, validation,
                            Checkpoints{.file = folder / "checkpoint", .every_minutes = 0, .every_epochs = every_epochs, .resume = resume},
                            StopAfter{stop_after}, EarlyStopping{.patience = patience}, ReduceOnPlateau{.patience = 1, .by = 0.5},
                            BestWeights{folder / "best"});
        } catch (const TrainingInterrupted&) {
            return {bits_of(model), {}, {}};
        }
        SmallModel best;
        load_weights(best, folder / "best");
        return {bits_of(model), bits_of(best), std::move(history)};
    }
};

/// A checkpoint after so many batches.
std::filesystem::path checkpoint_in(const Scratch& scratch, Index batches = 6) {
    FolderRun{scratch.path()}.go(batches, false);
    return scratch / "checkpoint";
}

void resume_from(const std::filesystem::path& file, auto loss, auto optimizer, const TrainerOptions& options) {
    SmallModel model = small_model();
    Trainer trainer(model, loss, optimizer, options);
    const Bits before = bits_of(model);
    try {
        trainer.fit(training, validation, Checkpoints{.file = file, .resume = true});
    } catch (...) {
        BOOST_TEST(same_bits(bits_of(model), before));
        throw;
    }
}

/// Spoils a parameter after so many batches.
struct Spoil {
    SmallModel& model;
    Index step;

    void batch_ended(TrainingRun& run) const {
        if (run.step == step) model.parameters()[3] = std::numeric_limits<float>::quiet_NaN();
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(checkpoints)

BOOST_AUTO_TEST_CASE(a_run_stopped_after_any_batch_continues_to_the_same_bits) {
    const Scratch whole_scratch;
    const Result whole = FolderRun{whole_scratch.path()}.go(-1, false);
    BOOST_REQUIRE(!whole.history.empty());
    const auto batches = static_cast<Index>(whole.history.epochs.size()) * steps_per_epoch;
    for (Index stop = 1; stop < batches; ++stop) {
        const Scratch scratch;
        const FolderRun run{scratch.path()};
        BOOST_TEST(run.go(stop, false).history.empty());
        const Result rest = run.go(-1, true);
        BOOST_TEST(same_bits(rest.bits, whole.bits), "stopped after " << stop);
        BOOST_TEST(same_bits(rest.best, whole.best), "stopped after " << stop);
        BOOST_TEST(same_history(rest.history, whole.history), "stopped after " << stop);
        BOOST_TEST(rest.history.stopped == whole.history.stopped);
    }
}

BOOST_AUTO_TEST_CASE(a_run_stopped_again_and_again_continues_to_the_same_bits) {
    const Scratch whole_scratch, scratch;
    const Result whole = FolderRun{whole_scratch.path()}.go(-1, false);
    const FolderRun run{scratch.path()};
    Result rest = run.go(1, false);
    // validation takes 2 batches, and begins again
    for (int lives = 0; rest.history.empty() && lives < 100; ++lives) rest = run.go(2 + lives % 3, true);
    BOOST_TEST(same_bits(rest.bits, whole.bits));
    BOOST_TEST(same_history(rest.history, whole.history));
}

BOOST_AUTO_TEST_CASE(a_run_that_stopped_early_stays_stopped_and_more_epochs_go_on) {
    const Scratch scratch;
    FolderRun run{scratch.path()};
    const Result first = run.go(-1, false);
    const Result again = run.go(-1, true);
    BOOST_TEST(same_bits(again.bits, first.bits));
    BOOST_TEST(again.history.stopped == first.history.stopped);

    const Scratch other, whole_scratch;
    FolderRun longer{other.path()};
    longer.patience = 1000;
    longer.options.epochs = 2;
    longer.go(-1, false);
    longer.options.epochs = 4;
    FolderRun whole = longer;
    whole.folder = whole_scratch.path();
    BOOST_TEST(same_bits(longer.go(-1, true).bits, whole.go(-1, false).bits));
}

BOOST_AUTO_TEST_CASE(another_number_of_threads_may_continue) {
    const Scratch whole_scratch, scratch;
    const Result whole = FolderRun{whole_scratch.path()}.go(-1, false);
    FolderRun run{scratch.path()};
    run.go(9, false);
    run.options.threads = 3;
    run.options.loading_threads = 2;
    BOOST_TEST(same_bits(run.go(-1, true).bits, whole.bits));
}

BOOST_AUTO_TEST_CASE(momentum_is_kept_too) {
    const auto go = [](const std::filesystem::path& file, bool resume, Index stop) {
        SmallModel model = small_model();
        Trainer trainer(model, BinaryCrossEntropy{}, Sgd{.rate = 0.1, .momentum = 0.9, .nesterov = true}, {.epochs = 2, .threads = 1});
        try {
            trainer.fit(training, Checkpoints{.file = file, .resume = resume}, StopAfter{stop});
        } catch (const TrainingInterrupted&) {
        }
        return bits_of(model);
    };
    const Scratch scratch;
    const Bits whole = go(scratch / "whole", false, -1);
    go(scratch / "part", false, 3);
    BOOST_TEST(same_bits(go(scratch / "part", true, -1), whole));
}

BOOST_AUTO_TEST_CASE(a_rate_that_a_callback_has_changed_is_kept) {
    struct Halve {
        void batch_ended(TrainingRun& run) const {
            if (run.step == 2) run.rate_factor *= 0.5;
        }
    };
    const Scratch scratch;
    const auto go = [&](Index stop_after, bool resume) {
        SmallModel model = small_model();
        Trainer trainer(model, BinaryCrossEntropy{}, Adam{.rate = 0.05}, {.seed = 3, .epochs = 2, .threads = 1, .loading_threads = 0});
        try {
            trainer.fit(training, Halve{}, Checkpoints{.file = scratch / "file", .every_minutes = 0, .resume = resume},
                        StopAfter{stop_after});
        } catch (const TrainingInterrupted&) {
        }
        return bits_of(model);
    };
    const Bits whole = go(-1, false);
    go(3, false);
    BOOST_TEST(same_bits(go(-1, true), whole));
}

BOOST_AUTO_TEST_CASE(checkpoints_of_other_runs_are_refused_and_nothing_is_touched) {
    const Scratch scratch;
    const auto file = checkpoint_in(scratch);
    const TrainerOptions same = FolderRun{scratch.path()}.options;
    TrainerOptions other_seed = same, other_schedule = same, other_clip = same;
    other_seed.seed = 6;
    other_schedule.schedule = {};
    other_clip.clip = ClipNorm{1};
    const BinaryCrossEntropy loss;
    const Adam adam{.rate = 0.05};
    BOOST_CHECK_EXCEPTION(resume_from(file, loss, adam, other_seed), ModelError,
                          says("another run: its seed is \"5\", this run's is \"6\""));
    BOOST_CHECK_EXCEPTION(resume_from(file, loss, adam, other_schedule), ModelError, says("its schedule is \"times 0.5 every 2 epochs\""));
    BOOST_CHECK_EXCEPTION(resume_from(file, loss, adam, other_clip), ModelError, says("its gradient norm is"));
    BOOST_CHECK_EXCEPTION(resume_from(file, loss, Adam{.rate = 0.01}, same), ModelError,
                          says("its optimizer is \"Adam (Keras 1), rate 0.05"));
    BOOST_CHECK_EXCEPTION(resume_from(file, loss, Sgd{}, same), ModelError, says("its optimizer is"));
    BOOST_CHECK_EXCEPTION(resume_from(file, BinaryCrossEntropy{{{1, 2}, {}}}, adam, same), ModelError, says("its loss is"));

    Model<Sequential<Flatten, Dense<2, Sigmoid>>, Shape<12, 4>> net;
    Trainer trainer(net, loss, adam, same);
    BOOST_CHECK_EXCEPTION(trainer.fit(training, validation, Checkpoints{.file = file, .resume = true}), ModelError,
                          says("its network is \"conv1d_1 Conv1D<4, 3> to (10, 4);"));
}

BOOST_AUTO_TEST_CASE(other_data_than_those_of_the_epoch_begun_are_refused) {
    const Scratch scratch;
    const auto file = checkpoint_in(scratch, 2);
    SmallModel model = small_model();
    Trainer trainer(model, BinaryCrossEntropy{}, Adam{.rate = 0.05}, FolderRun{scratch.path()}.options);
    BOOST_CHECK_EXCEPTION(trainer.fit(training, SmallWindows{.seed = 3, .count = 2}, Checkpoints{.file = file, .resume = true}), ModelError,
                          says("its validation data is \"small windows 2\", this run's is \"small windows 3\""));
    BOOST_CHECK_EXCEPTION(trainer.fit(SmallWindows{.count = 9}, validation, Checkpoints{.file = file, .resume = true}), UsageError,
                          says("epoch 1 has 9 batches, but it was begun with 4"));
}

BOOST_AUTO_TEST_CASE(damaged_files_are_refused_and_nothing_is_touched) {
    const Scratch scratch;
    const std::string whole = content_of(checkpoint_in(scratch));
    const TrainerOptions options = FolderRun{scratch.path()}.options;
    const auto resume = [&](const std::string& content) {
        resume_from(scratch.file("damaged", content), BinaryCrossEntropy{}, Adam{.rate = 0.05}, options);
    };
    for (const std::size_t length : {std::size_t{0}, std::size_t{7}, std::size_t{100}, whole.size() / 2, whole.size() - 1})
        BOOST_CHECK_THROW(resume(whole.substr(0, length)), Error);
    const std::size_t data = whole.find("optimizer.first_moment"), step = whole.size() / 60;
    BOOST_REQUIRE(data != std::string::npos);
    for (std::size_t at = 3; at < whole.size(); at += step) {
        std::string flipped = whole;
        flipped[at] = static_cast<char>(flipped[at] ^ 0x11);
        BOOST_CHECK_THROW(resume(flipped), Error);
    }
    BOOST_CHECK_EXCEPTION(resume("chr1\t0\t200\n"), FormatError, says("damaged"));
    SafetensorsWriter weights(scratch / "weights");
    weights.text("format", "chromatid weights");
    weights.commit();
    BOOST_CHECK_EXCEPTION(resume_from(scratch / "weights", BinaryCrossEntropy{}, Adam{}, options), FormatError,
                          says("is no checkpoint of a training run, but \"chromatid weights\""));
    BOOST_CHECK_THROW(resume_from(scratch / "none", BinaryCrossEntropy{}, Adam{}, options), IoError);
}

BOOST_AUTO_TEST_CASE(parameters_that_are_no_numbers_never_replace_a_checkpoint) {
    const Scratch scratch;
    SmallModel model = small_model();
    Trainer trainer(model, BinaryCrossEntropy{}, Adam{}, {.epochs = 2, .threads = 1});
    BOOST_CHECK_THROW(trainer.fit(training, Spoil{model, 6}, Checkpoints{.file = scratch / "checkpoint", .every_epochs = 1}), Diverged);
    const std::string kept = content_of(scratch / "checkpoint");
    const SafetensorsFile file(scratch / "checkpoint");
    BOOST_TEST(file.read<std::int64_t>("run.integers").data()[0] == 1);

    // spoiled by the last batch of an epoch: there is no further loss that could tell
    SmallModel other = small_model();
    Trainer second(other, BinaryCrossEntropy{}, Adam{}, {.epochs = 1, .threads = 1});
    BOOST_CHECK_EXCEPTION(second.fit(training, Spoil{other, 4}, Checkpoints{.file = scratch / "checkpoint", .every_epochs = 1}), Diverged,
                          says("the model holds what is no finite number"));
    BOOST_TEST((content_of(scratch / "checkpoint") == kept));
    BOOST_TEST(scratch.files() == 1);
}

BOOST_AUTO_TEST_CASE(a_full_disk_leaves_the_checkpoint_that_was_there) {
    const Scratch scratch;
    const std::string kept = content_of(checkpoint_in(scratch));
    {
        const FileSizeLimit full(500);
        BOOST_CHECK_THROW(FolderRun{scratch.path()}.go(3, true), IoError);
    }
    BOOST_TEST((content_of(scratch / "checkpoint") == kept));
    const Scratch whole_scratch;
    BOOST_TEST(same_bits(FolderRun{scratch.path()}.go(-1, true).bits, FolderRun{whole_scratch.path()}.go(-1, false).bits));
}

BOOST_AUTO_TEST_CASE(checkpoints_come_when_they_are_due) {
    const Scratch scratch;
    struct Watch {
        std::filesystem::path file;
        std::string seen{};
        void batch_ended(TrainingRun& run) {
            if (run.batch == 1 && !run.validating) seen += std::filesystem::exists(file) ? "y" : "n";
        }
    };
    Watch watch{scratch / "checkpoint"};
    SmallModel model = small_model();
    Trainer trainer(model, BinaryCrossEntropy{}, Adam{}, {.epochs = 4, .threads = 1});
    trainer.fit(training, Checkpoints{.file = scratch / "checkpoint", .every_epochs = 2}, watch);
    BOOST_TEST(watch.seen == "nnyy");
}

BOOST_AUTO_TEST_CASE(killed_at_any_moment_there_is_a_whole_checkpoint) {
    const Scratch scratch, whole_scratch;
    FolderRun run{scratch.path()};
    run.options.epochs = 100000;
    run.patience = 1000000;
    run.options.schedule = {};
    Draw draw(11);
    double epochs = 0;
    int kills = 0;
    for (; kills < 25; ++kills) {
        const pid_t child = ::fork();
        BOOST_REQUIRE(child >= 0);
        if (child == 0) {
            run.go(-1, std::filesystem::exists(scratch / "checkpoint"), 1);
            ::_exit(1);
        }
        const auto there = [&] { return std::filesystem::exists(scratch / "checkpoint"); };
        while (!there() && ::waitpid(child, nullptr, WNOHANG) == 0) ::usleep(500);
        ::usleep(static_cast<useconds_t>(draw.index(0, 30000)));
        ::kill(child, SIGKILL);
        int status = 0;
        ::waitpid(child, &status, 0);
        BOOST_REQUIRE(WIFSIGNALED(status));

        const SafetensorsFile file(scratch / "checkpoint");
        file.verify();
        const auto at = static_cast<double>(file.read<std::int64_t>("run.integers").data()[0]);
        BOOST_TEST(at >= epochs);
        epochs = at;
        const Tensor<double> history = file.read<double>("run.history");
        BOOST_REQUIRE(history.extent(0) == static_cast<Index>(epochs));
    }
    BOOST_TEST_MESSAGE(kills << " kills in " << epochs << " epochs");
    BOOST_TEST(epochs > 0);

    // and what it goes on to is what an uninterrupted run comes to
    run.options.epochs = static_cast<Index>(epochs) + 2;
    FolderRun whole = run;
    whole.folder = whole_scratch.path();
    const Result rest = run.go(-1, true), all = whole.go(-1, false);
    BOOST_TEST(same_bits(rest.bits, all.bits));
    BOOST_TEST(same_bits(rest.best, all.best));
    BOOST_TEST(same_history(rest.history, all.history));
}

BOOST_AUTO_TEST_SUITE_END()
