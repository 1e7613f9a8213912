// SPDX-License-Identifier: MIT
#include <chromatid/layer/global_max_pool1d.hpp>
#include <chromatid/layer/max_pool1d.hpp>

#include "tests/support/compare.hpp"
#include "tests/support/naive_layers.hpp"
#include "tests/support/run_layer.hpp"

#include <concepts>

using namespace chromatid;
using namespace chromatid::test;

namespace {

Tensor<double> two_channels() {  // 5 positions
    Tensor<double> x({1, 5, 2});
    std::ranges::copy(std::initializer_list<double>{1, -1, 3, -2, 2, -3, 0, -9, 7, -4}, x.data());
    return x;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(pooling)

BOOST_AUTO_TEST_CASE(each_channel_has_its_own_maximum) {
    const auto y = run_layer<float>(MaxPool1D<5>{}, Shape<5, 2>{}, two_channels());
    BOOST_TEST(y.span() == (std::vector<float>{7, -1}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(pooling_drops_the_remainder) {
    const auto y = run_layer<float>(MaxPool1D<2>{}, Shape<5, 2>{}, two_channels());
    BOOST_TEST(y.span() == (std::vector<float>{3, -1, 2, -3}), boost::test_tools::per_element());
    static_assert(std::same_as<OutputShape<MaxPool1D<13>, Shape<975, 32>>, Shape<75, 32>>);
    static_assert(std::same_as<OutputShape<MaxPool1D<17>, Shape<985, 32>>, Shape<57, 32>>);
}

BOOST_AUTO_TEST_CASE(windows_overlap_where_the_stride_is_smaller) {
    const auto y = run_layer<float>(MaxPool1D<3, Stride<1>>{}, Shape<5, 2>{}, two_channels());
    BOOST_TEST(y.span() == (std::vector<float>{3, -1, 3, -2, 7, -3}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(positions_between_windows_are_skipped_where_the_stride_is_larger) {
    const auto y = run_layer<float>(MaxPool1D<1, Stride<3>>{}, Shape<5, 2>{}, two_channels());
    BOOST_TEST(y.span() == (std::vector<float>{1, -1, 0, -9}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(the_stride_follows_a_dynamic_window) {
    BOOST_TEST(to_string(MaxPool1D<dyn>(4).output_shape(Shape<dyn, 3>(11))) == "(2, 3)");
    BOOST_TEST(to_string(MaxPool1D<dyn, Stride<dyn>>(4, 2).output_shape(Shape<dyn, 3>(11))) == "(4, 3)");
    BOOST_TEST(to_string(MaxPool1D<dyn, Stride<2>>(4).output_shape(Shape<dyn, 3>(11))) == "(4, 3)");
    BOOST_TEST(to_text(MaxPool1D<dyn>(4)) == "MaxPool1D<4>");
}

BOOST_AUTO_TEST_CASE(the_global_maximum_is_over_all_positions) {
    const auto y = run_layer<float>(GlobalMaxPool1D{}, Shape<5, 2>{}, two_channels());
    BOOST_TEST(y.span() == (std::vector<float>{7, -1}), boost::test_tools::per_element());
    static_assert(std::same_as<OutputShape<GlobalMaxPool1D, Shape<975, 32>>, Shape<32>>);
    static_assert(parameter_count(GlobalMaxPool1D{}, Shape<5, 2>{}) == 0);
}

BOOST_AUTO_TEST_CASE(random_shapes_agree_with_the_definition) {
    for (std::uint64_t seed = 0; seed < 30; ++seed) {
        Draw draw(seed);
        const Index batch = draw.index(1, 20), channels = draw.index(1, 35), window = draw.index(1, 6), stride = draw.index(1, 8);
        const Index length = draw.index(window, 40);
        const Shape<dyn, dyn> in(length, channels);
        const Tensor<double> x = draw.array({batch, length, channels});
        BOOST_TEST_CONTEXT("input " << to_string(in) << ", window " << window << ", stride " << stride) {
            BOOST_TEST(
                close(run_layer<float>(MaxPool1D<dyn, Stride<dyn>>(window, stride), in, x), naive::max_pool1d(window, stride, x), 0));
            BOOST_TEST(close(run_layer<double>(MaxPool1D<dyn>(window), in, x), naive::max_pool1d(window, window, x), 0));
            const Tensor<float> all = run_layer<float>(GlobalMaxPool1D{}, in, x);
            BOOST_TEST(close(all, naive::flatten(naive::max_pool1d(length, 1, x)), 0));
        }
    }
}

BOOST_AUTO_TEST_SUITE_END()
