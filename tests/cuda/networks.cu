// SPDX-License-Identifier: MIT
// Whole networks: inference and gradients beside the processor in double, training beside the processor, the same bits from run to run and
// from recorded steps.

#include <chromatid/cuda.cuh>

#include <chromatid/backend/cuda/emulated_cuda.hpp>

#include "tests/cuda/on_both.hpp"
#include "tests/support/factornet.hpp"
#include "tests/support/random_windows.hpp"
#include "tests/support/relative_error.hpp"
#include "tests/unit/train/small_run.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <type_traits>
#include <utility>
#include <vector>

using namespace chromatid;
using namespace chromatid::test;

namespace {

template <class E, class Precision = Exact32>
using Device = cuda::BasicCuda<E, Precision, ExactMath, Fused>;

/// A batch of random windows with random labels.
struct Labelled {
    RandomWindows windows;
    Batch batch;

    Labelled(Index n, Index length) : windows(n, length, 6, 21) {
        Draw draw(22);
        batch.size = n;
        batch.x = Tensor<float>({n, length, 6});
        std::copy_n(windows.dense.data(), windows.dense.size(), batch.x.data());
        batch.targets = Tensor<float>({n, 1});
        for (float& t : batch.targets.span()) t = static_cast<float>(draw.index(0, 1));
    }
};

template <class B, class Net, Index Length>
using Network = Model<Net, Shape<Length, 6>, B>;

/// The parameters of `here` in a network elsewhere.
template <class To, class From>
To with_parameters_of(const From& here) {
    To there;
    const auto from = here.parameters();
    const auto to = there.parameters();
    std::transform(from.begin(), from.end(), to.begin(), [](auto p) { return static_cast<typename To::Scalar>(p); });
    return there;
}

template <class E, class Precision, class Net, Index Length>
void inference_equals(Index n) {
    const Labelled x(n, Length);
    Network<Device<E, Precision>, Net, Length> there;
    there.initialize(5);
    const auto here = with_parameters_of<Network<Cpu<double>, Net, Length>>(there);
    const Tensor<double> expected = here.predict(converted<double>(x.windows.dense));
    typename Device<E, Precision>::Context on(0);
    Tensor<float> y({n, 1}), again({n, 1});
    there.infer(on, x.windows.encoded(false), View<const float>{}, y);
    there.infer(on, x.windows.dense, View<const float>{}, again);
    BOOST_TEST_INFO_SCOPE(Precision::name() << ", " << n << " windows of " << Length);
    BOOST_TEST(relative_error(std::span<const float>(y.span()), std::span<const double>(expected.span())) < precision_error<Precision>);
    BOOST_TEST(relative_error(std::span<const float>(again.span()), std::span<const double>(expected.span())) < precision_error<Precision>);
    Tensor<float> third({n, 1});
    there.infer(on, x.windows.encoded(false), View<const float>{}, third);
    BOOST_TEST(same_bits({third.data(), third.data() + n}, {y.data(), y.data() + n}), "another run gave other bits");
}

template <class E, class Precision>
void inferences_equal() {
    for (const Index n : {1, 7}) inference_equals<E, Precision, FactorNet<8, 6, 5, 4, 12>, 61>(n);
    if constexpr (std::is_same_v<E, cuda::Gpu>) {
        inference_equals<E, Precision, FactorNet<32, 26, 13, 32, 128>, 1000>(7);
        inference_equals<E, Precision, FactorNet<128, 26, 13, 128, 128>, 1000>(3);
    }
}

/// Gradients with dropout of the same masks; only of exact products, as elsewhere a maximum may lie at another place.
template <class E, class Net, Index Length>
void gradients_equal(Index n) {
    const Labelled x(n, Length);
    Network<Device<E>, Net, Length> there;
    there.initialize(5);
    auto here = with_parameters_of<Network<Cpu<double>, Net, Length>>(there);
    BatchGradient gradient_here(here, n);
    BatchGradient gradient_there(there, n);
    std::vector<double> expected(static_cast<std::size_t>(here.parameters().size()));
    std::vector<float> slopes(expected.size()), again(expected.size());
    ThreadPool threads;
    typename Device<E>::Context on(0);
    const Draws draws{.seed = 9, .step = 4};
    const double loss = gradient_here(threads, x.batch, BinaryCrossEntropy{}, draws, expected);
    BOOST_TEST_INFO_SCOPE(n << " windows of " << Length);
    BOOST_TEST(std::abs(gradient_there(on, x.batch, BinaryCrossEntropy{}, draws, slopes) - loss) < 1e-5);
    BOOST_TEST(relative_error(std::span<const float>(slopes), std::span<const double>(expected)) < 1e-5);
    for (int step = 0; step < 3; ++step) {  // as it is, recorded, launched
        gradient_there(on, x.batch, BinaryCrossEntropy{}, draws, again);
        BOOST_TEST(same_bits(again, slopes), "run " << step + 2 << " gave other bits");
    }
}

template <class B>
Model<SmallNet, Shape<12, 4>, B> small_network() {
    Model<SmallNet, Shape<12, 4>, B> model(
        SmallNet(Conv1D<4, 3, ReLU>(), Dropout(0.2F), Flatten(), Dense<8, ReLU>(), Dropout(0.1F), Dense<2, Sigmoid>()));
    model.initialize(7);
    return model;
}

const SmallWindows training{.seed = 1}, validation{.seed = 2, .count = 2};

template <class M, class... Callbacks>
History trained(M& model, Callbacks... callbacks) {
    Trainer trainer(model, BinaryCrossEntropy{}, Adam{.rate = 0.02},
                    TrainerOptions{.seed = 3, .epochs = 4, .threads = 1, .loading_threads = 0});
    return trainer.fit(training, validation, callbacks...);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(networks)

CHROMATID_CASE_ON_BOTH(exact_inference_equals_the_processors) { inferences_equal<E, Exact32>(); }
CHROMATID_CASE_ON_BOTH(tf32_inference_equals_the_processors) { inferences_equal<E, TF32>(); }
CHROMATID_CASE_ON_BOTH(f16_inference_equals_the_processors) { inferences_equal<E, F16>(); }
CHROMATID_CASE_ON_BOTH(bf16_inference_equals_the_processors) { inferences_equal<E, BF16>(); }

CHROMATID_CASE_ON_BOTH(gradients_equal_the_processors_and_keep_their_bits) {
    gradients_equal<E, FactorNet<8, 6, 5, 4, 12>, 61>(3);
    if constexpr (std::is_same_v<E, cuda::Gpu>) {
        gradients_equal<E, FactorNet<32, 26, 13, 32, 128>, 1000>(7);
        gradients_equal<E, FactorNet<128, 26, 13, 128, 128>, 1000>(2);
    }
}

CHROMATID_CASE_ON_BOTH(training_goes_as_on_the_processor_and_twice_the_same) {
    auto here = small_network<Cpu<float>>();
    auto there = small_network<Device<E>>(), again = small_network<Device<E>>();
    const History expected = trained(here), history = trained(there);
    BOOST_REQUIRE(history.epochs.size() == expected.epochs.size());
    for (std::size_t e = 0; e < history.epochs.size(); ++e) {
        BOOST_TEST(std::abs(history.epochs[e].loss - expected.epochs[e].loss) < 1e-5);
        BOOST_TEST(std::abs(history.epochs[e].validation_loss - expected.epochs[e].validation_loss) < 1e-5);
    }
    trained(again);
    BOOST_TEST(same_bits(bits_of(again), bits_of(there)));
}

CHROMATID_CASE_ON_BOTH(half_precision_learns_too) {
    auto exact = small_network<Device<E>>();
    auto half = small_network<Device<E, F16>>();
    const History a = trained(exact), b = trained(half);
    BOOST_TEST(a.epochs.back().loss < a.epochs.front().loss);
    BOOST_TEST(std::abs(a.epochs.back().loss - b.epochs.back().loss) < 1e-2);
}

BOOST_AUTO_TEST_SUITE_END()
