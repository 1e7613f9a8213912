// SPDX-License-Identifier: MIT
#include <chromatid/layer/conv1d.hpp>

#include "tests/support/compare.hpp"
#include "tests/support/naive_layers.hpp"
#include "tests/support/run_layer.hpp"

#include <concepts>

using namespace chromatid;
using namespace chromatid::test;

namespace {

Tensor<double> row(std::initializer_list<double> numbers) {
    Tensor<double> x({1, static_cast<Index>(numbers.size()), 1});
    std::ranges::copy(numbers, x.data());
    return x;
}

Tensor<double> flat(std::initializer_list<double> numbers) {
    Tensor<double> x({static_cast<Index>(numbers.size())});
    std::ranges::copy(numbers, x.data());
    return x;
}

/// Random shapes, the layer with dynamic sizes against the equation.
template <class S, class Padding, class... P>
void check_random_shapes(bool has_bias, naive::Function activation) {
    for (std::uint64_t seed = 0; seed < 25; ++seed) {
        Draw draw(seed);
        const Index batch = draw.index(1, 18), channels = draw.index(1, 7);
        const naive::Convolution conv{.filters = draw.index(1, 9), .width = draw.index(1, 6), .stride = draw.index(1, 4),
                                      .dilation = draw.index(1, 3), .same = std::same_as<Padding, SamePadding>, .bias = has_bias,
                                      .activation = activation};
        const Index span = 1 + (conv.width - 1) * conv.dilation, length = draw.index(conv.same ? 1 : span, 29);
        const Conv1D<dyn, dyn, Stride<dyn>, Dilation<dyn>, Padding, P...> layer(conv.filters, conv.width, conv.stride, conv.dilation);
        const Shape<dyn, dyn> in(length, channels);
        const Tensor<double> x = draw.array({batch, length, channels});
        const Tensor<double> parameters = draw.array({parameter_count(layer, in)});
        BOOST_TEST_CONTEXT("batch " << batch << ", input " << to_string(in) << ", " << to_text(layer))
        BOOST_TEST(close(run_layer<S>(layer, in, x, parameters), naive::conv1d(conv, x, parameters.data()), rounding<S> * 8));
    }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(conv1d)

BOOST_AUTO_TEST_CASE(the_kernel_is_not_flipped) {
    const auto y = run_layer<double>(Conv1D<1, 2>{}, Shape<4, 1>{}, row({1, 2, 3, 4}), flat({10, 1, 0.5}));
    BOOST_TEST(y.span() == (std::vector<double>{12.5, 23.5, 34.5}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_kernel_has_taps_then_channels_then_filters) {
    Tensor<double> x({1, 2, 2});
    std::ranges::copy(std::initializer_list<double>{1, 2, 3, 4}, x.data());  // x[0] = (1, 2), x[1] = (3, 4)
    const auto y = run_layer<double>(Conv1D<2, 2, NoBias>{}, Shape<2, 2>{}, x, flat({1, 0, 0, 1, 10, 0, 0, 100}));
    BOOST_TEST(y.span() == (std::vector<double>{1 + 30, 2 + 400}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(the_activation_comes_after_the_bias) {
    const auto y = run_layer<double>(Conv1D<1, 1, ReLU>{}, Shape<3, 1>{}, row({-1, 0, 2}), flat({1, 0.5}));
    BOOST_TEST(y.span() == (std::vector<double>{0, 0.5, 2.5}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_stride_drops_the_remainder) {
    const auto y = run_layer<double>(Conv1D<1, 2, Stride<2>, NoBias>{}, Shape<5, 1>{}, row({1, 2, 3, 4, 5}), flat({1, 1}));
    BOOST_TEST(y.span() == (std::vector<double>{3, 7}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_dilation_spreads_the_taps) {
    const auto y = run_layer<double>(Conv1D<1, 2, Dilation<3>, NoBias>{}, Shape<5, 1>{}, row({1, 2, 3, 4, 5}), flat({10, 1}));
    BOOST_TEST(y.span() == (std::vector<double>{14, 25}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(same_padding_puts_the_larger_half_behind) {
    const auto y = run_layer<double>(Conv1D<1, 4, SamePadding, NoBias>{}, Shape<4, 1>{}, row({1, 2, 3, 4}), flat({1000, 100, 10, 1}));
    BOOST_TEST(y.span() == (std::vector<double>{123, 1234, 2340, 3400}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(same_padding_with_a_stride_keeps_one_output_for_each_step_begun) {
    const auto y =
        run_layer<double>(Conv1D<1, 3, SamePadding, Stride<2>, NoBias>{}, Shape<5, 1>{}, row({1, 2, 3, 4, 5}), flat({100, 10, 1}));
    BOOST_TEST(y.span() == (std::vector<double>{12, 234, 450}), boost::test_tools::per_element());
    static_assert(std::same_as<OutputShape<Conv1D<1, 3, SamePadding, Stride<2>>, Shape<6, 1>>, Shape<3, 1>>);
}

BOOST_AUTO_TEST_CASE(a_padded_kernel_may_be_wider_than_the_sequence) {
    const auto y = run_layer<double>(Conv1D<1, 5, SamePadding, NoBias>{}, Shape<1, 1>{}, row({3}), flat({10000, 1000, 100, 10, 1}));
    BOOST_TEST(y.span() == (std::vector<double>{300}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(shapes_and_parameters_are_known_to_the_compiler) {
    static_assert(std::same_as<OutputShape<Conv1D<32, 26, ReLU>, Shape<1000, 6>>, Shape<975, 32>>);
    static_assert(std::same_as<OutputShape<Conv1D<8, 3, Dilation<4>>, Shape<9, 2>>, Shape<1, 8>>);
    static_assert(std::same_as<OutputShape<Conv1D<8, 3, Stride<4>>, Shape<9, 2>>, Shape<2, 8>>);
    static_assert(std::same_as<OutputShape<Conv1D<dyn, 3>, Shape<9, 2>>, Shape<7, dyn>>);
    static_assert(parameter_count(Conv1D<32, 26>{}, Shape<1000, 6>{}) == 26 * 6 * 32 + 32);
    static_assert(parameter_count(Conv1D<32, 26, NoBias>{}, Shape<1000, 6>{}) == 26 * 6 * 32);
    static_assert(std::is_empty_v<Conv1D<32, 26, ReLU>>);
}

BOOST_AUTO_TEST_CASE(valid_convolutions_scan_a_genome_and_padded_ones_do_not) {
    static_assert(is_translation_equivariant<Conv1D<2, 3>> && !is_translation_equivariant<Conv1D<2, 3, SamePadding>>);
}

BOOST_AUTO_TEST_CASE(text_shows_sizes_and_what_is_not_the_default) {
    BOOST_TEST(to_text(Conv1D<32, 26, ReLU>{}) == "Conv1D<32, 26>");
    BOOST_TEST(to_text(Conv1D<dyn, dyn, Stride<dyn>, Dilation<4>>(32, 26, 2)) == "Conv1D<32, 26, Stride<2>, Dilation<4>>");
}

BOOST_AUTO_TEST_CASE(random_shapes_agree_with_the_equation) {
    check_random_shapes<double, ValidPadding>(true, naive::linear);
    check_random_shapes<double, SamePadding, ReLU>(true, naive::relu);
    check_random_shapes<double, ValidPadding, Sigmoid, NoBias>(false, naive::logistic);
    check_random_shapes<float, ValidPadding, ReLU>(true, naive::relu);
    check_random_shapes<float, SamePadding, Tanh>(true, naive::hyperbolic_tangent);
}

BOOST_AUTO_TEST_CASE(static_and_dynamic_sizes_give_the_same_bits) {
    Draw draw(1);
    const Tensor<double> x = draw.array({5, 23, 6}), parameters = draw.array({5 * 6 * 7 + 7});
    const auto fixed = run_layer<float>(Conv1D<7, 5, ReLU, Stride<2>>{}, Shape<23, 6>{}, x, parameters);
    BOOST_TEST(same_bits(fixed, run_layer<float>(Conv1D<dyn, dyn, ReLU, Stride<dyn>>(7, 5, 2), Shape<dyn, dyn>(23, 6), x, parameters)));
    BOOST_TEST(same_bits(fixed, run_layer<float>(Conv1D<7, dyn, ReLU, Stride<2>>(5), Shape<23, dyn>(6), x, parameters)));
}

BOOST_AUTO_TEST_SUITE_END()
