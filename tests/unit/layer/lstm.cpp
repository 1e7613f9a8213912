// SPDX-License-Identifier: MIT
#include <chromatid/layer/bilstm.hpp>
#include <chromatid/layer/lstm.hpp>

#include "tests/support/compare.hpp"
#include "tests/support/naive_layers.hpp"
#include "tests/support/run_layer.hpp"

#include <concepts>

using namespace chromatid;
using namespace chromatid::test;

namespace {

/// One unit, one channel; kernel, recurrent and bias of the gates i, f, c, o.
Tensor<double> one_unit(std::initializer_list<double> numbers) {
    Tensor<double> p({12});
    std::ranges::copy(numbers, p.data());
    return p;
}

Tensor<double> two_steps(double first, double second) {
    Tensor<double> x({1, 2, 1});
    x(0, 0, 0) = first;
    x(0, 1, 0) = second;
    return x;
}

template <class S, class Gates>
void check_random_shapes(naive::Function gate) {
    for (std::uint64_t seed = 0; seed < 15; ++seed) {
        Draw draw(seed);
        const Index batch = draw.index(1, 19), length = draw.index(1, 12), channels = draw.index(1, 9), units = draw.index(1, 11);
        const Shape<dyn, dyn> in(length, channels);
        const Tensor<double> x = draw.array({batch, length, channels}, 2.0);
        const Tensor<double> p = draw.array({2 * naive::lstm_size(channels, units)}, 2.0);
        BOOST_TEST_CONTEXT("batch " << batch << ", input " << to_string(in) << ", units " << units) {
            BOOST_TEST(
                close(run_layer<S>(LSTM<dyn, Gates>(units), in, x, p), naive::lstm(units, gate, false, x, p.data()), rounding<S> * 16));
            BOOST_TEST(close(run_layer<S>(BiLSTM<dyn, Gates>(units), in, x, p), naive::bilstm(units, gate, x, p.data()), rounding<S> * 16));
        }
    }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(lstm)

BOOST_AUTO_TEST_CASE(open_gates_add_up_what_comes_in) {
    // gates far in saturation: i = f = o = 1; the candidate is tanh(x)
    const Tensor<double> p = one_unit({0, 0, 1, 0, 0, 0, 0, 0, 100, 100, 0, 100});
    const auto y = run_layer<double>(LSTM<1, HardSigmoidGates>{}, Shape<2, 1>{}, two_steps(0.5, 0.25), p);
    BOOST_TEST(y(0, 0, 0) == std::tanh(std::tanh(0.5)), boost::test_tools::tolerance(1e-14));
    BOOST_TEST(y(0, 1, 0) == std::tanh(std::tanh(0.5) + std::tanh(0.25)), boost::test_tools::tolerance(1e-14));
}

BOOST_AUTO_TEST_CASE(a_closed_forget_gate_drops_the_past) {
    const Tensor<double> p = one_unit({0, 0, 1, 0, 0, 0, 0, 0, 100, -100, 0, 100});
    const auto y = run_layer<double>(LSTM<1, HardSigmoidGates>{}, Shape<2, 1>{}, two_steps(0.5, 0.25), p);
    BOOST_TEST(y(0, 1, 0) == std::tanh(std::tanh(0.25)), boost::test_tools::tolerance(1e-14));
}

BOOST_AUTO_TEST_CASE(a_closed_input_gate_lets_nothing_in_and_a_closed_output_gate_nothing_out) {
    const Tensor<double> shut_in = one_unit({0, 0, 1, 0, 0, 0, 0, 0, -100, 100, 0, 100});
    const Tensor<double> shut_out = one_unit({0, 0, 1, 0, 0, 0, 0, 0, 100, 100, 0, -100});
    for (const Tensor<double>& p : {shut_in, shut_out}) {
        const auto y = run_layer<double>(LSTM<1, HardSigmoidGates>{}, Shape<2, 1>{}, two_steps(0.5, 0.25), p);
        BOOST_TEST(y(0, 0, 0) == 0.0);
        BOOST_TEST(y(0, 1, 0) == 0.0);
    }
}

BOOST_AUTO_TEST_CASE(the_recurrent_kernel_reads_the_output_of_the_step_before) {
    const Tensor<double> p = one_unit({0, 0, 1, 0, 0, 0, 3, 0, 100, -100, 0, 100});
    const auto y = run_layer<double>(LSTM<1, HardSigmoidGates>{}, Shape<2, 1>{}, two_steps(0.5, 0), p);
    BOOST_TEST(y(0, 1, 0) == std::tanh(std::tanh(3 * std::tanh(std::tanh(0.5)))), boost::test_tools::tolerance(1e-14));
}

BOOST_AUTO_TEST_CASE(gates_are_logistic_unless_said_otherwise) {
    const Tensor<double> p = one_unit({0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 100});
    const double candidate = std::tanh(0.5);
    BOOST_TEST(run_layer<double>(LSTM<1>{}, Shape<2, 1>{}, two_steps(0.5, 0), p)(0, 0, 0) == std::tanh(naive::logistic(1) * candidate),
               boost::test_tools::tolerance(1e-13));
    BOOST_TEST((run_layer<double>(LSTM<1, HardSigmoidGates>{}, Shape<2, 1>{}, two_steps(0.5, 0), p)(0, 0, 0)) == std::tanh(0.7 * candidate),
               boost::test_tools::tolerance(1e-13));
}

BOOST_AUTO_TEST_CASE(the_backward_half_has_read_from_the_end) {
    Draw draw(3);
    const Tensor<double> x = draw.array({2, 7, 3}), p = draw.array({2 * naive::lstm_size(3, 4)});
    Tensor<double> reversed({2, 7, 3}), second({naive::lstm_size(3, 4)});
    for (Index b = 0; b < 2; ++b)
        for (Index t = 0; t < 7; ++t)
            for (Index c = 0; c < 3; ++c) reversed(b, 6 - t, c) = x(b, t, c);
    std::copy_n(p.data() + second.size(), second.size(), second.data());
    const auto y = run_layer<double>(BiLSTM<4>{}, Shape<7, 3>{}, x, p);
    const auto forward = run_layer<double>(LSTM<4>{}, Shape<7, 3>{}, x, p),
               backward = run_layer<double>(LSTM<4>{}, Shape<7, 3>{}, reversed, second);
    for (Index b = 0; b < 2; ++b)
        for (Index t = 0; t < 7; ++t)
            for (Index u = 0; u < 4; ++u) {
                BOOST_TEST(y(b, t, u) == forward(b, t, u), boost::test_tools::tolerance(1e-13));
                BOOST_TEST(y(b, t, 4 + u) == backward(b, 6 - t, u), boost::test_tools::tolerance(1e-13));
            }
}

BOOST_AUTO_TEST_CASE(shapes_and_parameters_are_known_to_the_compiler) {
    static_assert(std::same_as<OutputShape<LSTM<32>, Shape<75, 16>>, Shape<75, 32>>);
    static_assert(std::same_as<OutputShape<BiLSTM<32>, Shape<75, 16>>, Shape<75, 64>>);
    static_assert(std::same_as<OutputShape<BiLSTM<dyn>, Shape<75, 16>>, Shape<75, dyn>>);
    static_assert(parameter_count(LSTM<32>{}, Shape<75, 16>{}) == (16 + 32 + 1) * 4 * 32);
    static_assert(parameter_count(BiLSTM<32>{}, Shape<75, 16>{}) == 2 * (16 + 32 + 1) * 4 * 32);
    static_assert(!is_translation_equivariant<BiLSTM<32>>);
}

BOOST_AUTO_TEST_CASE(random_shapes_agree_with_the_equations) {
    check_random_shapes<double, LogisticGates>(naive::logistic);
    check_random_shapes<double, HardSigmoidGates>(naive::hard_sigmoid);
    check_random_shapes<float, LogisticGates>(naive::logistic);
    check_random_shapes<float, HardSigmoidGates>(naive::hard_sigmoid);
}

BOOST_AUTO_TEST_CASE(static_and_dynamic_sizes_give_the_same_bits) {
    Draw draw(4);
    const Tensor<double> x = draw.array({17, 9, 5}), p = draw.array({2 * naive::lstm_size(5, 7)});
    BOOST_TEST(
        same_bits(run_layer<float>(BiLSTM<7>{}, Shape<9, 5>{}, x, p), run_layer<float>(BiLSTM<dyn>(7), Shape<dyn, dyn>(9, 5), x, p)));
    BOOST_TEST(same_bits(run_layer<float>(LSTM<7>{}, Shape<9, 5>{}, x, p), run_layer<float>(LSTM<dyn>(7), Shape<dyn, dyn>(9, 5), x, p)));
}

BOOST_AUTO_TEST_SUITE_END()
