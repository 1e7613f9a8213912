// SPDX-License-Identifier: MIT

#include "tests/support/emulated_array.hpp"
#include "tests/support/emulated_windows.hpp"

#include <chromatid/backend/cpu/cpu.hpp>
#include <chromatid/backend/cuda/emulated_cuda.hpp>
#include <chromatid/loss/binary_cross_entropy.hpp>
#include <chromatid/loss/mean_squared_error.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

using namespace chromatid;
using namespace chromatid::test;

namespace {

using B = EmulatedCuda<>;
using D = Cpu<double>;
using Floats = EmulatedArray<float>;

static_assert(Backend<B>);

struct Both {
    B::Context on;
    D::Context reference{1};
    Draw draw{17};

    Floats device(const Tensor<double>& x) { return {on, x}; }
    Floats device(std::initializer_list<float> x) { return {on, std::span(x.begin(), x.size())}; }
    std::vector<float> host(const Floats& x) { return x.on_host(on); }
};

template <class T>
std::vector<T> vector(std::initializer_list<T> values) { return values; }

constexpr std::array<Index, 5> sizes{1, 7, 255, 401, 3000};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(cuda_primitives, Both)

BOOST_AUTO_TEST_CASE(values_that_anybody_can_check) {
    const Floats x = device({1, -2, 3, -4, 5, -6}), y(6), bias = device({10, 20, 30});
    B::activation<ReLU>(on, 6, x.data(), y.data());
    BOOST_TEST(host(y) == vector<float>({1, 0, 3, 0, 5, 0}), boost::test_tools::per_element());
    B::copy(on, 6, x.data(), y.data());
    B::bias_activation<ReLU>(on, 2, 3, bias.data(), y.data());
    BOOST_TEST(host(y) == vector<float>({11, 18, 33, 6, 25, 24}), boost::test_tools::per_element());
    B::add(on, 6, x.data(), y.data());
    BOOST_TEST(host(y) == vector<float>({12, 16, 36, 2, 30, 18}), boost::test_tools::per_element());

    const Floats sums = device({1, 1, 1});
    B::add_column_sums(on, 2, 3, x.data(), sums.data());
    BOOST_TEST(host(sums) == vector<float>({-2, 4, -2}), boost::test_tools::per_element());

    const std::array<Index, 3> partner{1, 0, 2};
    B::reverse_complement(on, 1, 2, 3, partner.data(), x.data(), y.data());
    BOOST_TEST(host(y) == vector<float>({5, -4, -6, -2, 1, 3}), boost::test_tools::per_element());

    const Floats wide(8);
    B::zero(on, 8, wide.data());
    B::copy_rows(on, 2, 2, x.data(), 1, 2, wide.data(), 4);
    BOOST_TEST(host(wide) == vector<float>({1, -2, 0, 0, 1, -2, 0, 0}), boost::test_tools::per_element());
    B::copy_windows(on, 2, 2, 2, x.data() + 2, 2, -2, wide.data());
    BOOST_TEST(host(wide) == vector<float>({3, -4, 1, -2, 5, -6, 3, -4}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(the_gradient_of_a_pool_goes_to_the_first_maximum) {
    const Floats x = device({1, 3, 3, 0, 3}), y(2), dy = device({10, 100}), dx(5);
    const Pool1DGeometry g{.batch = 1, .length = 5, .channels = 1, .out_length = 2, .window = 3, .stride = 2};
    B::max_pool1d(on, g, x.data(), y.data());
    BOOST_TEST(host(y) == vector<float>({3, 3}), boost::test_tools::per_element());
    B::max_pool1d_backward(on, g, x.data(), y.data(), dy.data(), dx.data());
    BOOST_TEST(host(dx) == vector<float>({0, 10, 100, 0, 0}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(elementwise_primitives_are_those_of_the_processor) {
    const auto check = [&]<class F>(F) {
        for (const Index n : sizes) {
            const Tensor<double> x = draw.array({n}, 4);
            Tensor<double> y({n}), dy = draw.array({n});
            const Floats dx_device = device(x), y_device(n), dy_device = device(dy);
            D::activation<F>(reference, n, x.data(), y.data());
            B::activation<F>(on, n, dx_device.data(), y_device.data());
            BOOST_TEST(y_device.error(on, y) < 1e-6);
            const Floats rounded(on, y);  // slopes of the same outputs
            D::activation_backward<F>(reference, n, converted<double>(converted<float>(y)).data(), dy.data());
            B::activation_backward<F>(on, n, rounded.data(), dy_device.data());
            BOOST_TEST(dy_device.error(on, dy) < 1e-6);
        }
    };
    check(ReLU{});
    check(Sigmoid{});
    check(HardSigmoid{});
    check(Tanh{});
    check(Linear{});
}

BOOST_AUTO_TEST_CASE(strands_merge_as_on_the_processor) {
    const auto check = [&]<class M>(M) {
        const Index n = 401;
        Tensor<double> f = draw.array({n}, 0.5), r = draw.array({n}, 0.5), dy = draw.array({n}), y({n}), df({n}), dr({n});
        for (Index i = 0; i < n; ++i) f(i) = static_cast<float>(f(i) + 0.5), r(i) = i % 5 == 0 ? f(i) : static_cast<float>(r(i) + 0.5);
        const Floats a = device(f), b = device(r), dz = device(dy), z(n), da(n), db(n);
        D::merge_strands<M>(reference, n, f.data(), r.data(), y.data());
        B::merge_strands<M>(on, n, a.data(), b.data(), z.data());
        BOOST_TEST(z.error(on, y) < 1e-6);
        D::merge_strands_backward<M>(reference, n, f.data(), r.data(), dy.data(), df.data(), dr.data());
        B::merge_strands_backward<M>(on, n, a.data(), b.data(), dz.data(), da.data(), db.data());
        BOOST_TEST(da.error(on, df) < 1e-5);
        BOOST_TEST(db.error(on, dr) < 1e-5);
    };
    check(MeanOfStrands{});
    check(MaxOfStrands{});
    check(LogitMeanOfStrands{});
}

BOOST_AUTO_TEST_CASE(sums_are_those_in_double_and_the_same_each_time) {
    for (const auto& [rows, columns] : {std::array<Index, 2>{1, 1}, {7, 401}, {401, 7}, {3000, 33}, {9000, 1}}) {
        const Tensor<double> x = draw.array({rows, columns});
        Tensor<double> sums({columns});
        const Floats in = device(x), out(columns), again(columns);
        for (const Floats* to : {&out, &again}) {
            B::zero(on, columns, to->data());
            B::add_column_sums(on, rows, columns, in.data(), to->data());
        }
        D::add_column_sums(reference, rows, columns, x.data(), sums.data());
        BOOST_TEST(out.error(on, sums) < 2e-6);
        BOOST_TEST(host(out) == host(again));

        const EmulatedArray<double> squares(1);
        double expected = 0;
        for (const double v : x.span()) expected += v * v;
        B::sum_squares(on, rows * columns, in.data(), squares.data());
        BOOST_TEST(squares.on_host(on)[0] == expected, boost::test_tools::tolerance(1e-11));
    }
    const EmulatedArray<double> none(1);
    B::sum_squares(on, 0, nullptr, none.data());
    BOOST_TEST(none.on_host(on)[0] == 0.0);
}

BOOST_AUTO_TEST_CASE(pools_and_their_gradients_are_those_of_the_processor) {
    for (const Pool1DGeometry& g : {Pool1DGeometry{1, 1, 1, 1, 1, 1}, {2, 40, 5, 3, 13, 13}, {3, 29, 7, 12, 7, 2}, {2, 401, 3, 1, 401, 401}, {1, 20, 33, 4, 3, 5}}) {
        Tensor<double> x = draw.array({g.batch, g.length, g.channels}), y({g.batch, g.out_length, g.channels}), dx(x.extents());
        for (double& v : x.span()) v = std::round(4 * v);  // ties
        const Tensor<double> dy = draw.array(y.extents());
        const Floats in = device(x), out(y.size()), slope = device(dy), din(x.size());
        D::max_pool1d(reference, g, x.data(), y.data());
        B::max_pool1d(on, g, in.data(), out.data());
        BOOST_TEST(out.error(on, y) == 0.0);
        D::max_pool1d_backward(reference, g, x.data(), y.data(), dy.data(), dx.data());
        B::max_pool1d_backward(on, g, in.data(), out.data(), slope.data(), din.data());
        BOOST_TEST(din.error(on, dx) < 1e-6);
    }
}

BOOST_AUTO_TEST_CASE(masks_have_the_bits_of_the_processor) {
    using F = Cpu<float>;
    F::Context threads{1};
    const Draws draws{.seed = 0x123456789ABCDEFU, .step = 3, .first_window = 5, .windows = 2};
    for (const auto& [first, columns] : {std::array<Index, 2>{0, 1}, {0, 130}, {77, 401}, {128, 128}, {250, 7}})
        for (const float rate : {0.1F, 0.5F, 1e-6F}) {
            const Index rows = 4;
            std::vector<float> mask(static_cast<std::size_t>(rows * columns)), dropped(mask.size());
            const Floats on_device(rows * columns);
            F::dropout_mask(threads, draws, 6, first, rows, columns, rate, mask.data());
            B::dropout_mask(on, draws, 6, first, rows, columns, rate, on_device.data());
            BOOST_TEST(host(on_device) == mask, boost::test_tools::per_element());
            const Tensor<float> x = converted<float>(draw.array({rows, columns}));
            const Floats in(on, std::span<const float>(x.span()));
            F::dropout(threads, draws, 6, rows, columns, rate, x.data(), dropped.data());
            B::dropout(on, draws, 6, rows, columns, rate, in.data(), in.data());
            BOOST_TEST(host(in) == dropped, boost::test_tools::per_element());
        }
}

BOOST_AUTO_TEST_CASE(windows_expand_to_the_rows_of_the_processor) {
    for (const bool both : {false, true})
        for (const Index channels : {4, 6, 8}) {
            const RandomWindows windows(3, 401, channels, 11);
            const EmulatedWindows device_windows(on, windows, both);
            Cpu<float>::Context threads{1};
            const Windows<float> dense = windows.as_dense(both);
            std::vector<float> expected(static_cast<std::size_t>(dense.rows() * dense.length * channels));
            Cpu<float>::expand(threads, dense, expected.data());
            for (const Windows<float>& x : {device_windows.dense(), device_windows.encoded()}) {
                const Floats rows(static_cast<Index>(expected.size()));
                B::expand(on, x, rows.data());
                BOOST_TEST((host(rows) == expected));
            }
        }
}

BOOST_AUTO_TEST_CASE(losses_and_slopes_are_those_of_the_processor) {
    const auto check = [&](const auto& loss, Index columns) {
        const Index rows = 401;
        Tensor<double> y = draw.array({rows, columns}, 0.5), dy(y.extents());
        Tensor<float> targets(y.extents());
        for (Index i = 0; i < y.size(); ++i) {
            y.data()[i] = static_cast<float>(y.data()[i] + 0.5);
            targets.data()[i] = i % 3 == 0 ? 1.0F : i % 7 == 0 ? -1.0F : 0.0F;
        }
        const Floats in = device(y), wanted(on, std::span<const float>(targets.span())), slopes(y.size());
        const EmulatedArray<double> sum(1);
        double expected = 0;
        loss.template accumulate<D>(reference, std::as_const(y).view(), targets.view(), 0.25, dy.view(), &expected);
        loss.template accumulate<B>(on, View<const float>(in.data(), y.extents()), View<const float>(wanted.data(), y.extents()), 0.25,
                                    View<float>(slopes.data(), y.extents()), sum.data());
        BOOST_TEST(sum.on_host(on)[0] == expected, boost::test_tools::tolerance(1e-12));
        BOOST_TEST(slopes.error(on, dy) < 1e-6);
    };
    check(BinaryCrossEntropy{}, 1);
    check(BinaryCrossEntropy{{.positive = {2, 1, 3}, .negative = {}}}, 3);
    check(BinaryCrossEntropy{{.positive = {2, 1, 3}, .negative = {0.5, 1, 4}}}, 3);
    check(MeanSquaredError{}, 2);
}

BOOST_AUTO_TEST_CASE(steps_of_optimizers_are_those_of_the_processor) {
    for (const Index n : sizes) {
        Tensor<double> p = draw.array({n}), m = draw.array({n}), v = draw.array({n});
        const Tensor<double> g = draw.array({n});
        for (double& x : v.span()) x = x * x;
        v = converted<double>(converted<float>(v));
        const Floats dp = device(p), dm = device(m), dv = device(v), dg = device(g);
        const AdamStep<double> adam{.rate = 0.01, .beta1 = 0.9, .beta2 = 0.999, .root_scale = 1.5, .epsilon = 1e-3, .decay = 0.001, .gradient_scale = 0.5};
        D::adam(reference, n, adam, g.data(), p.data(), m.data(), v.data());
        B::adam(on, n, {.rate = 0.01F, .beta1 = 0.9F, .beta2 = 0.999F, .root_scale = 1.5F, .epsilon = 1e-3F, .decay = 0.001F, .gradient_scale = 0.5F}, dg.data(),
                dp.data(), dm.data(), dv.data());
        BOOST_TEST(dp.error(on, p) < 5e-6);
        BOOST_TEST(dm.error(on, m) < 1e-6);
        BOOST_TEST(dv.error(on, v) < 1e-6);
        for (const bool nesterov : {false, true}) {
            D::sgd(reference, n, {.rate = 0.1, .momentum = 0.5, .decay = 0.01, .gradient_scale = 2, .nesterov = nesterov}, g.data(), p.data(), m.data());
            B::sgd(on, n, {.rate = 0.1F, .momentum = 0.5F, .decay = 0.01F, .gradient_scale = 2, .nesterov = nesterov}, dg.data(), dp.data(), dm.data());
            BOOST_TEST(dp.error(on, p) < 5e-6);
        }
        D::sgd(reference, n, {.rate = 0.1, .momentum = 0, .decay = 0, .gradient_scale = 1, .nesterov = false}, g.data(), p.data(), nullptr);
        B::sgd(on, n, {.rate = 0.1F, .momentum = 0, .decay = 0, .gradient_scale = 1, .nesterov = false}, dg.data(), dp.data(), nullptr);
        BOOST_TEST(dp.error(on, p) < 5e-6);
    }
}

BOOST_AUTO_TEST_CASE(products_with_gradients_keep_small_numbers_in_half_precision) {
    using H = EmulatedCuda<F16>;
    const Index m = 7, n = 5, k = 9;
    const Tensor<double> a = draw.array({k, m}), b = draw.array({k, n}, 0x1p-40);
    Tensor<double> c({m, n});
    D::gemm<true, false>(reference, m, n, k, a.data(), m, b.data(), n, 0.0, c.data(), n);
    const Floats x = device(a), dy = device(b), gradient(m * n);
    H::gemm<true, false>(on, m, n, k, x.data(), m, dy.data(), n, 0.0F, gradient.data(), n);
    BOOST_TEST(gradient.error(on, c) < 1e-3);
    BOOST_TEST(gradient.error(on, c) > 0.0);
}

BOOST_AUTO_TEST_CASE(a_recorded_step_takes_the_numbers_of_each_run) {
    const Index n = 300;
    const Tensor<double> x = draw.array({n});
    const Floats in = device(x), eager(n), recorded(n);
    for (std::uint32_t step = 0; step < 5; ++step) {
        const Draws draws{.seed = 7, .step = step};
        B::dropout(on, draws, 1, 1, n, 0.5F, in.data(), eager.data());
        B::repeat(on, 1, [&] { B::dropout(on, draws, 1, 1, n, 0.5F, in.data(), recorded.data()); });
        BOOST_TEST(host(recorded) == host(eager), boost::test_tools::per_element());
    }
}

BOOST_AUTO_TEST_SUITE_END()
