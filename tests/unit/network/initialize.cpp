// SPDX-License-Identifier: MIT
#include <chromatid/layer/bilstm.hpp>
#include <chromatid/layer/conv1d.hpp>
#include <chromatid/layer/dense.hpp>
#include <chromatid/network/model.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <vector>

using namespace chromatid;

namespace {

double largest(std::span<const double> values) {
    return *std::max_element(values.begin(), values.end(), [](double a, double b) { return std::abs(a) < std::abs(b); });
}

template <class L, AnyShape In>
std::vector<double> initial(const L& layer, const In& in, const char* array, std::uint64_t seed,
                            Initialization habits = Initialization::standard) {
    Model<L, In, Cpu<double>> model(layer, in);
    model.initialize(seed, habits);
    std::vector<double> found;
    model.visit_parameters([&](const std::string& name, const ParameterSpec&, std::span<const double> values) {
        if (name.ends_with(array)) found.assign(values.begin(), values.end());
    });
    return found;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(initialization)

BOOST_AUTO_TEST_CASE(uniform_numbers_fill_their_range_and_no_more) {
    const std::vector<double> kernel = initial(Conv1D<32, 26>{}, Shape<30, 6>{}, "kernel", 1);
    const double limit = std::sqrt(6.0 / (26 * 6 + 26 * 32));
    BOOST_TEST(std::abs(largest(kernel)) <= limit);
    BOOST_TEST(std::abs(largest(kernel)) > 0.99 * limit);
    double sum = 0, squares = 0;
    for (const double v : kernel) sum += v, squares += v * v;
    const auto n = static_cast<double>(kernel.size());
    BOOST_TEST(std::abs(sum / n) < 5 * limit / std::sqrt(3 * n));
    BOOST_TEST(std::abs(squares / n / (limit * limit / 3) - 1) < 0.1);
}

BOOST_AUTO_TEST_CASE(keras_1_takes_other_fans_for_a_convolution) {
    // spec: sqrt(6 / (6 * 32 * (1 + 26))) = 0.0340 where the fans themselves would give 0.0779
    const std::vector<double> kernel = initial(Conv1D<32, 26>{}, Shape<30, 6>{}, "kernel", 1, Initialization::keras1);
    BOOST_TEST(std::abs(largest(kernel)) <= 0.03403);
    BOOST_TEST(std::abs(largest(kernel)) > 0.0337);
    BOOST_TEST(initial(Dense<5>{}, Shape<7>{}, "kernel", 1) == initial(Dense<5>{}, Shape<7>{}, "kernel", 1, Initialization::keras1));
}

BOOST_AUTO_TEST_CASE(each_gate_of_a_recurrent_kernel_is_orthogonal) {
    constexpr Index u = 7;
    const std::vector<double> kernel = initial(BiLSTM<u>{}, Shape<5, 3>{}, "backward_recurrent", 2);
    const auto at = [&](Index row, Index column) { return kernel[static_cast<std::size_t>(row * 4 * u + column)]; };
    for (Index gate = 0; gate < 4; ++gate)
        for (Index a = 0; a < u; ++a)
            for (Index b = 0; b < u; ++b) {
                double rows = 0, columns = 0;
                for (Index i = 0; i < u; ++i) {
                    rows += at(a, gate * u + i) * at(b, gate * u + i);
                    columns += at(i, gate * u + a) * at(i, gate * u + b);
                }
                BOOST_TEST(std::abs(rows - (a == b)) < 1e-12);
                BOOST_TEST(std::abs(columns - (a == b)) < 1e-12);
            }
    BOOST_TEST(at(0, 0) != at(0, u));
}

BOOST_AUTO_TEST_CASE(keras_1_draws_recurrent_kernels_uniformly) {
    const std::vector<double> kernel = initial(BiLSTM<16>{}, Shape<5, 3>{}, "forward_recurrent", 2, Initialization::keras1);
    const double limit = std::sqrt(6.0 / 32);
    BOOST_TEST(std::abs(largest(kernel)) <= limit);
    BOOST_TEST(std::abs(largest(kernel)) > 0.98 * limit);
}

BOOST_AUTO_TEST_CASE(the_forget_gate_starts_open) {
    const std::vector<double> bias = initial(BiLSTM<2>{}, Shape<5, 3>{}, "forward_bias", 3);
    BOOST_REQUIRE_EQUAL(bias.size(), 8U);
    for (std::size_t i = 0; i < bias.size(); ++i) BOOST_TEST(bias[i] == (i / 2 == 1 ? 1.0 : 0.0));
}

BOOST_AUTO_TEST_CASE(a_seed_gives_one_network) {
    for (const Initialization habits : {Initialization::standard, Initialization::keras1}) {
        const auto recurrent = [&](std::uint64_t seed) { return initial(BiLSTM<4>{}, Shape<5, 3>{}, "forward_recurrent", seed, habits); };
        BOOST_TEST(recurrent(4) == recurrent(4));
        BOOST_TEST((recurrent(4) != recurrent(5)));
    }
}

BOOST_AUTO_TEST_SUITE_END()
