// SPDX-License-Identifier: MIT
#include <chromatid/backend/cpu/cpu.hpp>
#include <chromatid/optim/adam.hpp>
#include <chromatid/optim/clip_norm.hpp>
#include <chromatid/optim/sgd.hpp>

#include "tests/support/random_arrays.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <limits>
#include <span>
#include <vector>

using namespace chromatid;
using namespace chromatid::test;
namespace tt = boost::test_tools;

namespace {

using F = Cpu<float>;
using D = Cpu<double>;
static_assert(Optimizer<Adam, F> && Optimizer<Sgd, F> && Optimizer<Adam, D>);

using Bits = std::vector<float>;

std::vector<float> random_numbers(std::uint64_t seed, Index n) {
    Draw draw(seed);
    std::vector<float> x(static_cast<std::size_t>(n));
    for (float& v : x) v = static_cast<float>(draw.number());
    return x;
}

/// Steps of an optimizer on fixed gradients in double, on one parameter.
template <class O>
double after(const O& optimizer, double p, std::initializer_list<double> gradients, double scale = 1) {
    D::Context on;
    auto state = optimizer.template state<D>(1);
    for (const double g : gradients) optimizer.template update<D>(on, state, {&p, 1}, {&g, 1}, scale);
    return p;
}

template <class O>
std::vector<float> trained(const O& optimizer, Index threads, Index n, int steps) {
    F::Context on(threads);
    std::vector<float> p = random_numbers(1, n);
    auto state = optimizer.template state<F>(n);
    for (int i = 0; i < steps; ++i) {
        const std::vector<float> g = random_numbers(static_cast<std::uint64_t>(i) + 2, n);
        optimizer.template update<F>(on, state, p, g);
    }
    return p;
}

bool same_bits(const std::vector<float>& a, const std::vector<float>& b) {
    return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(optimizers)

BOOST_AUTO_TEST_CASE(the_first_step_of_adam_is_the_rate) {
    BOOST_TEST(after(Adam{.rate = 0.1}, 1.0, {3.0}) == 0.9, tt::tolerance(1e-7));
    BOOST_TEST(after(Adam{.rate = 0.1}, 1.0, {-3.0}) == 1.1, tt::tolerance(1e-7));
    BOOST_TEST(after(Adam{.rate = 0.1, .form = Adam::Form::standard}, 1.0, {3.0}) == 0.9, tt::tolerance(1e-7));
}

BOOST_AUTO_TEST_CASE(the_forms_of_adam_differ_in_what_epsilon_is_added_to) {
    // g = 1, beta1 = 0.5, beta2 = 0.75, epsilon 1: m = 0.5, v = 0.25
    Adam adam{.rate = 1, .beta1 = 0.5, .beta2 = 0.75, .epsilon = 1};
    // rate * sqrt(0.25) / 0.5 * 0.5 / (0.5 + 1)
    BOOST_TEST(after(adam, 0.0, {1.0}) == -1.0 / 3, tt::tolerance(1e-14));
    // 1 / (1 + 1)
    adam.form = Adam::Form::standard;
    BOOST_TEST(after(adam, 0.0, {1.0}) == -0.5, tt::tolerance(1e-14));
}

BOOST_AUTO_TEST_CASE(two_steps_of_adam_by_hand) {
    // step 1: m 0.5, v 0.25;  step 2, g = 3: m 1.75, v 2.4375, biases 1 - 0.25 and 1 - 0.5625
    const Adam adam{.rate = 0.1, .beta1 = 0.5, .beta2 = 0.75, .epsilon = 0.5};
    const double first = 0.1 * std::sqrt(0.25) / 0.5 * 0.5 / (0.5 + 0.5);
    const double second = 0.1 * std::sqrt(0.4375) / 0.75 * 1.75 / (std::sqrt(2.4375) + 0.5);
    BOOST_TEST(after(adam, 2.0, {1.0, 3.0}) == 2.0 - first - second, tt::tolerance(1e-14));
}

BOOST_AUTO_TEST_CASE(gradient_descent_by_hand) {
    BOOST_TEST(after(Sgd{.rate = 0.5}, 1.0, {2.0, 2.0}) == -1.0);
    // v = -1, p = 0;  v = -0.5 - 1, p = -1.5
    BOOST_TEST(after(Sgd{.rate = 0.5, .momentum = 0.5}, 1.0, {2.0, 2.0}) == -1.5);
    // v = -1, p = 1 - 0.5 - 1 = -0.5;  v = -1.5, p = -0.5 - 0.75 - 1
    BOOST_TEST(after(Sgd{.rate = 0.5, .momentum = 0.5, .nesterov = true}, 1.0, {2.0, 2.0}) == -2.25);
}

BOOST_AUTO_TEST_CASE(weight_decay_is_apart_from_the_gradient) {
    BOOST_TEST(after(Sgd{.rate = 0.5, .weight_decay = 0.5}, 1.0, {0.0}) == 0.75);
    BOOST_TEST(after(Adam{.rate = 0.5, .weight_decay = 0.5}, 1.0, {0.0}) == 0.75);
    BOOST_TEST(after(Sgd{.rate = 0.5, .momentum = 0.9, .weight_decay = 0.5}, 1.0, {0.0, 0.0}) == 0.5625);
}

BOOST_AUTO_TEST_CASE(gradients_are_scaled_before_everything_else) {
    for (const double scale : {0.25, 4.0}) {
        const Adam adam{.epsilon = 0.1};
        const Sgd sgd{.rate = 0.1, .momentum = 0.9};
        BOOST_TEST(after(adam, 1.0, {2.0, 3.0}, scale) == after(adam, 1.0, {2.0 * scale, 3.0 * scale}), tt::tolerance(1e-14));
        BOOST_TEST(after(sgd, 1.0, {2.0, 3.0}, scale) == after(sgd, 1.0, {2.0 * scale, 3.0 * scale}), tt::tolerance(1e-14));
    }
}

/// Largest difference of 40 steps in float from the equations in double.
double off(const Adam& adam) {
    constexpr Index n = 1237;
    constexpr int steps = 40;
    const std::vector<float> got = trained(adam, 1, n, steps);
    const std::vector<float> start = random_numbers(1, n);
    std::vector<double> p(start.begin(), start.end()), m(n), v(n);
    for (int t = 1; t <= steps; ++t) {
        const std::vector<float> g = random_numbers(static_cast<std::uint64_t>(t) + 1, n);
        for (std::size_t i = 0; i < n; ++i) {
            const double slope = static_cast<double>(g[i]);
            m[i] = adam.beta1 * m[i] + (1 - adam.beta1) * slope;
            v[i] = adam.beta2 * v[i] + (1 - adam.beta2) * slope * slope;
            const double c1 = 1 - std::pow(adam.beta1, t), c2 = 1 - std::pow(adam.beta2, t);
            p[i] -= adam.rate * adam.weight_decay * p[i];
            p[i] -= adam.form == Adam::Form::keras1 ? adam.rate * std::sqrt(c2) / c1 * m[i] / (std::sqrt(v[i]) + adam.epsilon)
                                                    : adam.rate * (m[i] / c1) / (std::sqrt(v[i] / c2) + adam.epsilon);
        }
    }
    double worst = 0;
    for (std::size_t i = 0; i < n; ++i) worst = std::max(worst, std::abs(p[i] - static_cast<double>(got[i])));
    return worst;
}

BOOST_AUTO_TEST_CASE(adam_in_float_follows_the_equations_in_double_on_every_instruction_set) {
    for (const cpu::Isa isa : {cpu::Isa::plain, cpu::Isa::avx2, cpu::Isa::avx512}) {
        const cpu::IsaLimit limit(isa);
        BOOST_TEST(off(Adam{}) < 5e-6);
        BOOST_TEST(off(Adam{.rate = 0.01, .weight_decay = 0.1, .form = Adam::Form::standard}) < 5e-6);
    }
}

BOOST_AUTO_TEST_CASE(epsilon_keeps_adam_from_steps_that_no_gradient_asks_for) {
    for (const cpu::Isa isa : {cpu::Isa::plain, cpu::Isa::avx2, cpu::Isa::avx512}) {
        const cpu::IsaLimit limit(isa);
        F::Context on;
        std::vector<float> p(19, 1.0F);
        const std::vector<float> none(19), slight(19, 1e-8F);
        auto state = Adam{}.state<F>(19);
        Adam{}.update<F>(on, state, p, none);
        for (const float v : p) BOOST_TEST(v == 1.0F);
        const Adam coarse{.rate = 0.5, .epsilon = 1e-3};
        state = coarse.state<F>(19);
        coarse.update<F>(on, state, p, slight);  // g / epsilon, far below the rate
        for (const float v : p) BOOST_TEST(std::abs(v - 1.0F) < 1e-3F);
    }
}

BOOST_AUTO_TEST_CASE(adam_gives_the_same_bits_with_registers_of_any_width) {
    std::vector<float> narrow;
    {
        const cpu::IsaLimit limit(cpu::Isa::avx2);
        narrow = trained(Adam{}, 1, 1237, 5);
    }
    if (cpu::isa() != cpu::Isa::plain) BOOST_TEST(same_bits(trained(Adam{}, 1, 1237, 5), narrow));
}

BOOST_AUTO_TEST_CASE(any_number_of_threads_gives_the_same_bits) {
    constexpr Index n = 3 * 16384 + 77;
    const Sgd sgd{.momentum = 0.9, .nesterov = true};
    const std::vector<float> by_adam = trained(Adam{}, 1, n, 3), by_sgd = trained(sgd, 1, n, 3);
    const std::vector<float> g = random_numbers(5, 40 * n);
    F::Context one;
    const double norm = ClipNorm::norm<F>(one, g);
    for (const Index threads : {2, 7}) {
        BOOST_TEST(same_bits(trained(Adam{}, threads, n, 3), by_adam));
        BOOST_TEST(same_bits(trained(sgd, threads, n, 3), by_sgd));
        F::Context on(threads);
        BOOST_TEST(ClipNorm::norm<F>(on, g) == norm);
    }
}

BOOST_AUTO_TEST_CASE(where_the_buffers_lie_does_not_change_a_bit) {
    constexpr Index n = 101;
    const std::vector<float> g = random_numbers(2, n + 8);
    F::Context on;
    Bits first;
    for (std::size_t shift = 0; shift < 8; ++shift) {
        Bits p = random_numbers(1, n + 8);
        auto state = Adam{}.state<F>(n);
        const std::vector<float> start = random_numbers(1, n);
        const std::span<float> at(p.data() + shift, n);
        std::copy(start.begin(), start.end(), at.begin());
        for (int i = 0; i < 5; ++i) Adam{}.update<F>(on, state, at, std::span(g.data(), n));
        if (shift == 0) first.assign(at.begin(), at.end());
        BOOST_TEST(same_bits(Bits(at.begin(), at.end()), first));
    }
}

BOOST_AUTO_TEST_CASE(a_large_norm_is_cut_and_a_small_one_is_left) {
    F::Context on;
    std::vector<float> g(100);
    g[3] = 3;
    g[97] = -4;
    BOOST_TEST(ClipNorm::norm<F>(on, g) == 5.0);
    BOOST_TEST(ClipNorm{10}.scale<F>(on, g) == 1.0);
    BOOST_TEST(ClipNorm{5}.scale<F>(on, g) == 1.0);
    BOOST_TEST(ClipNorm{1}.scale<F>(on, g) == 0.2);
    BOOST_TEST(ClipNorm::norm<F>(on, {}) == 0.0);
    g[0] = std::numeric_limits<float>::quiet_NaN();
    BOOST_TEST(ClipNorm{1}.scale<F>(on, g) == 1.0);
}

BOOST_AUTO_TEST_CASE(the_norm_is_right_for_every_size) {
    F::Context on(2);
    for (const Index n : {1, 7, 8, 9, 4095, 4096, 4097, 64 * 4096 + 1, 300001}) {
        const std::vector<float> g = random_numbers(static_cast<std::uint64_t>(n), n);
        long double sum = 0;
        for (const float v : g) sum += static_cast<long double>(v) * static_cast<long double>(v);
        BOOST_TEST(ClipNorm::norm<F>(on, g) == static_cast<double>(std::sqrt(sum)), tt::tolerance(1e-13));
    }
}

BOOST_AUTO_TEST_CASE(buffers_of_different_lengths_are_refused) {
    F::Context on;
    std::vector<float> p(3), g(2);
    auto state = Adam{}.state<F>(3);
    BOOST_CHECK_THROW(Adam{}.update<F>(on, state, p, g), ShapeError);
    auto short_state = Adam{}.state<F>(2);
    g.resize(3);
    BOOST_CHECK_THROW(Adam{}.update<F>(on, short_state, p, g), ShapeError);
    BOOST_TEST(state.steps == 0);
}

BOOST_AUTO_TEST_CASE(options_are_told_apart_by_their_text) {
    BOOST_TEST(Adam{}.to_text() == Adam{.rate = 0.001}.to_text());
    BOOST_TEST(Adam{}.to_text() != Adam{.beta2 = 0.99}.to_text());
    BOOST_TEST(Sgd{.momentum = 0.9}.to_text() != (Sgd{.momentum = 0.9, .nesterov = true}.to_text()));
}

BOOST_AUTO_TEST_SUITE_END()
