// SPDX-License-Identifier: MIT
#include <chromatid/layer/activation.hpp>
#include <chromatid/layer/bilstm.hpp>
#include <chromatid/layer/conv1d.hpp>
#include <chromatid/layer/dense.hpp>
#include <chromatid/layer/dropout.hpp>
#include <chromatid/layer/flatten.hpp>
#include <chromatid/layer/global_max_pool1d.hpp>
#include <chromatid/layer/lstm.hpp>
#include <chromatid/layer/max_pool1d.hpp>
#include <chromatid/layer/side_input.hpp>
#include <chromatid/layer/time_distributed_dense.hpp>
#include <chromatid/network/concat.hpp>
#include <chromatid/network/reverse_complement_siamese.hpp>
#include <chromatid/network/sequential.hpp>

#include "tests/support/compare.hpp"
#include "tests/support/gradient_check.hpp"

using namespace chromatid;
using namespace chromatid::test;

namespace {

// Seeds leave no maximum, ReLU or hard sigmoid within 1e-5 of a tie or kink.
constexpr double tolerance = 1e-8;

template <class... P>
void check_lstm(const LstmDropout& dropout) {
    BOOST_TEST_CONTEXT("input " << dropout.input << ", state " << dropout.state) {
        BOOST_TEST((gradient_error(LSTM<3, P...>(dropout), Shape<5, 4>{}, 3)) < tolerance);
        BOOST_TEST((gradient_error(LSTM<dyn, P...>(1, dropout), Shape<dyn, dyn>(7, 2), 1)) < tolerance);
        BOOST_TEST((gradient_error(LSTM<dyn, P...>(5, dropout), Shape<dyn, dyn>(1, 3), 2)) < tolerance);
        BOOST_TEST((gradient_error(BiLSTM<3, P...>(dropout), Shape<5, 4>{}, 3)) < tolerance);
        BOOST_TEST((gradient_error(BiLSTM<dyn, P...>(2, dropout), Shape<dyn, dyn>(6, 5), 2)) < tolerance);
    }
}

template <class... P>
void check_siamese() {
    using Strand = Sequential<Conv1D<3, 4, Tanh>, Flatten, Dense<5, Tanh>, Dense<2, Sigmoid>>;
    BOOST_TEST((gradient_error(ReverseComplementSiamese<Strand, P...>{}, Shape<9, 6>{}, 3)) < tolerance);
    BOOST_TEST((gradient_error(ReverseComplementSiamese<Strand, SwapTracks<0, 1>, P...>{}, Shape<dyn, dyn>(9, 6), 2)) < tolerance);
}

// FactorNet with every kind of layer: metadata, dropout inside and outside the LSTM.
template <class Gates>
using Whole =
    ReverseComplementSiamese<Sequential<Conv1D<5, 4, ReLU>, Dropout, TimeDistributedDense<4, ReLU>, MaxPool1D<3>, BiLSTM<3, Gates>, Dropout,
                                        Flatten, Dense<6, Tanh>, Dropout, SideInput<2>, Dense<5, ReLU>, Dense<2, Sigmoid>>,
                             SwapTracks<0, 1>>;
template <class Gates>
auto whole() {
    return Whole<Gates>(Sequential(Conv1D<5, 4, ReLU>{}, Dropout(0.1F), TimeDistributedDense<4, ReLU>{}, MaxPool1D<3>{},
                                   BiLSTM<3, Gates>(LstmDropout{.input = 0.2F, .state = 0.3F}), Dropout(0.5F), Flatten{}, Dense<6, Tanh>{},
                                   Dropout(0.25F), SideInput<2>{}, Dense<5, ReLU>{}, Dense<2, Sigmoid>{}));
}
auto whole_dynamic() {
    Sequential strand(Conv1D<dyn, dyn, ReLU>(5, 4), Dropout(0.1F), TimeDistributedDense<dyn, ReLU>(4), MaxPool1D<dyn>(3),
                      BiLSTM<dyn, HardSigmoidGates>(3, LstmDropout{.input = 0.2F, .state = 0.3F}), Dropout(0.5F), Flatten{},
                      Dense<dyn, Tanh>(6), Dropout(0.25F), SideInput<dyn>(2), Dense<dyn, ReLU>(5), Dense<dyn, Sigmoid>(2));
    return ReverseComplementSiamese<decltype(strand), SwapTracks<dyn>>(strand, {0, 1});
}

}  // namespace

BOOST_AUTO_TEST_SUITE(gradients_of_networks)

BOOST_AUTO_TEST_CASE(of_max_pooling) {
    BOOST_TEST((gradient_error(MaxPool1D<3>{}, Shape<9, 4>{}, 2)) < tolerance);
    BOOST_TEST((gradient_error(MaxPool1D<3>{}, Shape<11, 70>{}, 2)) < tolerance);          // a remainder
    BOOST_TEST((gradient_error(MaxPool1D<3, Stride<2>>{}, Shape<10, 3>{}, 2)) < tolerance);  // windows overlap
    BOOST_TEST((gradient_error(MaxPool1D<2, Stride<4>>{}, Shape<11, 3>{}, 2)) < tolerance);  // gaps between windows
    BOOST_TEST((gradient_error(MaxPool1D<dyn, Stride<dyn>>(4, 3), Shape<dyn, dyn>(13, 5), 3)) < tolerance);
    BOOST_TEST((gradient_error(GlobalMaxPool1D{}, Shape<7, 5>{}, 3)) < tolerance);
    BOOST_TEST((gradient_error(GlobalMaxPool1D{}, Shape<dyn, dyn>(1, 5), 1)) < tolerance);
}

BOOST_AUTO_TEST_CASE(the_first_of_equal_maxima_takes_the_gradient) {
    Model<MaxPool1D<3>, Shape<7, 1>, Cpu<double>> model;
    Cpu<double>::Context on;
    Tape<Cpu<double>> tape = model.tape(1);
    const std::vector<double> in{0, 2, 2, 5, 5, 5, 9};
    Tensor<double> x({1, 7, 1}), y({1, 2, 1}), dy(y), dx(x);
    std::ranges::copy(in, x.data());
    model.forward(on, x, View<const double>{}, y, tape);
    dy(0, 0, 0) = 7;
    dy(0, 1, 0) = 8;
    model.backward(on, x, View<const double>{}, y, dy, dx, {}, tape);
    BOOST_TEST(dx.span() == (std::vector<double>{0, 7, 0, 8, 0, 0, 0}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(of_lstms) {
    check_lstm<LogisticGates>({});
    check_lstm<HardSigmoidGates>({});
}

BOOST_AUTO_TEST_CASE(of_lstms_with_dropout_within) {
    check_lstm<LogisticGates>({.input = 0.3F});
    check_lstm<LogisticGates>({.state = 0.4F});
    check_lstm<HardSigmoidGates>({.input = 0.5F, .state = 0.25F});
}

BOOST_AUTO_TEST_CASE(of_dropout) {
    BOOST_TEST((gradient_error(Dropout(0.4F), Shape<13, 7>{}, 3)) < tolerance);
    BOOST_TEST((gradient_error(Dropout(0.0F), Shape<dyn>(5), 2)) < tolerance);
    BOOST_TEST((gradient_error(Sequential(Dense<9, Tanh>{}, Dropout(0.5F), Dense<3>{}), Shape<5>{}, 4)) < tolerance);
}

BOOST_AUTO_TEST_CASE(of_side_inputs) {
    BOOST_TEST((gradient_error(SideInput<3>{}, Shape<5>{}, 2)) < tolerance);
    BOOST_TEST((gradient_error(Sequential(Dense<4, Tanh>{}, SideInput<dyn>(2), Dense<3, Tanh>{}, SideInput<dyn>(2), Dense<2>{}), Shape<5>{},
                               3)) < tolerance);
}

BOOST_AUTO_TEST_CASE(of_branches) {
    BOOST_TEST((gradient_error(Concat<Conv1D<3, 3, SamePadding, Tanh>, TimeDistributedDense<2, Tanh>>{}, Shape<7, 4>{}, 3)) < tolerance);
    BOOST_TEST((gradient_error(Concat<Dense<3, Tanh>, Sequential<Dense<4, Sigmoid>, Dropout, Dense<2>>, Activation<Tanh>>{}, Shape<dyn>(5),
                               2)) < tolerance);
    BOOST_TEST((gradient_error(Sequential<Dense<4, Tanh>, Concat<Dense<3, Tanh>, Dense<2>>, Dense<2>>{}, Shape<3>{}, 2)) < tolerance);
}

BOOST_AUTO_TEST_CASE(of_both_strands_for_each_merge) {
    check_siamese<>();
    check_siamese<MaxOfStrands>();
    check_siamese<LogitMeanOfStrands>();
}

BOOST_AUTO_TEST_CASE(of_a_whole_factornet) {
    BOOST_TEST((gradient_error(whole<LogisticGates>(), Shape<17, 6>{}, 3)) < tolerance);
    BOOST_TEST((gradient_error(whole<HardSigmoidGates>(), Shape<17, 6>{}, 2)) < tolerance);
    BOOST_TEST((gradient_error(whole_dynamic(), Shape<dyn, dyn>(19, 6), 2)) < tolerance);
}

BOOST_AUTO_TEST_CASE(of_static_and_dynamic_factornets_have_the_same_bits) {
    GradientProblem fixed(whole<HardSigmoidGates>(), Shape<17, 6>{}, 3, 7);
    GradientProblem dynamic(whole_dynamic(), Shape<dyn, dyn>(17, 6), 3, 7);
    Tensor<double> a({static_cast<Index>(fixed.model.parameters().size())}), b(a), dxa(fixed.x.extents()), dxb(dxa);
    fixed.backpropagate(a.span(), dxa);
    dynamic.backpropagate(b.span(), dxb);
    BOOST_TEST(same_bits(a, b));
    BOOST_TEST(same_bits(dxa, dxb));
}

BOOST_AUTO_TEST_CASE(without_dropout_training_gives_the_outputs_of_inference) {
    const Sequential net(Conv1D<5, 4, ReLU>{}, MaxPool1D<3>{}, BiLSTM<3>{}, Dropout(0.0F), Flatten{}, Dense<2, Sigmoid>{});
    GradientProblem problem(ReverseComplementSiamese<std::remove_const_t<decltype(net)>>(net), Shape<17, 6>{}, 3, 8);
    Tensor<double> y(problem.weights.extents());
    problem.model.forward(problem.on, problem.x, problem.sides(), y, problem.tape);
    BOOST_TEST(close(y, problem.model.predict(problem.x), 1e-14));
}

BOOST_AUTO_TEST_SUITE_END()
