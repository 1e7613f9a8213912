// SPDX-License-Identifier: MIT
#include <chromatid/layer/activation.hpp>
#include <chromatid/layer/global_max_pool1d.hpp>
#include <chromatid/layer/lstm.hpp>
#include <chromatid/network/concat.hpp>

#include "tests/support/compare.hpp"
#include "tests/support/factornet.hpp"
#include "tests/support/naive_layers.hpp"
#include "tests/support/run_layer.hpp"

#include <concepts>

using namespace chromatid;
using namespace chromatid::test;

namespace {

/// A strand of FactorNet by the naive layers.
Tensor<double> naive_factornet(const Tensor<double>& x, Index kernels, Index width, Index pool, Index recurrent, Index units,
                               const double* p) {
    Tensor<double> y = naive::conv1d({.filters = kernels, .width = width, .activation = naive::relu}, x, p);
    p += (width * x.extent(2) + 1) * kernels;
    y = naive::dense(kernels, true, naive::relu, y, p);
    p += (kernels + 1) * kernels;
    y = naive::max_pool1d(pool, pool, y);
    y = naive::bilstm(recurrent, naive::hard_sigmoid, y, p);
    p += 2 * naive::lstm_size(kernels, recurrent);
    y = naive::flatten(y);
    const Index features = y.extent(1);
    y = naive::dense(units, true, naive::relu, y, p);
    p += (features + 1) * units;
    return naive::dense(1, true, naive::logistic, y, p);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(sequential)

BOOST_AUTO_TEST_CASE(shapes_pass_from_layer_to_layer) {
    using Net = Sequential<Conv1D<32, 26, ReLU>, Dropout, MaxPool1D<13>, BiLSTM<32>, Flatten, Dense<1>>;
    static_assert(std::same_as<OutputShape<Net, Shape<1000, 6>>, Shape<1>>);
    static_assert(std::same_as<OutputShape<Sequential<Conv1D<dyn, 26>, MaxPool1D<13>>, Shape<1000, 6>>, Shape<75, dyn>>);
    static_assert(is_translation_equivariant<Sequential<Conv1D<3, 2>, Dropout>> && !is_translation_equivariant<Net>);
}

BOOST_AUTO_TEST_CASE(layers_run_one_after_another) {
    Draw draw(1);
    const Tensor<double> x = draw.array({17, 22, 5}), p = draw.array({10000});
    using Net = Sequential<Conv1D<6, 4, ReLU>, Dropout, TimeDistributedDense<6, ReLU>, MaxPool1D<3>, BiLSTM<4, HardSigmoidGates>, Dropout,
                           Flatten, Dense<7, ReLU>, Dropout, Dense<1, Sigmoid>>;
    BOOST_TEST(close(run_layer<double>(Net{}, Shape<22, 5>{}, x, p), naive_factornet(x, 6, 4, 3, 4, 7, p.data()), 1e-12));
    BOOST_TEST(close(run_layer<float>(Net{}, Shape<22, 5>{}, x, p), naive_factornet(x, 6, 4, 3, 4, 7, p.data()), 1e-4));
}

BOOST_AUTO_TEST_CASE(a_layer_in_place_never_writes_to_the_input) {
    Draw draw(2);
    const Tensor<double> x = draw.array({3, 5, 4});
    Tensor<float> input = converted<float>(x), expected = input;
    for (float& v : expected.span()) v = std::max(v, 0.0F);
    const auto check = [&](const auto& net) {
        const Model<std::remove_cvref_t<decltype(net)>, Shape<5, 4>> model(net);
        const Tensor<float> y = model.predict(input);
        BOOST_TEST(y.span() == expected.span(), boost::test_tools::per_element());
        BOOST_TEST(same_bits(input, converted<float>(x)));
    };
    check(Sequential<Activation<ReLU>>{});
    check(Sequential<Dropout, Activation<ReLU>>{});
    check(Sequential<Activation<ReLU>, Dropout, Flatten>{});
    check(Sequential<Sequential<Dropout>, Sequential<Activation<ReLU>>>{});
}

BOOST_AUTO_TEST_CASE(layers_in_place_may_stand_first_between_and_last) {
    Draw draw(3);
    const Tensor<double> x = draw.array({5, 9, 3}), p = draw.array({1000});
    const Tensor<double> conv = naive::conv1d({.filters = 4, .width = 2}, x, p.data());
    Tensor<double> positive = conv;
    for (double& v : positive.span()) v = std::max(v, 0.0);
    const Tensor<double> dense = naive::dense(3, true, naive::linear, positive, p.data() + 28);
    BOOST_TEST(close(run_layer<double>(Sequential<Dropout, Conv1D<4, 2>>{}, Shape<9, 3>{}, x, p), conv, 1e-13));
    BOOST_TEST(close(run_layer<double>(Sequential<Dropout, Conv1D<4, 2>, Flatten>{}, Shape<9, 3>{}, x, p), naive::flatten(conv), 1e-13));
    BOOST_TEST(close(run_layer<double>(Sequential<Conv1D<4, 2>, Activation<ReLU>, Dropout>{}, Shape<9, 3>{}, x, p), positive, 1e-13));
    BOOST_TEST(close(run_layer<double>(
                         Sequential<Dropout, Dropout, Conv1D<4, 2>, Activation<ReLU>, Dropout, TimeDistributedDense<3>, Dropout, Flatten>{},
                         Shape<9, 3>{}, x, p),
                     naive::flatten(dense), 1e-13));
}

BOOST_AUTO_TEST_CASE(many_layers_of_growing_and_shrinking_sizes_share_two_buffers) {
    Draw draw(4);
    const Tensor<double> x = draw.array({20, 6, 2}), p = draw.array({3000});
    using Net = Sequential<TimeDistributedDense<17>, TimeDistributedDense<1>, TimeDistributedDense<40>, Dropout, TimeDistributedDense<2>,
                           LSTM<9>, TimeDistributedDense<33>, TimeDistributedDense<5>>;
    Tensor<double> y = x;
    const double* q = p.data();
    const auto dense = [&](Index units) {
        const Index channels = y.extent(2);
        y = naive::dense(units, true, naive::linear, y, q);
        q += (channels + 1) * units;
    };
    for (const Index units : {17, 1, 40, 2}) dense(units);
    y = naive::lstm(9, naive::logistic, false, y, q);
    q += naive::lstm_size(2, 9);
    for (const Index units : {33, 5}) dense(units);
    BOOST_TEST(close(run_layer<double>(Net{}, Shape<6, 2>{}, x, p), y, 1e-11));
}

BOOST_AUTO_TEST_CASE(a_network_is_a_layer) {
    Draw draw(5);
    const Tensor<double> x = draw.array({4, 12, 3}), p = draw.array({2000});
    using Chain = Sequential<Conv1D<5, 3, ReLU>, Dropout, MaxPool1D<2>, LSTM<4>, Flatten, Dense<2>>;
    using Nested = Sequential<Sequential<Conv1D<5, 3, ReLU>, Dropout>, Sequential<Sequential<MaxPool1D<2>, LSTM<4>>, Flatten>, Dense<2>>;
    BOOST_TEST(same_bits(run_layer<float>(Chain{}, Shape<12, 3>{}, x, p), run_layer<float>(Nested{}, Shape<12, 3>{}, x, p)));
    static_assert(parameter_count(Chain{}, Shape<12, 3>{}) == parameter_count(Nested{}, Shape<12, 3>{}));
}

BOOST_AUTO_TEST_CASE(static_and_dynamic_networks_have_the_same_bits) {
    Draw draw(6);
    const Tensor<double> x = draw.array({21, 22, 5}), p = draw.array({10000});
    BOOST_TEST(same_bits(run_layer<float>(FactorNet<6, 4, 3, 4, 7>{}, Shape<22, 5>{}, x, p),
                         run_layer<float>(dynamic_factornet(6, 4, 3, 4, 7), Shape<dyn, dyn>(22, 5), x, p)));
    BOOST_TEST(same_bits(run_layer<double>(FactorNet<6, 4, 3, 4, 7>{}, Shape<22, 5>{}, x, p),
                         run_layer<double>(dynamic_factornet(6, 4, 3, 4, 7), Shape<dyn, dyn>(22, 5), x, p)));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(concat)

BOOST_AUTO_TEST_CASE(branches_lie_side_by_side_at_each_position) {
    Draw draw(7);
    const Tensor<double> x = draw.array({5, 9, 3}), p = draw.array({200});
    using Net = Concat<Conv1D<4, 3>, Sequential<Conv1D<2, 2, ReLU>, Dropout, MaxPool1D<2, Stride<1>>>>;
    static_assert(std::same_as<OutputShape<Net, Shape<9, 3>>, Shape<7, 6>>);
    static_assert(std::same_as<OutputShape<Net, Shape<dyn, 3>>, Shape<dyn, 6>>);
    const auto second = naive::max_pool1d(2, 1, naive::conv1d({.filters = 2, .width = 2, .activation = naive::relu}, x, p.data() + 40));
    const auto expected = naive::concat(naive::conv1d({.filters = 4, .width = 3}, x, p.data()), second);
    BOOST_TEST(close(run_layer<double>(Net{}, Shape<9, 3>{}, x, p), expected, 1e-13));
    BOOST_TEST(close(run_layer<double>(Net{}, Shape<dyn, dyn>(9, 3), x, p), expected, 1e-13));
    static_assert(parameter_count(Net{}, Shape<9, 3>{}) == 4 * (3 * 3 + 1) + 2 * (2 * 3 + 1));
}

BOOST_AUTO_TEST_CASE(flat_branches_join_too) {
    Draw draw(8);
    const Tensor<double> x = draw.array({18, 7, 2}), p = draw.array({100});
    using Net = Sequential<Concat<GlobalMaxPool1D, Sequential<Flatten, Dense<3>>>, Dense<2>>;
    const auto joined =
        naive::concat(naive::flatten(naive::max_pool1d(7, 1, x)), naive::dense(3, true, naive::linear, naive::flatten(x), p.data()));
    BOOST_TEST(close(run_layer<double>(Net{}, Shape<7, 2>{}, x, p), naive::dense(2, true, naive::linear, joined, p.data() + 45), 1e-12));
}

BOOST_AUTO_TEST_CASE(a_concat_may_stand_within_a_chain_and_a_concat) {
    Draw draw(9);
    const Tensor<double> x = draw.array({3, 6, 2}), p = draw.array({100});
    using Net = Sequential<TimeDistributedDense<2>, Concat<Dropout, Concat<Dropout, TimeDistributedDense<1>>>, Dropout>;
    const auto first = naive::dense(2, true, naive::linear, x, p.data());
    const auto inner = naive::concat(first, naive::dense(1, true, naive::linear, first, p.data() + 6));
    BOOST_TEST(close(run_layer<double>(Net{}, Shape<6, 2>{}, x, p), naive::concat(first, inner), 1e-13));
}

BOOST_AUTO_TEST_CASE(branches_that_read_side_inputs_of_different_widths_are_refused) {
    using Narrow = Sequential<Flatten, SideInput<2>>;
    using Wide = Sequential<Flatten, SideInput<3>>;
    BOOST_CHECK_THROW((Model<Concat<Narrow, Wide>, Shape<4, 2>>()), ShapeError);
    BOOST_CHECK_THROW((Model<Sequential<Flatten, SideInput<2>, SideInput<3>>, Shape<4, 2>>()), ShapeError);
    BOOST_CHECK_NO_THROW((Model<Concat<Narrow, Narrow, Flatten>, Shape<4, 2>>()));
}

BOOST_AUTO_TEST_SUITE_END()
