// SPDX-License-Identifier: MIT
#include <chromatid/layer/dense.hpp>
#include <chromatid/layer/time_distributed_dense.hpp>

#include "tests/support/compare.hpp"
#include "tests/support/naive_layers.hpp"
#include "tests/support/run_layer.hpp"

#include <concepts>

using namespace chromatid;
using namespace chromatid::test;

namespace {

template <class S, class... P>
void check_random_shapes(bool has_bias, naive::Function activation) {
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        Draw draw(seed);
        const Index batch = draw.index(1, 35), length = draw.index(1, 9), channels = draw.index(1, 40), units = draw.index(1, 17);
        BOOST_TEST_CONTEXT("batch " << batch << ", length " << length << ", channels " << channels << ", units " << units) {
            const Tensor<double> parameters = draw.array({channels * units + units});
            const Tensor<double> flat = draw.array({batch, channels}), sequence = draw.array({batch, length, channels});
            BOOST_TEST(close(run_layer<S>(Dense<dyn, P...>(units), Shape<dyn>(channels), flat, parameters),
                             naive::dense(units, has_bias, activation, flat, parameters.data()), rounding<S> * 8));
            BOOST_TEST(close(run_layer<S>(TimeDistributedDense<dyn, P...>(units), Shape<dyn, dyn>(length, channels), sequence, parameters),
                             naive::dense(units, has_bias, activation, sequence, parameters.data()), rounding<S> * 8));
        }
    }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(dense)

BOOST_AUTO_TEST_CASE(a_unit_is_a_column_of_the_kernel) {
    Tensor<double> x({2, 2}), parameters({6});
    std::ranges::copy(std::initializer_list<double>{1, 2, 3, 4}, x.data());
    std::ranges::copy(std::initializer_list<double>{1, 10, 100, 1000, 0.5, -5000}, parameters.data());
    const auto y = run_layer<double>(Dense<2, ReLU>{}, Shape<2>{}, x, parameters);
    BOOST_TEST(y.span() == (std::vector<double>{201.5, 0, 403.5, 0}), boost::test_tools::per_element());
    const auto linear = run_layer<double>(Dense<2>{}, Shape<2>{}, x, parameters);
    BOOST_TEST(linear.span() == (std::vector<double>{201.5, 2010 - 5000, 403.5, 4030 - 5000}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(the_time_distributed_layer_treats_each_position_alike) {
    Tensor<double> x({1, 3, 1}), parameters({4});
    std::ranges::copy(std::initializer_list<double>{1, 2, 3}, x.data());
    std::ranges::copy(std::initializer_list<double>{1, 10, 0.5, 0}, parameters.data());
    const auto y = run_layer<double>(TimeDistributedDense<2>{}, Shape<3, 1>{}, x, parameters);
    BOOST_TEST(y.span() == (std::vector<double>{1.5, 10, 2.5, 20, 3.5, 30}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(shapes_and_parameters_are_known_to_the_compiler) {
    static_assert(std::same_as<OutputShape<Dense<7>, Shape<3>>, Shape<7>>);
    static_assert(std::same_as<OutputShape<Dense<dyn>, Shape<3>>, Shape<dyn>>);
    static_assert(std::same_as<OutputShape<TimeDistributedDense<7>, Shape<5, 3>>, Shape<5, 7>>);
    static_assert(parameter_count(Dense<7>{}, Shape<3>{}) == 28 && parameter_count(Dense<7, NoBias>{}, Shape<3>{}) == 21);
    static_assert(parameter_count(TimeDistributedDense<7>{}, Shape<5, 3>{}) == 28);
    static_assert(is_translation_equivariant<TimeDistributedDense<7>> && !is_translation_equivariant<Dense<7>>);
}

BOOST_AUTO_TEST_CASE(random_shapes_agree_with_the_equation) {
    check_random_shapes<double>(true, naive::linear);
    check_random_shapes<double, HardSigmoid>(true, naive::hard_sigmoid);
    check_random_shapes<float, ReLU, NoBias>(false, naive::relu);
    check_random_shapes<float, Sigmoid>(true, naive::logistic);
}

BOOST_AUTO_TEST_CASE(static_and_dynamic_sizes_give_the_same_bits) {
    Draw draw(2);
    const Tensor<double> x = draw.array({19, 33}), parameters = draw.array({34 * 5});
    BOOST_TEST(same_bits(run_layer<float>(Dense<5, Tanh>{}, Shape<33>{}, x, parameters),
                         run_layer<float>(Dense<dyn, Tanh>(5), Shape<dyn>(33), x, parameters)));
}

BOOST_AUTO_TEST_SUITE_END()
