// SPDX-License-Identifier: MIT
#include <chromatid/backend/cpu/cpu.hpp>
#include <chromatid/dataset/batch.hpp>
#include <chromatid/loss/binary_cross_entropy.hpp>
#include <chromatid/loss/binary_cross_entropy_on_logits.hpp>
#include <chromatid/loss/mean_squared_error.hpp>

#include "tests/support/random_arrays.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <limits>

using namespace chromatid;
using namespace chromatid::test;
namespace tt = boost::test_tools;

namespace {

using B = Cpu<double>;
static_assert(Loss<BinaryCrossEntropy, Cpu<float>> && Loss<BinaryCrossEntropyOnLogits, B> && Loss<MeanSquaredError, B>);

Tensor<double> column(std::initializer_list<double> values) {
    Tensor<double> a({static_cast<Index>(values.size()), 1});
    std::copy(values.begin(), values.end(), a.data());
    return a;
}
Tensor<float> targets_of(std::initializer_list<float> values, Index tasks = 1) {
    Tensor<float> a({static_cast<Index>(values.size()) / tasks, tasks});
    std::copy(values.begin(), values.end(), a.data());
    return a;
}

template <class L>
double sum_of(const L& loss, const Tensor<double>& y, const Tensor<float>& t, double scale = 1, View<double> dy = {}) {
    B::Context on;
    double sum = 0;
    loss.template accumulate<B>(on, y.view(), t.view(), scale, dy, &sum);
    return sum;
}

/// Slopes against central differences of the loss itself.
template <class L>
void check_slopes(const L& loss, Tensor<double> y, const Tensor<float>& t) {
    Tensor<double> dy(y.extents());
    sum_of(loss, y, t, 0.25, dy.view());
    constexpr double h = 1e-6;
    for (Index i = 0; i < y.size(); ++i) {
        const double at = y.data()[i];
        y.data()[i] = at + h;
        const double above = sum_of(loss, y, t);
        y.data()[i] = at - h;
        const double below = sum_of(loss, y, t);
        y.data()[i] = at;
        BOOST_TEST(std::abs(dy.data()[i] - 0.25 * (above - below) / (2 * h)) < 1e-7);
    }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(losses)

BOOST_AUTO_TEST_CASE(cross_entropy_of_halves_is_ln_2) {
    Tensor<double> dy({2, 1});
    const Tensor<double> y = column({0.5, 0.5});
    const Tensor<float> t = targets_of({1, 0});
    BOOST_TEST(sum_of(BinaryCrossEntropy{}, y, t, 0.5, dy.view()) == 2 * std::log(2.0), tt::tolerance(1e-15));
    BOOST_TEST(dy(0, 0) == -1.0);
    BOOST_TEST(dy(1, 0) == 1.0);
    BOOST_TEST(BinaryCrossEntropy{}.count(t.view()) == 2);
}

BOOST_AUTO_TEST_CASE(probabilities_are_clipped_and_then_have_no_gradient) {
    const Tensor<double> y = column({0.0, 1.0, 1e-8, 1e-7});
    Tensor<double> dy({4, 1});
    const double sum = sum_of(BinaryCrossEntropy{}, y, targets_of({1, 0, 1, 1}), 1, dy.view());
    BOOST_TEST(sum == -4 * std::log(1e-7), tt::tolerance(1e-9));
    for (const Index i : {0, 1, 2}) BOOST_TEST(dy(i, 0) == 0.0);
    BOOST_TEST(dy(3, 0) == -1e7, tt::tolerance(1e-12));
}

BOOST_AUTO_TEST_CASE(float_outputs_of_exactly_0_and_1_have_a_finite_loss) {
    Tensor<float> y({2, 1}), dy({2, 1});
    y(1, 0) = 1;
    Cpu<float>::Context on;
    double sum = 0;
    BinaryCrossEntropy{}.accumulate<Cpu<float>>(on, y.view(), targets_of({1, 0}).view(), 1, dy.view(), &sum);
    BOOST_TEST(sum == 2 * 16.11809565, tt::tolerance(1e-8));
    BOOST_TEST(dy(0, 0) == 0.0F);
    BOOST_TEST(dy(1, 0) == 0.0F);
}

BOOST_AUTO_TEST_CASE(ambiguouss_take_no_part) {
    const Tensor<float> t = targets_of({1, ambiguous, 0, ambiguous}, 2);
    Tensor<double> y({2, 2}), dy({2, 2});
    y(0, 0) = y(1, 0) = 0.25;
    y(0, 1) = std::numeric_limits<double>::quiet_NaN();
    y(1, 1) = 0.9;
    BOOST_TEST(BinaryCrossEntropy{}.count(t.view()) == 2);
    BOOST_TEST(sum_of(BinaryCrossEntropy{}, y, t, 1, dy.view()) == -std::log(0.25) - std::log(0.75), tt::tolerance(1e-14));
    BOOST_TEST(dy(0, 1) == 0.0);
    BOOST_TEST(dy(1, 1) == 0.0);
    BOOST_TEST(BinaryCrossEntropy{}.correct<double>(y.view(), t.view()) == 1);
}

BOOST_AUTO_TEST_CASE(class_weights_multiply_and_do_not_change_the_count) {
    const BinaryCrossEntropy loss{{.positive = {2, 10}, .negative = {0.5, 1}}};
    Tensor<double> y({2, 2}), dy({2, 2});
    std::fill_n(y.data(), 4, 0.5);
    const Tensor<float> t = targets_of({1, 1, 0, 0}, 2);
    BOOST_TEST(sum_of(loss, y, t, 1, dy.view()) == 13.5 * std::log(2.0), tt::tolerance(1e-14));
    BOOST_TEST(loss.count(t.view()) == 4);
    BOOST_TEST(dy(0, 0) == -4.0);
    BOOST_TEST(dy(0, 1) == -20.0);
    BOOST_TEST(dy(1, 0) == 1.0);
    BOOST_TEST(dy(1, 1) == 2.0);
    BOOST_CHECK_THROW(sum_of(loss, column({0.5}), targets_of({1})), ShapeError);
}

BOOST_AUTO_TEST_CASE(binary_accuracy_rounds) {
    const Tensor<double> y = column({0.5, 0.51, 0.49, 0.9});
    BOOST_TEST(BinaryCrossEntropy{}.correct<double>(y.view(), targets_of({0, 1, 1, 1}).view()) == 3);
}

BOOST_AUTO_TEST_CASE(logits_give_the_loss_of_their_probabilities) {
    Draw draw(1);
    const Tensor<double> z = draw.array({40, 3}, 8);
    Tensor<double> p(z.extents());
    Tensor<float> t(z.extents());
    for (Index i = 0; i < z.size(); ++i) {
        p.data()[i] = 1 / (1 + std::exp(-z.data()[i]));
        t.data()[i] = static_cast<float>(draw.index(-1, 1));
    }
    const ClassWeights weights{{1, 2, 3}, {0.5, 1, 2}};
    BOOST_TEST(sum_of(BinaryCrossEntropyOnLogits{weights}, z, t) == sum_of(BinaryCrossEntropy{weights}, p, t), tt::tolerance(1e-12));
    BOOST_TEST(BinaryCrossEntropyOnLogits{}.correct<double>(z.view(), t.view()) ==
               BinaryCrossEntropy{}.correct<double>(p.view(), t.view()));
    const Tensor<double> far = column({1000, -1000});
    BOOST_TEST(sum_of(BinaryCrossEntropyOnLogits{}, far, targets_of({0, 1})) == 2000.0);
}

BOOST_AUTO_TEST_CASE(slopes_are_the_derivatives) {
    Draw draw(2);
    Tensor<double> y = draw.array({30, 2});
    Tensor<float> t({30, 2});
    for (float& v : t.span()) v = static_cast<float>(draw.index(-1, 1));
    check_slopes(BinaryCrossEntropyOnLogits{{{2, 1}, {}}}, y, t);
    check_slopes(MeanSquaredError{}, y, t);
    for (double& v : y.span()) v = 0.5 + 0.45 * v;
    check_slopes(BinaryCrossEntropy{{{2, 1}, {1, 3}}}, y, t);
    for (float& v : t.span()) v = v > 0 ? 0.75F : v;  // a target may be a share
    check_slopes(BinaryCrossEntropy{}, y, t);
}

BOOST_AUTO_TEST_CASE(squares_count_every_number_and_leave_out_nan) {
    const Tensor<float> t = targets_of({-1, std::numeric_limits<float>::quiet_NaN(), 3});
    BOOST_TEST(MeanSquaredError{}.count(t.view()) == 2);
    BOOST_TEST(sum_of(MeanSquaredError{}, column({1, 5, 0}), t) == 13.0);
}

BOOST_AUTO_TEST_CASE(nan_outputs_give_a_nan_loss) {
    const Tensor<double> y = column({std::numeric_limits<double>::quiet_NaN()});
    BOOST_TEST(std::isnan(sum_of(BinaryCrossEntropy{}, y, targets_of({1}))));
    BOOST_TEST(std::isnan(sum_of(BinaryCrossEntropy{}, y, targets_of({0}))));
    BOOST_TEST(std::isnan(sum_of(BinaryCrossEntropyOnLogits{}, y, targets_of({0}))));
    BOOST_TEST(std::isnan(sum_of(BinaryCrossEntropy{}, column({0.5}), targets_of({std::numeric_limits<float>::quiet_NaN()}))));
}

BOOST_AUTO_TEST_CASE(shapes_that_differ_are_refused) {
    Tensor<double> short_dy({1, 1});
    BOOST_CHECK_THROW(sum_of(BinaryCrossEntropy{}, column({0.5, 0.5}), targets_of({1})), ShapeError);
    BOOST_CHECK_THROW(sum_of(BinaryCrossEntropy{}, column({0.5, 0.5}), targets_of({1, 0}), 1, short_dy.view()), ShapeError);
}

BOOST_AUTO_TEST_SUITE_END()
