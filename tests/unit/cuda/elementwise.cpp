// SPDX-License-Identifier: MIT
#include <chromatid/backend/cuda/elementwise.hpp>
#include <chromatid/core/strand_merge.hpp>

#include <tests/support/emulated_array.hpp>

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <numeric>
#include <span>
#include <vector>

using namespace chromatid;
using test::EmulatedArray;

namespace {

using E = cuda::Emulator;
using Floats = std::vector<float>;

/// Sizes with and without a last few numbers that are not four.
constexpr Index sizes[] = {1, 3, 4, 7, 401, 1024};

/// Where an array begins: at a multiple of 16 bytes or not.
constexpr Index beginnings[] = {0, 1};

/// An array behind `beginning` numbers, as it lies on the device.
struct Shifted {
    Index beginning;
    EmulatedArray<float> array;
    Shifted(E::Context& on, Index from, const Tensor<double>& values) : beginning(from), array(from + values.size()) {
        const Tensor<float> rounded = test::converted<float>(values);
        E::copy_to_device(on, rounded.span().size_bytes(), rounded.data(), data());
    }
    Shifted(E::Context&, Index from, Index size) : beginning(from), array(from + size) {}
    float* data() const { return array.data() + beginning; }
    double error(E::Context& on, const Tensor<double>& reference) const {
        const Floats all = array.on_host(on);
        return test::relative_error(std::span<const float>(all).subspan(static_cast<std::size_t>(beginning)),
                                    std::span<const double>(reference.span()));
    }
};

/// y[i] = f(a[i], b[i], c[i])
template <class F>
Tensor<double> each(const F& f, const Tensor<double>& a, const Tensor<double>& b, const Tensor<double>& c) {
    Tensor<double> y(a.extents());
    for (Index i = 0; i < y.size(); ++i) y.data()[i] = f(a.data()[i], b.data()[i], c.data()[i]);
    return y;
}
template <class F>
Tensor<double> each(const F& f, const Tensor<double>& a, const Tensor<double>& b) {
    return each([&](double x, double y, double) { return f(x, y); }, a, b, a);
}

template <class F>
void check_activation(Index n, Index beginning) {
    BOOST_TEST_INFO_SCOPE(F::name() << ' ' << n << ' ' << beginning);
    E::Context on;
    test::Draw draw(3);
    const Tensor<double> x = draw.array({n}, 4.0), dy = draw.array({n});
    Tensor<double> y = each([](double a, double) { return F::apply(a); }, x, x);
    const Shifted on_x(on, beginning, x), on_y(on, beginning, n), on_dy(on, beginning, dy);
    cuda::activation<E, F>(on, n, on_x.data(), on_y.data());
    BOOST_TEST(on_y.error(on, y) < 1e-6);
    cuda::activation<E, F>(on, n, on_x.data(), on_x.data());
    BOOST_TEST(on_x.error(on, y) < 1e-6);
    const Floats rounded = on_y.array.on_host(on);
    for (Index i = 0; i < n; ++i) y.data()[i] = static_cast<double>(rounded[static_cast<std::size_t>(beginning + i)]);
    cuda::activation_backward<E, F>(on, n, on_y.data(), on_dy.data());
    BOOST_TEST(on_dy.error(on, each([](double v, double d) { return d * F::slope(v); }, y, dy)) < 1e-6);
}

template <class Merge>
void check_merge(Index n, Index beginning) {
    BOOST_TEST_INFO_SCOPE(Merge::name() << ' ' << n << ' ' << beginning);
    E::Context on;
    test::Draw draw(5);
    Tensor<double> forward = draw.array({n}, 0.5), reverse = draw.array({n}, 0.5);
    const Tensor<double> dy = draw.array({n});
    for (Index i = 0; i < n; ++i) {  // probabilities, some of them equal; near 0 and 1 floats hold logits less well
        forward.data()[i] = static_cast<double>(static_cast<float>(0.5 + 0.75 * forward.data()[i]));
        reverse.data()[i] = i % 10 == 7 ? forward.data()[i] : static_cast<double>(static_cast<float>(0.5 + 0.75 * reverse.data()[i]));
    }
    const Shifted on_forward(on, beginning, forward), on_reverse(on, beginning, reverse), on_dy(on, beginning, dy);
    const Shifted y(on, beginning, n), dforward(on, beginning, n), dreverse(on, 0, n);
    cuda::merge_strands<E, Merge>(on, n, on_forward.data(), on_reverse.data(), y.data());
    cuda::merge_strands_backward<E, Merge>(on, n, on_forward.data(), on_reverse.data(), on_dy.data(), dforward.data(), dreverse.data());
    BOOST_TEST(y.error(on, each([](double f, double r) { return Merge::apply(f, r); }, forward, reverse)) < 1e-6);
    const auto to_forward = [](double f, double r, double d) { return d * Merge::slopes(f, r).forward; };
    const auto to_reverse = [](double f, double r, double d) { return d * Merge::slopes(f, r).reverse; };
    BOOST_TEST(dforward.error(on, each(to_forward, forward, reverse, dy)) < 1e-6);
    BOOST_TEST(dreverse.error(on, each(to_reverse, forward, reverse, dy)) < 1e-6);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(cuda_elementwise)

BOOST_AUTO_TEST_CASE(a_bias_is_added_to_each_row_before_the_activation) {
    E::Context on;
    const EmulatedArray<float> bias(on, Floats{1, -2}), y(on, Floats{1, 1, -5, 7, 0, 2});
    cuda::bias_activation<E, ReLU>(on, 3, 2, bias.data(), y.data());
    BOOST_TEST(y.on_host(on) == (Floats{2, 0, 0, 5, 1, 0}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(without_a_bias_there_is_the_activation_alone) {
    E::Context on;
    const EmulatedArray<float> y(on, Floats{1, -2, 3});
    cuda::bias_activation<E, ReLU>(on, 1, 3, nullptr, y.data());
    BOOST_TEST(y.on_host(on) == (Floats{1, 0, 3}), boost::test_tools::per_element());
    cuda::bias_activation<E, Linear>(on, 1, 3, nullptr, y.data());
    BOOST_TEST(y.on_host(on) == (Floats{1, 0, 3}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(biases_of_any_width_and_place) {
    for (const Index columns : {1, 4, 6, 32, 401})
        for (const Index beginning : beginnings) {
            BOOST_TEST_INFO_SCOPE(columns << ' ' << beginning);
            E::Context on;
            test::Draw draw(1);
            const Tensor<double> bias = draw.array({columns}), y = draw.array({7, columns});
            Tensor<double> wanted({7, columns});
            for (Index r = 0; r < 7; ++r)
                for (Index c = 0; c < columns; ++c) wanted(r, c) = std::tanh(y(r, c) + bias(c));
            const Shifted on_bias(on, 0, bias), on_y(on, beginning, y);
            cuda::bias_activation<E, Tanh>(on, 7, columns, on_bias.data(), on_y.data());
            BOOST_TEST(on_y.error(on, wanted) < 1e-6);
        }
}

BOOST_AUTO_TEST_CASE(activations_and_their_gradients) {
    for (const Index n : sizes)
        for (const Index beginning : beginnings) {
            check_activation<ReLU>(n, beginning);
            check_activation<Linear>(n, beginning);
            check_activation<Sigmoid>(n, beginning);
            check_activation<HardSigmoid>(n, beginning);
            check_activation<Tanh>(n, beginning);
        }
}

BOOST_AUTO_TEST_CASE(additions) {
    for (const Index n : sizes)
        for (const Index beginning : beginnings) {
            E::Context on;
            test::Draw draw(2);
            const Tensor<double> x = draw.array({n}), y = draw.array({n});
            const Shifted on_x(on, 0, x), on_y(on, beginning, y);
            cuda::add<E>(on, n, on_x.data(), on_y.data());
            BOOST_TEST(on_y.error(on, each([](double a, double b) { return a + b; }, x, y)) < 1e-6);
        }
}

BOOST_AUTO_TEST_CASE(threads_go_on_where_there_are_more_numbers_than_threads_in_a_grid) {
    constexpr Index n = 4 * cuda::Map<cuda::detail::Add>::most_blocks * cuda::Map<cuda::detail::Add>::threads + 7;
    E::Context on;
    Floats counting(static_cast<std::size_t>(n));
    std::iota(counting.begin(), counting.end(), 0.0F);
    const EmulatedArray<float> x(on, counting), y(on, counting);
    cuda::add<E>(on, n, x.data(), y.data());
    cuda::add<E>(on, n - 1, x.data() + 1, y.data());
    for (float& v : counting) v = 3.0F * v + 1.0F;
    counting.back() -= static_cast<float>(n);
    BOOST_TEST((y.on_host(on) == counting));
}

BOOST_AUTO_TEST_CASE(nothing_is_written_beside_an_array) {
    E::Context on;
    const EmulatedArray<float> x(on, Floats{1, 2, 3, 4, 5, 6, 7, 8}), y(on, Floats(8, -1.0F));
    cuda::activation<E, ReLU>(on, 6, x.data(), y.data());
    BOOST_TEST(y.on_host(on) == (Floats{1, 2, 3, 4, 5, 6, -1, -1}), boost::test_tools::per_element());
    cuda::activation<E, ReLU>(on, 0, x.data(), y.data());
    cuda::add<E>(on, 2, x.data() + 1, y.data() + 6);
    BOOST_TEST(y.on_host(on) == (Floats{1, 2, 3, 4, 5, 6, 1, 2}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(the_larger_strand_gets_the_gradient_and_the_forward_one_of_equals) {
    E::Context on;
    const EmulatedArray<float> forward(on, Floats{1, 2, 3}), reverse(on, Floats{2, 2, 1}), dy(on, Floats{10, 20, 30}), y(3), dforward(3),
        dreverse(3);
    cuda::merge_strands<E, MaxOfStrands>(on, 3, forward.data(), reverse.data(), y.data());
    cuda::merge_strands_backward<E, MaxOfStrands>(on, 3, forward.data(), reverse.data(), dy.data(), dforward.data(), dreverse.data());
    BOOST_TEST(y.on_host(on) == (Floats{2, 2, 3}), boost::test_tools::per_element());
    BOOST_TEST(dforward.on_host(on) == (Floats{0, 20, 30}), boost::test_tools::per_element());
    BOOST_TEST(dreverse.on_host(on) == (Floats{10, 0, 0}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(certain_strands_have_a_finite_logit_and_no_gradient) {
    E::Context on;
    const EmulatedArray<float> forward(on, Floats{1, 0, 1}), reverse(on, Floats{0, 0.5F, 1}), dy(on, Floats{1, 1, 1}), y(3), dforward(3),
        dreverse(3);
    cuda::merge_strands<E, LogitMeanOfStrands>(on, 3, forward.data(), reverse.data(), y.data());
    cuda::merge_strands_backward<E, LogitMeanOfStrands>(on, 3, forward.data(), reverse.data(), dy.data(), dforward.data(), dreverse.data());
    const Floats merged = y.on_host(on), of_reverse = dreverse.on_host(on);
    BOOST_TEST(std::abs(merged[0] - 0.5F) < 1e-6F);
    BOOST_TEST(std::abs(merged[1] - 3.4515e-4F) < 1e-8F);  // odds of sqrt(2^-23 / (1 - 2^-23))
    BOOST_TEST((merged[2] > 0.999999F && merged[2] <= 1.0F));
    BOOST_TEST(dforward.on_host(on) == (Floats{0, 0, 0}), boost::test_tools::per_element());
    BOOST_TEST((of_reverse[0] == 0.0F && of_reverse[1] > 6e-4F && of_reverse[1] < 7e-4F && of_reverse[2] == 0.0F));
}

BOOST_AUTO_TEST_CASE(merges_of_strands_and_their_gradients) {
    for (const Index n : {1, 4, 7, 401})
        for (const Index beginning : beginnings) {
            check_merge<MeanOfStrands>(n, beginning);
            check_merge<MaxOfStrands>(n, beginning);
            check_merge<LogitMeanOfStrands>(n, beginning);
        }
}

BOOST_AUTO_TEST_SUITE_END()
