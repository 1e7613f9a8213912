// SPDX-License-Identifier: MIT
#include <chromatid/backend/cuda/emulated_cuda.hpp>
#include <chromatid/network/any_model.hpp>
#include <chromatid/optim/sgd.hpp>
#include <chromatid/train/best_weights.hpp>
#include <chromatid/train/checkpoints.hpp>
#include <chromatid/train/thread_communicator.hpp>

#include "tests/support/emulated_array.hpp"
#include "tests/support/factornet.hpp"
#include "tests/support/watched.hpp"
#include "tests/unit/io/scratch.hpp"
#include "tests/unit/train/small_run.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>
#include <vector>

using namespace chromatid;
using namespace chromatid::test;

namespace {

using Device = EmulatedCuda<>;
using SmallDeviceModel = Model<SmallNet, Shape<12, 4>, Device>;

const SmallWindows training{.seed = 1, .count = 4, .size = 9, .last = 5}, validation{.seed = 2, .count = 2, .size = 9, .last = 4};

SmallDeviceModel small_device_model(std::uint64_t seed = 7) {
    SmallDeviceModel model(SmallNet(Conv1D<4, 3, ReLU>(), Dropout(0.2F), Flatten(), Dense<8, ReLU>(), Dropout(0.1F), Dense<2, Sigmoid>()));
    model.initialize(seed);
    return model;
}

/// Batches of `training` as base codes, as the genome side gives them.
struct EncodedSource {
    Index batches(Index) const { return 3; }
    void load(Index epoch, Index number, Batch& batch) const {
        Batch dense;
        training.load(epoch, number, dense);
        batch.size = dense.size;
        batch.targets = dense.targets;
        if (batch.encoded.empty()) batch.encoded = EncodedWindows(9, 12, 0);
        for (Index w = 0; w < dense.size; ++w)
            for (Index t = 0; t < 12; ++t)
                for (Index c = 0; c < 4; ++c)
                    if (dense.x(w, t, c) == 1) batch.encoded.codes(w)[static_cast<std::size_t>(t)] = static_cast<std::uint8_t>(c);
    }
};

template <class M, class O = Adam, class S = SmallWindows, class... Callbacks>
History trained(M& model, const TrainerOptions& options, O optimizer = Adam{.rate = 0.05}, const S& source = training,
                Callbacks... callbacks) {
    Trainer trainer(model, BinaryCrossEntropy{}, optimizer, options);
    return trainer.fit(source, validation, callbacks...);
}

void check_near(const History& a, const History& b) {
    BOOST_REQUIRE(a.epochs.size() == b.epochs.size());
    for (std::size_t e = 0; e < a.epochs.size(); ++e) {
        BOOST_TEST(std::abs(a.epochs[e].loss - b.epochs[e].loss) < 1e-5);
        BOOST_TEST(std::abs(a.epochs[e].validation_loss - b.epochs[e].validation_loss) < 1e-5);
        BOOST_TEST(a.epochs[e].accuracy == b.epochs[e].accuracy);
        BOOST_TEST(a.epochs[e].validation_accuracy == b.epochs[e].validation_accuracy);
    }
}

/// Forgets recorded steps before each batch, so that all run eagerly.
struct Forget {
    Device::Context& on;
    void batch_ended(TrainingRun&) const { on.graphs().clear(); }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(cuda_training)

BOOST_AUTO_TEST_CASE(a_gradient_by_hand) {
    // logit 2 * 3 + 1 = 7 of target 0: the slope of the loss is p
    using Net = Sequential<Flatten, Dense<1, Sigmoid>>;
    Model<Net, Shape<1, 1>, Device> model;
    model.parameters()[0] = 2;
    model.parameters()[1] = 1;
    Batch batch;
    batch.x = Tensor<float>({1, 1, 1});
    batch.x(0, 0, 0) = 3;
    batch.targets = Tensor<float>({1, 1});
    batch.size = 1;
    Device::Context on;
    BatchGradient gradient(model, 4);
    std::vector<float> slopes(2, 99.0F);
    const double loss = gradient(on, batch, BinaryCrossEntropy{}, {}, slopes), p = 1 / (1 + std::exp(-7.0));
    BOOST_TEST(std::abs(loss + std::log1p(-p)) < 1e-4);
    BOOST_TEST(std::abs(slopes[0] - 3 * p) < 1e-5);
    BOOST_TEST(std::abs(slopes[1] - p) < 1e-5);
    BOOST_TEST(std::abs(gradient.outputs(1)(0, 0) - p) < 1e-6);
}

BOOST_AUTO_TEST_CASE(gradients_are_those_of_the_processor_with_the_same_masks) {
    SmallModel here = small_model();
    SmallDeviceModel there = small_device_model();
    ThreadPool threads;
    Device::Context on;
    BatchGradient<SmallModel> gradient_here(here, 9);
    BatchGradient<SmallDeviceModel> gradient_there(there, 9);
    std::vector<float> a(here.parameters().size()), b(a);
    Batch batch;
    for (std::uint32_t step = 0; step < 4; ++step) {
        training.load(0, step, batch);
        const Draws draws{.seed = 3, .step = step};
        const double loss = gradient_here(threads, batch, BinaryCrossEntropy{}, draws, a);
        BOOST_TEST(std::abs(gradient_there(on, batch, BinaryCrossEntropy{}, draws, b) - loss) < 1e-6);
        const std::vector<double> reference(a.begin(), a.end());
        BOOST_TEST(relative_error(std::span<const float>(b), std::span<const double>(reference)) < 2e-6);
    }
}

BOOST_AUTO_TEST_CASE(training_goes_as_on_the_processor) {
    for (const bool clipped : {false, true}) {
        TrainerOptions options{.seed = 3, .epochs = 3, .threads = 1, .loading_threads = 0};
        if (clipped) options.clip = ClipNorm{0.5};
        SmallModel here = small_model();
        SmallDeviceModel there = small_device_model();
        check_near(trained(there, options), trained(here, options));
    }
}

BOOST_AUTO_TEST_CASE(momentum_goes_as_on_the_processor) {
    const TrainerOptions options{.seed = 3, .epochs = 2, .threads = 1, .loading_threads = 0};
    SmallModel here = small_model();
    SmallDeviceModel there = small_device_model();
    const Sgd sgd{.rate = 0.1, .momentum = 0.9, .nesterov = true};
    check_near(trained(there, options, sgd), trained(here, options, sgd));
}

BOOST_AUTO_TEST_CASE(a_factornet_learns_as_on_the_processor) {
    using Net = FactorNet<4, 3, 2, 3, 5>;
    const TrainerOptions options{.seed = 3, .epochs = 2, .threads = 1, .loading_threads = 0};
    const SmallWindows few{.seed = 1, .count = 3, .size = 5, .last = 3};
    struct OneTask {
        SmallWindows windows;
        Index batches(Index e) const { return windows.batches(e); }
        void load(Index e, Index n, Batch& batch) const {
            Batch two;
            windows.load(e, n, two);
            batch.x = two.x;
            batch.size = two.size;
            batch.targets = Tensor<float>({two.targets.extent(0), 1});
            for (Index w = 0; w < two.size; ++w) batch.targets(w, 0) = two.targets(w, 0);
        }
    };
    const OneTask source{few};
    Model<Net, Shape<12, 4>> here;
    Model<Net, Shape<12, 4>, Device> there;
    here.initialize(5);
    there.initialize(5);
    Trainer a(here, BinaryCrossEntropy{}, Adam{.rate = 0.01}, options);
    Trainer b(there, BinaryCrossEntropy{}, Adam{.rate = 0.01}, options);
    check_near(b.fit(source, source), a.fit(source, source));
}

BOOST_AUTO_TEST_CASE(base_codes_train_as_rows_do) {
    const TrainerOptions options{.seed = 3, .epochs = 2, .threads = 1, .loading_threads = 0};
    SmallDeviceModel dense = small_device_model(), encoded = small_device_model();
    SmallWindows first = training;
    first.count = 3;
    first.last = 9;
    const History a = trained(dense, options, Adam{.rate = 0.05}, first),
                  b = trained(encoded, options, Adam{.rate = 0.05}, EncodedSource{});
    check_near(a, b);
}

BOOST_AUTO_TEST_CASE(recorded_steps_give_the_bits_of_steps_one_by_one) {
    const TrainerOptions options{.seed = 3, .epochs = 3, .threads = 1, .loading_threads = 0};
    SmallDeviceModel recorded = small_device_model(), eager = small_device_model();
    Device::Context on;
    Trainer a(on, recorded, BinaryCrossEntropy{}, Adam{.rate = 0.05}, options);
    Trainer b(on, eager, BinaryCrossEntropy{}, Adam{.rate = 0.05}, options);
    const History with = a.fit(training, validation), without = b.fit(training, validation, Forget{on});
    BOOST_TEST(same_history(with, without));
    BOOST_TEST(same_bits(bits_of(recorded), bits_of(eager)));
}

BOOST_AUTO_TEST_CASE(steps_of_one_size_are_one_graph_from_the_third_on) {
    SmallDeviceModel model = small_device_model();
    std::vector<cuda::StepMode> seen;
    SmallWindows even = training;
    even.last = even.size;
    Trainer trainer(model, Watched{seen}, Adam{.rate = 0.05}, {.seed = 3, .epochs = 2, .threads = 1, .loading_threads = 0});
    trainer.fit(even, validation);
    BOOST_REQUIRE(seen.size() == 8U);
    BOOST_CHECK(seen[0] == cuda::StepMode::eager && seen[1] == cuda::StepMode::capturing);
    for (std::size_t i = 2; i < seen.size(); ++i) BOOST_CHECK(seen[i] == cuda::StepMode::replaying);
}

BOOST_AUTO_TEST_CASE(a_run_that_was_stopped_goes_on_to_the_same_bits) {
    const auto go = [](const std::filesystem::path& file, Index stop, bool resume) {
        SmallDeviceModel model = small_device_model(resume ? 99 : 7);
        Trainer trainer(model, BinaryCrossEntropy{}, Adam{.rate = 0.05}, {.seed = 3, .epochs = 3, .threads = 1, .loading_threads = 0});
        History history;
        try {
            history = trainer.fit(training, validation, Checkpoints{.file = file, .every_minutes = 0, .resume = resume}, StopAfter{stop});
        } catch (const TrainingInterrupted&) {
        }
        return std::pair(bits_of(model), history);
    };
    const Scratch scratch;
    const auto whole = go(scratch / "whole", -1, false);
    for (const Index stop : {1, 4, 7, 10}) {
        const auto file = scratch / "stopped";
        go(file, stop, false);
        const auto rest = go(file, -1, true);
        BOOST_TEST(same_bits(rest.first, whole.first), "stopped after " << stop);
        BOOST_TEST(same_history(rest.second, whole.second), "stopped after " << stop);
    }
}

BOOST_AUTO_TEST_CASE(best_weights_are_those_of_the_device) {
    const Scratch scratch;
    SmallDeviceModel model = small_device_model();
    const History history = trained(model, {.seed = 3, .epochs = 1, .threads = 1, .loading_threads = 0}, Adam{.rate = 0.05}, training,
                                    BestWeights{scratch / "best"});
    SmallModel best = small_model(99);
    load_weights(best, scratch / "best");
    BOOST_TEST(same_bits(bits_of(best), bits_of(std::as_const(model))));
    BOOST_TEST(!same_bits(bits_of(best), bits_of(small_model())));
}

BOOST_AUTO_TEST_CASE(any_model_trains_to_the_same_bits) {
    const TrainerOptions options{.seed = 3, .epochs = 1, .threads = 1, .loading_threads = 0};
    SmallDeviceModel model = small_device_model();
    AnyModel<Device> any(small_device_model());
    trained(model, options);
    trained(any, options);
    BOOST_TEST(same_bits(bits_of(std::as_const(any)), bits_of(std::as_const(model))));
}

BOOST_AUTO_TEST_CASE(other_contexts_see_the_last_step) {
    const auto expect_all_steps = [](const TrainerOptions& options, auto all) {
        SmallDeviceModel model = small_device_model(), copy = small_device_model();
        Device::Context on;
        Trainer trainer(on, model, BinaryCrossEntropy{}, Adam{.rate = 0.05}, options, all);
        trainer.fit(training);
        Batch batch;
        training.load(0, 0, batch);
        const Tensor<float> in_another = model.predict(batch.inputs());
        std::ranges::copy(std::as_const(model).parameters(), copy.parameters().begin());
        BOOST_TEST(std::ranges::equal(in_another.span(), copy.predict(batch.inputs()).span()));
    };
    TrainerOptions options{.seed = 3, .epochs = 1, .threads = 1, .loading_threads = 0};
    expect_all_steps(options, SingleProcess{});
    ThreadCommunicator::run(2, [&](ThreadCommunicator all) { expect_all_steps(options, all); });
    options.clip = ClipNorm{0.5};
    expect_all_steps(options, SingleProcess{});
}

BOOST_AUTO_TEST_CASE(steps_of_the_callers_have_keys_of_their_own) {
    SmallDeviceModel alone = small_device_model(), beside = small_device_model();
    const TrainerOptions options{.seed = 3, .epochs = 1, .threads = 1, .loading_threads = 0};
    trained(alone, options);
    Device::Context on;
    for (std::uint64_t key = 0; key < 8; ++key)
        for (int run = 0; run < 3; ++run) Device::repeat(on, key, [] {});
    Trainer trainer(on, beside, BinaryCrossEntropy{}, Adam{.rate = 0.05}, options);
    trainer.fit(training, validation);
    BOOST_TEST(same_bits(bits_of(std::as_const(alone)), bits_of(std::as_const(beside))));
}

BOOST_AUTO_TEST_CASE(what_the_host_changes_between_steps_counts) {
    SmallDeviceModel model = small_device_model();
    struct Spoil {
        SmallDeviceModel& model;
        void batch_ended(TrainingRun& run) const {
            if (run.step == 3) model.parameters()[3] = std::numeric_limits<float>::quiet_NaN();
        }
    };
    BOOST_CHECK_THROW(
        trained(model, {.seed = 3, .epochs = 3, .threads = 1, .loading_threads = 0}, Adam{.rate = 0.05}, training, Spoil{model}), Diverged);
}

BOOST_AUTO_TEST_CASE(a_batch_without_windows_has_no_loss_and_no_gradient) {
    const SmallDeviceModel model = small_device_model();
    BatchGradient gradient(model, 9);
    Batch batch;
    training.load(0, 0, batch);
    batch.size = 0;
    Device::Context on;
    for (int call = 0; call < 3; ++call) {
        std::vector<float> slopes(model.parameters().size(), 5.0F);
        BOOST_TEST(gradient(on, batch, BinaryCrossEntropy{}, {}, slopes) == 0);
        BOOST_TEST(std::ranges::count(slopes, 0.0F) == std::ssize(slopes));
    }
}

BOOST_AUTO_TEST_CASE(a_batch_that_is_too_large_is_refused) {
    const SmallDeviceModel model = small_device_model();
    BatchGradient gradient(model, 8);
    Batch batch;
    training.load(0, 0, batch);
    std::vector<float> slopes(model.parameters().size());
    Device::Context on;
    BOOST_CHECK_THROW(gradient(on, batch, BinaryCrossEntropy{}, {}, slopes), ShapeError);
}

BOOST_AUTO_TEST_SUITE_END()
