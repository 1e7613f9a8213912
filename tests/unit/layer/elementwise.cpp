// SPDX-License-Identifier: MIT
#include <chromatid/layer/activation.hpp>
#include <chromatid/layer/dropout.hpp>
#include <chromatid/layer/flatten.hpp>
#include <chromatid/layer/side_input.hpp>

#include "tests/support/compare.hpp"
#include "tests/support/naive_layers.hpp"
#include "tests/support/run_layer.hpp"

#include <concepts>
#include <limits>

using namespace chromatid;
using namespace chromatid::test;

namespace {

template <class F>
void check_activation(naive::Function f) {
    Draw draw(5);
    const Tensor<double> x = draw.array({3, 5, 7}, 8.0);
    Tensor<double> expected = x;
    for (double& v : expected.span()) v = f(v);
    BOOST_TEST(close(run_layer<double>(Activation<F>{}, Shape<5, 7>{}, x), expected, 1e-14));
    BOOST_TEST(close(run_layer<float>(Activation<F>{}, Shape<dyn, 7>(5), x), expected, 1e-6));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(layers_without_parameters)

BOOST_AUTO_TEST_CASE(an_activation_applies_its_function_to_each_element) {
    check_activation<Linear>(naive::linear);
    check_activation<ReLU>(naive::relu);
    check_activation<Sigmoid>(naive::logistic);
    check_activation<HardSigmoid>(naive::hard_sigmoid);
    check_activation<Tanh>(naive::hyperbolic_tangent);
}

BOOST_AUTO_TEST_CASE(dropout_passes_everything_on_in_inference) {
    Draw draw(6);
    const Tensor<double> x = draw.array({3, 5, 7});
    BOOST_TEST(same_bits(run_layer<float>(Dropout(0.9F), Shape<5, 7>{}, x), converted<float>(x)));
}

BOOST_AUTO_TEST_CASE(dropout_rates_lie_between_zero_and_one) {
    BOOST_CHECK_NO_THROW(Dropout(0.0F));
    BOOST_CHECK_NO_THROW(Dropout(0.999F));
    BOOST_CHECK_THROW(Dropout(1.0F), ShapeError);
    BOOST_CHECK_THROW(Dropout(-0.1F), ShapeError);
    BOOST_CHECK_THROW(Dropout{std::numeric_limits<float>::quiet_NaN()}, ShapeError);
    BOOST_TEST(to_text(Dropout(0.1F)) == "Dropout(0.1)");
    BOOST_TEST(to_text(Dropout(0.25F)) == "Dropout(0.25)");
    BOOST_TEST(to_text(Dropout(0.0F)) == "Dropout(0)");
}

BOOST_AUTO_TEST_CASE(flatten_keeps_the_order_of_positions_and_channels) {
    Tensor<double> x({2, 3, 2});
    for (Index i = 0; i < x.size(); ++i) x.data()[i] = static_cast<double>(i);
    const auto y = run_layer<float>(Flatten{}, Shape<3, 2>{}, x);
    BOOST_TEST(y.extents() == (std::vector<Index>{2, 6}), boost::test_tools::per_element());
    for (Index b = 0; b < 2; ++b)
        for (Index t = 0; t < 3; ++t)
            for (Index c = 0; c < 2; ++c) BOOST_TEST(y(b, t * 2 + c) == static_cast<float>(x(b, t, c)));
    static_assert(std::same_as<OutputShape<Flatten, Shape<75, 64>>, Shape<4800>>);
    static_assert(std::same_as<OutputShape<Flatten, Shape<5>>, Shape<5>>);
}

BOOST_AUTO_TEST_CASE(the_side_input_comes_behind_the_features) {
    const Model<SideInput<2>, Shape<3>, Cpu<float>> model;
    Tensor<float> x({2, 3}), side({2, 2});
    for (Index i = 0; i < 6; ++i) x.data()[i] = static_cast<float>(i);
    for (Index i = 0; i < 4; ++i) side.data()[i] = static_cast<float>(100 + i);
    BOOST_TEST(model.predict(x, side).span() == (std::vector<float>{0, 1, 2, 100, 101, 3, 4, 5, 102, 103}),
               boost::test_tools::per_element());
    static_assert(std::same_as<OutputShape<SideInput<2>, Shape<3>>, Shape<5>>);
    BOOST_TEST(model.side_size() == 2);
}

BOOST_AUTO_TEST_CASE(layers_that_change_nothing_in_place_say_so) {
    static_assert(is_in_place<Dropout> && is_in_place<Flatten> && is_in_place<Activation<ReLU>> && !is_in_place<SideInput<2>>);
    static_assert(is_translation_equivariant<Dropout> && is_translation_equivariant<Activation<ReLU>> &&
                  !is_translation_equivariant<Flatten>);
}

BOOST_AUTO_TEST_SUITE_END()
