// SPDX-License-Identifier: MIT
#include <chromatid/layer/activation.hpp>
#include <chromatid/layer/conv1d.hpp>
#include <chromatid/layer/dense.hpp>
#include <chromatid/layer/flatten.hpp>
#include <chromatid/layer/time_distributed_dense.hpp>
#include <chromatid/network/sequential.hpp>

#include "tests/support/compare.hpp"
#include "tests/support/gradient_check.hpp"

using namespace chromatid;
using namespace chromatid::test;

namespace {

// Central differences in double reach about 1e-10 here. The seeds leave no ReLU or hard sigmoid within 1e-5 of its kink.
constexpr double tolerance = 1e-8;

template <class... P>
void check_conv1d(Index stride, Index dilation) {
    for (const Index length : {11, 14}) {
        BOOST_TEST_CONTEXT("stride " << stride << ", dilation " << dilation << ", length " << length)
        BOOST_TEST((gradient_error(Conv1D<dyn, dyn, P..., Stride<dyn>, Dilation<dyn>>(5, 3, stride, dilation), Shape<dyn, dyn>(length, 3),
                                   3)) < tolerance);
    }
}

template <class... P>
void check_dense() {
    BOOST_TEST((gradient_error(Dense<5, P...>{}, Shape<7>{}, 3)) < tolerance);
    BOOST_TEST((gradient_error(Dense<dyn, P...>(1), Shape<dyn>(9), 1)) < tolerance);
    BOOST_TEST((gradient_error(TimeDistributedDense<5, P...>{}, Shape<6, 3>{}, 3)) < tolerance);
    BOOST_TEST((gradient_error(TimeDistributedDense<dyn, P...>(3), Shape<dyn, dyn>(1, 5), 2)) < tolerance);
}

using SmallNet = Sequential<Conv1D<5, 3, Stride<2>>, Activation<Tanh>, Flatten, Dense<7, Sigmoid>, Dense<3>>;
using SmallDynamicNet = Sequential<Conv1D<dyn, dyn, Stride<dyn>>, Activation<Tanh>, Flatten, Dense<dyn, Sigmoid>, Dense<dyn>>;
SmallDynamicNet small_dynamic_net() {
    return SmallDynamicNet(Conv1D<dyn, dyn, Stride<dyn>>(5, 3, 2), {}, {}, Dense<dyn, Sigmoid>(7), Dense<dyn>(3));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(gradients)

BOOST_AUTO_TEST_CASE(of_conv1d_static) {
    BOOST_TEST((gradient_error(Conv1D<5, 3>{}, Shape<11, 3>{}, 3)) < tolerance);
    BOOST_TEST((gradient_error(Conv1D<5, 3, Tanh, Stride<2>, Dilation<2>>{}, Shape<13, 3>{}, 2)) < tolerance);
    BOOST_TEST((gradient_error(Conv1D<4, 4, SamePadding, Sigmoid>{}, Shape<9, 2>{}, 1)) < tolerance);
    BOOST_TEST((gradient_error(Conv1D<1, 1>{}, Shape<1, 1>{}, 1)) < tolerance);
}

BOOST_AUTO_TEST_CASE(of_conv1d_with_each_activation) {
    check_conv1d<Linear>(1, 1);
    check_conv1d<ReLU>(1, 1);
    check_conv1d<Sigmoid>(1, 1);
    check_conv1d<HardSigmoid>(1, 1);
    check_conv1d<Tanh>(1, 1);
}

BOOST_AUTO_TEST_CASE(of_conv1d_with_stride_dilation_and_padding) {
    for (const Index stride : {1, 2, 5})
        for (const Index dilation : {1, 2, 4}) {
            check_conv1d<Tanh>(stride, dilation);
            check_conv1d<Tanh, SamePadding>(stride, dilation);
        }
}

BOOST_AUTO_TEST_CASE(of_conv1d_without_bias) {
    check_conv1d<NoBias, Tanh>(2, 1);
    check_conv1d<NoBias, SamePadding>(1, 2);
}

BOOST_AUTO_TEST_CASE(of_conv1d_with_zeros_behind_the_sequence_only) {
    BOOST_TEST((gradient_error(Conv1D<3, 2, SamePadding, Tanh>{}, Shape<5, 2>{}, 3)) < tolerance);
    BOOST_TEST((gradient_error(Conv1D<dyn, dyn, SamePadding, Tanh>(3, 2), Shape<dyn, 2>(1), 3)) < tolerance);
}

BOOST_AUTO_TEST_CASE(of_dense_layers) {
    check_dense<>();
    check_dense<ReLU>();
    check_dense<Sigmoid>();
    check_dense<HardSigmoid>();
    check_dense<Tanh, NoBias>();
}

BOOST_AUTO_TEST_CASE(of_an_activation_layer) {
    BOOST_TEST((gradient_error(Activation<Tanh>{}, Shape<5, 3>{}, 2)) < tolerance);
    BOOST_TEST((gradient_error(Activation<ReLU>{}, Shape<dyn>(9), 2)) < tolerance);
}

BOOST_AUTO_TEST_CASE(of_a_network) {
    BOOST_TEST((gradient_error(SmallNet{}, Shape<11, 3>{}, 3)) < tolerance);
    BOOST_TEST((gradient_error(small_dynamic_net(), Shape<dyn, dyn>(11, 3), 3)) < tolerance);
}

BOOST_AUTO_TEST_CASE(of_a_network_in_a_network) {
    using Nested = Sequential<Sequential<Conv1D<4, 3, Tanh>, TimeDistributedDense<3>>, Sequential<Flatten, Dense<2, Sigmoid>>>;
    BOOST_TEST((gradient_error(Nested{}, Shape<7, 3>{}, 2)) < tolerance);
}

BOOST_AUTO_TEST_CASE(static_and_dynamic_networks_have_the_same_bits) {
    GradientProblem fixed(SmallNet{}, Shape<11, 3>{}, 3, 7);
    GradientProblem dynamic(small_dynamic_net(), Shape<dyn, dyn>(11, 3), 3, 7);
    Tensor<double> a({static_cast<Index>(fixed.model.parameters().size())}), b(a), dxa(fixed.x.extents()), dxb(dxa);
    fixed.backpropagate(a.span(), dxa);
    dynamic.backpropagate(b.span(), dxb);
    BOOST_TEST(same_bits(a, b));
    BOOST_TEST(same_bits(dxa, dxb));
}

BOOST_AUTO_TEST_CASE(forward_gives_the_outputs_of_inference) {
    GradientProblem problem(SmallNet{}, Shape<11, 3>{}, 3, 8);
    Tape<Cpu<double>> tape = problem.model.tape(3);
    Tensor<double> y(problem.weights.extents());
    problem.model.forward(problem.on, problem.x, problem.sides(), y, tape);
    BOOST_TEST(same_bits(y, problem.model.predict(problem.x)));
}

BOOST_AUTO_TEST_CASE(parameter_gradients_add_up_and_input_gradients_do_not) {
    GradientProblem problem(SmallNet{}, Shape<11, 3>{}, 3, 9);
    Tensor<double> once({static_cast<Index>(problem.model.parameters().size())}), twice(once), dx(problem.x.extents()), again(dx);
    problem.backpropagate(once.span(), dx);
    problem.backpropagate(twice.span(), again);
    problem.backpropagate(twice.span(), again);
    BOOST_TEST(same_bits(dx, again));
    for (double& g : once.span()) g *= 2;
    BOOST_TEST(close(once, twice, 1e-13));
}

BOOST_AUTO_TEST_CASE(the_input_gradient_may_be_left_out) {
    GradientProblem problem(SmallNet{}, Shape<11, 3>{}, 3, 10);
    Tensor<double> with({static_cast<Index>(problem.model.parameters().size())}), without(with), dx(problem.x.extents());
    problem.backpropagate(with.span(), dx);
    problem.backpropagate(without.span(), {});
    BOOST_TEST(same_bits(with, without));
}

BOOST_AUTO_TEST_CASE(one_tape_serves_one_batch_after_another) {
    GradientProblem problem(SmallNet{}, Shape<11, 3>{}, 3, 11);
    Tape<Cpu<double>> tape = problem.model.tape(3);
    Tensor<double> y(problem.weights.extents()), fresh({static_cast<Index>(problem.model.parameters().size())}), reused(fresh),
        other(fresh);
    problem.backpropagate(fresh.span(), {});
    const Tensor<double> x = problem.x, elsewhere = Draw(12).array(x.extents());
    for (const Tensor<double>* batch : {&elsewhere, &x}) {
        Tensor<double> dy = problem.weights;
        problem.model.forward(problem.on, *batch, problem.sides(), y, tape);
        problem.model.backward(problem.on, *batch, problem.sides(), y, dy, View<double>{}, (batch == &x ? reused : other).span(), tape);
    }
    BOOST_TEST(same_bits(fresh, reused));
}

BOOST_AUTO_TEST_CASE(layers_say_whether_they_can_be_trained) {
    using B = Cpu<double>;
    static_assert(Trainable<Conv1D<5, 3>, Shape<11, 3>, B> && Trainable<Dense<5>, Shape<11>, B> && Trainable<Flatten, Shape<11, 3>, B>);
    static_assert(Trainable<SmallNet, Shape<11, 3>, B>);
}

BOOST_AUTO_TEST_SUITE_END()
