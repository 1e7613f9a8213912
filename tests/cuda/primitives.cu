// SPDX-License-Identifier: MIT
// Primitives beside the processor in double: odd sizes, tails of tiles, outputs that hold NaN before.

#include <chromatid/core/activation.hpp>
#include <chromatid/core/strand_merge.hpp>

#include "tests/cuda/beside_cpu.hpp"
#include "tests/cuda/on_both.hpp"
#include "tests/support/conv_pool_reference.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <vector>

using namespace chromatid;
using namespace chromatid::test;

namespace chromatid::test {

struct LogEntry {
    CHROMATID_HOST_DEVICE bool takes_part(float target) const { return target >= 0.0F; }
    CHROMATID_HOST_DEVICE double value(double y, double target, Index task) const {
        return (1.0 + static_cast<double>(task)) * (y - target) * (y - target);
    }
    CHROMATID_HOST_DEVICE double slope(double y, double target, Index task) const {
        return 2.0 * (1.0 + static_cast<double>(task)) * (y - target);
    }
};

}  // namespace chromatid::test

namespace {

template <class E, class Precision>
void convolution_equals(const Conv1DGeometry& g) {
    BesideCpu<E, Precision> beside(11);
    auto x = beside.in(g.batch * g.length * g.channels), kernel = beside.in(g.width * g.channels * g.filters),
         dy = beside.in(g.batch * g.out_length * g.filters);
    auto y = beside.out(g.batch * g.out_length * g.filters), dx = beside.out(g.batch * g.length * g.channels),
         dkernel = beside.in(g.width * g.channels * g.filters);
    beside.run([&](auto backend, auto& on, auto at) {
        using B = typename decltype(backend)::type;
        B::conv1d(on, g, at(x), at(kernel), at(y));
        B::conv1d_backward(on, g, at(x), at(kernel), at(dy), at(dx), at(dkernel));
    });
    BOOST_TEST_INFO_SCOPE(Precision::name() << ", batch " << g.batch << ", length " << g.length << ", filters " << g.filters << ", stride "
                                            << g.stride);
    BOOST_TEST(beside.error(y) < precision_error<Precision>);
    BOOST_TEST(beside.error(dx) < precision_error<Precision>);
    BOOST_TEST(beside.error(dkernel) < precision_error<Precision>);
}

template <class E, class Precision>
void convolutions_equal(bool large = std::is_same_v<E, cuda::Gpu>) {
    convolution_equals<E, Precision>({1, 7, 4, 7, 1, 1});
    convolution_equals<E, Precision>({7, 40, 6, 15, 32, 26});
    convolution_equals<E, Precision>({2, 23, 5, 9, 7, 5, 2, 1, 0});
    convolution_equals<E, Precision>({2, 23, 5, 23, 7, 5, 1, 1, 2});
    convolution_equals<E, Precision>({2, 23, 3, 19, 9, 3, 1, 2, 0});
    if (large) convolution_equals<E, Precision>({401, 1000, 6, 975, 128, 26});
}

template <class E>
void pool_equals(const Pool1DGeometry& g) {
    BesideCpu<E, Exact32> beside(12);
    const Index n = g.batch * g.length * g.channels, m = g.batch * g.out_length * g.channels;
    auto x = beside.in(n, 1.0, 3), dy = beside.in(m), y = beside.out(m), dx = beside.out(n);  // few values: there are ties
    beside.run([&](auto backend, auto& on, auto at) {
        using B = typename decltype(backend)::type;
        B::max_pool1d(on, g, at(x), at(y));
        B::max_pool1d_backward(on, g, at(x), at(y), at(dy), at(dx));
    });
    BOOST_TEST_INFO_SCOPE("length " << g.length << ", window " << g.window << ", stride " << g.stride);
    BOOST_TEST(beside.error(y) < 1e-7);
    BOOST_TEST(beside.error(dx) < 1e-6);
}

template <class Gate, class E, class Precision>
void lstm_equals(Index batch, Index length, Index inputs, Index units, bool backwards, bool masked) {
    BesideCpu<E, Precision> beside(13);
    const LstmGeometry g{batch, length, inputs, units, 2 * units, backwards ? units : 0, backwards};
    auto x = beside.in(batch * length * inputs), kernel = beside.in(inputs * 4 * units, 0.25),
         recurrent = beside.in(units * 4 * units, 0.25), bias = beside.in(4 * units);
    auto y = beside.in(batch * length * 2 * units), trained = beside.in(batch * length * 2 * units),
         dy = beside.in(batch * length * 2 * units);
    auto dx = beside.out(batch * length * inputs), dkernel = beside.in(inputs * 4 * units), drecurrent = beside.in(units * 4 * units),
         dbias = beside.in(4 * units);
    auto scratch = beside.out(g.scratch()), training_scratch = beside.out(g.training_scratch()), tape = beside.out(g.tape());
    std::vector<double> mask(static_cast<std::size_t>(batch * 4 * std::max(inputs, units)));
    for (double& m : mask) m = beside.draw().index(0, 1) == 0 ? 0.0 : 2.0;
    auto masks = beside.both(mask);
    beside.run([&](auto backend, auto& on, auto at) {
        using B = typename decltype(backend)::type;
        const LstmMasks<typename B::Scalar> m{masked ? at(masks) : nullptr, masked ? at(masks) : nullptr};
        B::template lstm<Gate>(on, g, at(x), at(kernel), at(recurrent), at(bias), at(y), at(scratch));
        B::template lstm_forward<Gate>(on, g, m, at(x), at(kernel), at(recurrent), at(bias), at(trained), at(tape), at(training_scratch));
        B::template lstm_backward<Gate>(on, g, m, at(kernel), at(recurrent), at(dy), false, at(dx), at(dkernel), at(drecurrent), at(dbias),
                                        at(tape), at(training_scratch));
    });
    const double tolerance = precision_error<Precision>;
    BOOST_TEST_INFO_SCOPE(Precision::name() << ", batch " << batch << ", length " << length << ", units " << units << ", backwards "
                                            << backwards << ", masks " << masked);
    BOOST_TEST(beside.error(y) < tolerance);
    BOOST_TEST(beside.error(trained) < tolerance);
    BOOST_TEST(beside.error(dx) < 2 * tolerance);
    BOOST_TEST(beside.error(dkernel) < 2 * tolerance);
    BOOST_TEST(beside.error(drecurrent) < 2 * tolerance);
    BOOST_TEST(beside.error(dbias) < 2 * tolerance);
}

template <class E, class Precision>
void lstms_equal(bool large = std::is_same_v<E, cuda::Gpu>) {
    lstm_equals<Sigmoid, E, Precision>(1, 3, 5, 7, false, true);
    lstm_equals<HardSigmoid, E, Precision>(7, 2, 32, 32, true, false);
    lstm_equals<Sigmoid, E, Precision>(9, 3, 32, 32, false, true);
    if (large) {
        lstm_equals<HardSigmoid, E, Precision>(401, 75, 32, 32, false, true);
        lstm_equals<Sigmoid, E, Precision>(7, 75, 64, 64, true, false);
        lstm_equals<HardSigmoid, E, Precision>(401, 75, 128, 128, true, true);
        lstm_equals<Sigmoid, E, Precision>(1, 75, 128, 128, false, false);
    }
}

/// Weights and tracks of few bits, of which every precision computes exact sums: the maxima are then the same ones.
template <class E, class Precision>
void fused_run_equals(Index windows, const ConvPoolGeometry& g) {
    Draw draw(14);
    RandomWindows x(windows, g.length, g.channels, 14);
    const auto rounded = [](float v) { return std::round(2 * v) / 2; };
    std::transform(x.dense.data(), x.dense.data() + x.dense.size(), x.dense.data(), rounded);
    std::transform(x.tracks.begin(), x.tracks.end(), x.tracks.begin(), rounded);
    const auto few_bits = [&](Tensor<double>& t, double unit) {
        for (double& v : t.span()) v = unit * static_cast<double>(draw.index(-1, 1));
    };
    ConvPoolArrays<double> p(g);
    for (Tensor<double>* t : {&p.kernel, &p.bias}) few_bits(*t, 0.5);
    for (Tensor<double>* t : {&p.dense_kernel, &p.dense_bias}) few_bits(*t, 0.25);
    const Index rows = 2 * windows;
    Tensor<double> dy({rows, g.out_length, g.features()});
    few_bits(dy, 0.25);
    const Draws draws{.seed = 3, .step = 5, .first_window = 2, .windows = windows};
    const Tensor<double> dense = rows_in_double(x.as_dense(true));
    const ConvPoolReference inference(g, dense, nullptr, 1, p, dy), training(g, dense, &draws, 1, p, dy);

    using Beside = BesideCpu<E, Precision>;
    using B = typename Beside::Device;
    Beside beside(14);
    auto& on = beside.on();
    const WindowsOnDevice<E> there(on, x);
    const auto sent = [&](const Tensor<double>& t) { return beside.both({t.data(), t.data() + t.size()}); };
    auto kernel = sent(p.kernel), bias = sent(p.bias), dense_kernel = sent(p.dense_kernel), dense_bias = sent(p.dense_bias),
         slope = sent(dy);
    auto y = sent(inference.y), trained = sent(training.y);
    std::vector<ArrayOnBoth<E>> gradients;
    for (const Tensor<double>* t : training.gradients.all()) gradients.push_back(sent(*t));
    for (const auto* a : {&y, &trained}) B::zero(on, static_cast<Index>(a->cpu.size()), a->device.data());
    for (const auto& a : gradients) B::zero(on, a.device.size(), a.device.data());

    const auto run = [&] {
        typename B::template Buffer<float> scratch(B::conv_pool_scratch(g)), tape(B::conv_pool_tape(g, rows)),
            training_scratch(B::conv_pool_training_scratch(g));
        const bool has_dense = g.units > 0;
        const ConvPoolParameters<const float> w{kernel.device.data(), bias.device.data(), has_dense ? dense_kernel.device.data() : nullptr,
                                                has_dense ? dense_bias.device.data() : nullptr};
        const ConvPoolParameters<float> d{gradients[0].device.data(), gradients[1].device.data(),
                                          has_dense ? gradients[2].device.data() : nullptr,
                                          has_dense ? gradients[3].device.data() : nullptr};
        B::conv_pool(on, g, there.get(), w, y.device.data(), scratch.data());
        B::conv_pool_forward(on, g, there.get(), draws, 1, w, trained.device.data(), tape.data(), training_scratch.data());
        B::conv_pool_backward(on, g, there.get(), draws, 1, w, trained.device.data(), slope.device.data(), nullptr, d, tape.data(),
                              training_scratch.data());
        B::synchronize(on);
    };
    run();
    BOOST_TEST_INFO_SCOPE(Precision::name() << ", " << windows << " windows of " << g.length << ", filters " << g.filters);
    BOOST_TEST(beside.error(y) < 1e-6);
    BOOST_TEST(beside.error(trained) < 1e-6);
    std::vector<std::vector<float>> first;
    for (std::size_t i = 0; i < (g.units > 0 ? 4U : 2U); ++i) {
        BOOST_TEST_INFO_SCOPE("gradient " << i);
        BOOST_TEST(beside.error(gradients[i]) < 1e-5);
        first.push_back(beside.fetched(gradients[i]));
        B::zero(on, gradients[i].device.size(), gradients[i].device.data());
    }
    run();
    for (std::size_t i = 0; i < first.size(); ++i) BOOST_TEST((beside.fetched(gradients[i]) == first[i]), "another run gave other bits");
}

template <class E, class Precision>
void fused_runs_equal(bool large = std::is_same_v<E, cuda::Gpu>) {
    const auto factornet = [](Index length, Index filters) {
        ConvPoolGeometry g{.length = length,
                           .channels = 6,
                           .filters = filters,
                           .width = 26,
                           .units = filters,
                           .window = 13,
                           .stride = 13,
                           .out_length = 0,
                           .dropout = 0.5F};
        g.out_length = (g.conv_length() - g.window) / g.stride + 1;
        return g;
    };
    fused_run_equals<E, Precision>(1, factornet(64, 32));
    fused_run_equals<E, Precision>(
        3,
        {.length = 40, .channels = 5, .filters = 7, .width = 5, .units = 9, .window = 3, .stride = 2, .out_length = 17, .dropout = 0.5F});
    fused_run_equals<E, Precision>(2,
                                   {.length = 40, .channels = 6, .filters = 32, .width = 8, .window = 33, .stride = 33, .out_length = 1});
    if (large) {
        fused_run_equals<E, Precision>(41, factornet(1000, 32));
        fused_run_equals<E, Precision>(7, factornet(1000, 64));
        fused_run_equals<E, Precision>(7, factornet(1000, 128));
    }
}

template <class E>
void elementwise_equals(Index rows, Index columns) {
    BesideCpu<E, Exact32> beside(15);
    const Index n = rows * columns;
    auto x = beside.in(n), z = beside.in(n), bias = beside.in(columns), y = beside.in(n), slope = beside.in(n), merged = beside.out(n),
         a = beside.out(n), b = beside.out(n), sums = beside.in(columns), copied = beside.out(2 * rows * (columns + 3)),
         turned = beside.out(n), sum = beside.in(n), activated = beside.out(n);
    std::vector<Index> partner(static_cast<std::size_t>(columns));
    for (Index c = 0; c < columns; ++c) partner[static_cast<std::size_t>(c)] = columns - 1 - c;
    beside.run([&](auto backend, auto& on, auto at) {
        using B = typename decltype(backend)::type;
        B::template activation<Tanh>(on, n, at(x), at(activated));
        B::template activation_backward<Tanh>(on, n, at(activated), at(slope));
        B::template bias_activation<Sigmoid>(on, rows, columns, at(bias), at(y));
        B::template merge_strands<MeanOfStrands>(on, n, at(x), at(z), at(merged));
        B::template merge_strands_backward<MeanOfStrands>(on, n, at(x), at(z), at(y), at(a), at(b));
        B::add_column_sums(on, rows, columns, at(x), at(sums));
        B::add(on, n, at(x), at(sum));
        B::copy_rows(on, 2 * rows, columns, at(x), rows, columns, at(copied), columns + 3);
        B::reverse_complement(on, 1, rows, columns, partner.data(), at(x), at(turned));
    });
    BOOST_TEST_INFO_SCOPE(rows << " x " << columns);
    BOOST_TEST(beside.error(activated) < 1e-6);
    BOOST_TEST(beside.error(slope) < 1e-6);
    BOOST_TEST(beside.error(y) < 1e-6);
    BOOST_TEST(beside.error(merged) < 1e-6);
    BOOST_TEST(beside.error(a) < 1e-6);
    BOOST_TEST(beside.error(b) < 1e-6);
    BOOST_TEST(beside.error(sums) < 1e-5);
    BOOST_TEST(beside.error(sum) < 1e-6);
    BOOST_TEST(beside.error(turned) < 1e-7);
    const std::vector<float> rows_copied = beside.fetched(copied);
    for (std::size_t i = 0; i < rows_copied.size(); ++i)
        if (std::isnan(copied.cpu[i])) BOOST_TEST(std::isnan(rows_copied[i]), "a column between rows was written");
        else BOOST_TEST(static_cast<double>(rows_copied[i]) == copied.cpu[i]);
}

template <class E>
void masks_equal(Index rows, Index columns) {
    BesideCpu<E, Exact32> beside(16);
    const Draws draws{.seed = 0x123456789AU, .step = 7, .first_window = 5, .windows = rows > 1 ? rows / 2 : 1};
    auto x = beside.in(rows * columns), y = beside.out(rows * columns), mask = beside.out(rows * columns);
    beside.run([&](auto backend, auto& on, auto at) {
        using B = typename decltype(backend)::type;
        B::dropout(on, draws, 2, rows, columns, 0.3F, at(x), at(y));
        B::dropout_mask(on, draws, 3, 5, rows, columns, 0.3F, at(mask));
    });
    BOOST_TEST_INFO_SCOPE(rows << " x " << columns);
    BOOST_TEST(beside.error(y) < 1e-6);
    BOOST_TEST(beside.error(mask) < 1e-6);
}

template <class E>
void steps_equal(Index n) {
    BesideCpu<E, Exact32> beside(17);
    auto gradient = beside.in(n), p = beside.in(n), q = beside.in(n), first = beside.in(n),
         second = beside.both(std::vector<double>(static_cast<std::size_t>(n), 0.25)), velocity = beside.in(n);
    beside.run([&](auto backend, auto& on, auto at) {
        using B = typename decltype(backend)::type;
        using S = typename B::Scalar;
        B::adam(on, n, AdamStep<S>{S(0.01), S(0.9), S(0.999), S(1.5), S(1e-7), S(0.001), S(0.5)}, at(gradient), at(p), at(first),
                at(second));
        B::sgd(on, n, SgdStep<S>{S(0.01), S(0.9), S(0.001), S(0.5), true}, at(gradient), at(q), at(velocity));
    });
    for (const auto* a : {&p, &q, &first, &second, &velocity}) BOOST_TEST(beside.error(*a) < 1e-6);
}

template <class E>
void sums_equal(Index rows, Index columns) {
    BesideCpu<E, Exact32> beside(18);
    const Index n = rows * columns;
    auto y = beside.in(n), dy = beside.out(n);
    std::vector<float> targets(static_cast<std::size_t>(n));
    for (float& t : targets) t = static_cast<float>(beside.draw().index(-1, 1));
    typename E::template Buffer<float> there(n);
    typename E::template Buffer<double> sum(2);
    E::copy_to_device(beside.on(), targets.size() * sizeof(float), targets.data(), there.data());
    double expected[2], got[2];
    beside.run([&](auto backend, auto& on, auto at) {
        using B = typename decltype(backend)::type;
        constexpr bool cpu = B::on_host;
        const float* t = cpu ? targets.data() : there.data();
        double* to = cpu ? expected : sum.data();
        B::sum_losses(on, rows, columns, LogEntry{}, at(y), t, 0.5, at(dy), to);
        B::sum_squares(on, n, at(y), to + 1);
        if constexpr (!cpu) B::download(on, 2, sum.data(), got);
    });
    BOOST_TEST_INFO_SCOPE(rows << " x " << columns);
    BOOST_TEST(got[0] == expected[0], boost::test_tools::tolerance(1e-6));
    BOOST_TEST(got[1] == expected[1], boost::test_tools::tolerance(1e-6));
    BOOST_TEST(beside.error(dy) < 1e-6);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(primitives)

CHROMATID_CASE_ON_BOTH(exact_convolutions_equal_the_processors) { convolutions_equal<E, Exact32>(); }
CHROMATID_CASE_ON_BOTH(tf32_convolutions_equal_the_processors) { convolutions_equal<E, TF32>(); }
CHROMATID_CASE_ON_BOTH(f16_convolutions_equal_the_processors) { convolutions_equal<E, F16>(); }
CHROMATID_CASE_ON_BOTH(bf16_convolutions_equal_the_processors) { convolutions_equal<E, BF16>(); }

CHROMATID_CASE_ON_BOTH(pools_equal_the_processors) {
    pool_equals<E>({1, 1, 1, 1, 1, 1});
    pool_equals<E>({3, 27, 5, 2, 13, 13});
    pool_equals<E>({2, 20, 33, 9, 4, 2});
    pool_equals<E>({7, 401, 3, 1, 401, 401});
}

CHROMATID_CASE_ON_BOTH(exact_lstms_equal_the_processors) { lstms_equal<E, Exact32>(); }
CHROMATID_CASE_ON_BOTH(f16_lstms_equal_the_processors) { lstms_equal<E, F16>(); }
CHROMATID_CASE_ON_BOTH(bf16_lstms_equal_the_processors) { lstms_equal<E, BF16>(); }

CHROMATID_CASE_ON_BOTH(exact_fused_runs_equal_the_processors) { fused_runs_equal<E, Exact32>(); }
CHROMATID_CASE_ON_BOTH(f16_fused_runs_equal_the_processors) { fused_runs_equal<E, F16>(); }
CHROMATID_CASE_ON_BOTH(bf16_fused_runs_equal_the_processors) { fused_runs_equal<E, BF16>(); }

CHROMATID_CASE_ON_BOTH(elements_and_rows_equal_the_processors) {
    for (const Index rows : {1, 7, 401})
        for (const Index columns : {1, 6, 33}) elementwise_equals<E>(rows, columns);
}

CHROMATID_CASE_ON_BOTH(dropout_draws_the_processors_bits) {
    masks_equal<E>(1, 1);
    masks_equal<E>(6, 129);
    masks_equal<E>(2, 1000);
}

CHROMATID_CASE_ON_BOTH(steps_of_optimizers_equal_the_processors) {
    for (const Index n : {1, 7, 401, 70'001}) steps_equal<E>(n);
}

CHROMATID_CASE_ON_BOTH(sums_equal_the_processors) {
    sums_equal<E>(1, 1);
    sums_equal<E>(7, 3);
    sums_equal<E>(4'001, 2);
}

BOOST_AUTO_TEST_SUITE_END()

/// Small sizes on a device, for sanitizers, under which kernels take some hundred times as long.
BOOST_AUTO_TEST_SUITE(sanitized)

BOOST_AUTO_TEST_CASE(convolutions, *boost::unit_test::precondition(on_a_device)) { convolutions_equal<cuda::Gpu, Exact32>(false); }
BOOST_AUTO_TEST_CASE(exact_lstms, *boost::unit_test::precondition(on_a_device)) { lstms_equal<cuda::Gpu, Exact32>(false); }
BOOST_AUTO_TEST_CASE(f16_lstms, *boost::unit_test::precondition(on_a_device)) { lstms_equal<cuda::Gpu, F16>(false); }
BOOST_AUTO_TEST_CASE(exact_fused_runs, *boost::unit_test::precondition(on_a_device)) { fused_runs_equal<cuda::Gpu, Exact32>(false); }
BOOST_AUTO_TEST_CASE(f16_fused_runs, *boost::unit_test::precondition(on_a_device)) { fused_runs_equal<cuda::Gpu, F16>(false); }
BOOST_AUTO_TEST_CASE(elements_and_rows, *boost::unit_test::precondition(on_a_device)) { elementwise_equals<cuda::Gpu>(7, 33); }
BOOST_AUTO_TEST_CASE(pools, *boost::unit_test::precondition(on_a_device)) { pool_equals<cuda::Gpu>({7, 401, 3, 1, 401, 401}); }
BOOST_AUTO_TEST_CASE(masks_steps_and_sums, *boost::unit_test::precondition(on_a_device)) {
    masks_equal<cuda::Gpu>(6, 129);
    steps_equal<cuda::Gpu>(401);
    sums_equal<cuda::Gpu>(401, 2);
}

BOOST_AUTO_TEST_SUITE_END()
