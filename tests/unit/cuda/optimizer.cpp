// SPDX-License-Identifier: MIT
#include <chromatid/backend/cpu/optimizer.hpp>
#include <chromatid/backend/cuda/optimizer.hpp>

#include <tests/support/emulated_array.hpp>

#include <boost/test/unit_test.hpp>

#include <vector>

using namespace chromatid;
using test::EmulatedArray;

namespace {

using E = cuda::Emulator;
using Floats = std::vector<float>;

constexpr AdamStep<float> adam_step{
    .rate = 0.125F, .beta1 = 0.75F, .beta2 = 0.9375F, .root_scale = 2.0F, .epsilon = 0.0078125F, .decay = 0.03125F, .gradient_scale = 0.5F};

AdamStep<double> in_double(const AdamStep<float>& s) {
    return {s.rate, s.beta1, s.beta2, s.root_scale, s.epsilon, s.decay, s.gradient_scale};
}
SgdStep<double> in_double(const SgdStep<float>& s) { return {s.rate, s.momentum, s.decay, s.gradient_scale, s.nesterov}; }

/// What optimizers keep, in double and on the device.
struct State {
    E::Context on;
    Tensor<double> gradient, p, first, second;
    EmulatedArray<float> on_gradient, on_p, on_first, on_second;

    explicit State(Index n)
        : gradient(drawn(n, 1)),
          p(drawn(n, 2)),
          first(drawn(n, 3)),
          second(drawn(n, 4)),
          on_gradient(on, gradient),
          on_p(on, p),
          on_first(on, first),
          on_second(on, second) {}

  private:
    static Tensor<double> drawn(Index n, std::uint64_t seed) {
        test::Draw draw(seed);
        Tensor<double> a = draw.array({n});
        if (seed == 4)
            for (double& v : a.span()) v = v < 0 ? -v : v;  // a mean of squares
        return a;
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(cuda_optimizer)

BOOST_AUTO_TEST_CASE(one_step_of_adam_by_hand) {
    E::Context on;
    const AdamStep<float> step{
        .rate = 1, .beta1 = 0.5F, .beta2 = 0.75F, .root_scale = 1, .epsilon = 1, .decay = 0.25F, .gradient_scale = 2};
    const EmulatedArray<float> gradient(on, Floats{1}), p(on, Floats{8}), first(on, Floats{2}), second(on, Floats{4});
    cuda::adam<E>(on, 1, step, gradient.data(), p.data(), first.data(), second.data());
    BOOST_TEST(first.on_host(on)[0] == 2.0F);   // 0.5 * 2 + 0.5 * 2
    BOOST_TEST(second.on_host(on)[0] == 4.0F);  // 0.75 * 4 + 0.25 * 4
    BOOST_TEST(p.on_host(on)[0] == 6.0F - 2.0F / 3.0F);
}

BOOST_AUTO_TEST_CASE(one_step_of_descent_by_hand) {
    E::Context on;
    const EmulatedArray<float> gradient(on, Floats{1}), p(on, Floats{8}), velocity(on, Floats{4});
    SgdStep<float> step{.rate = 0.5F, .momentum = 0.75F, .decay = 0.25F, .gradient_scale = 2, .nesterov = false};
    cuda::sgd<E>(on, 1, step, gradient.data(), p.data(), nullptr);
    BOOST_TEST(p.on_host(on)[0] == 5.0F);  // 8 - 2 - 1
    step.decay = 0;
    cuda::sgd<E>(on, 1, step, gradient.data(), p.data(), velocity.data());
    BOOST_TEST(velocity.on_host(on)[0] == 2.0F);  // 3 - 1
    BOOST_TEST(p.on_host(on)[0] == 7.0F);
    step.nesterov = true;
    cuda::sgd<E>(on, 1, step, gradient.data(), p.data(), velocity.data());
    BOOST_TEST(velocity.on_host(on)[0] == 0.5F);  // 1.5 - 1
    BOOST_TEST(p.on_host(on)[0] == 6.375F);       // 7 + 0.375 - 1
}

BOOST_AUTO_TEST_CASE(steps_of_adam_are_those_in_double) {
    for (const Index n : {1, 7, 401, 4096}) {
        BOOST_TEST_INFO_SCOPE(n);
        State s(n);
        for (int step = 0; step < 3; ++step) {
            cpu::adam(n, in_double(adam_step), s.gradient.data(), s.p.data(), s.first.data(), s.second.data());
            cuda::adam<E>(s.on, n, adam_step, s.on_gradient.data(), s.on_p.data(), s.on_first.data(), s.on_second.data());
        }
        BOOST_TEST(s.on_p.error(s.on, s.p) < 1e-6);
        BOOST_TEST(s.on_first.error(s.on, s.first) < 1e-6);
        BOOST_TEST(s.on_second.error(s.on, s.second) < 1e-6);
    }
}

BOOST_AUTO_TEST_CASE(steps_of_descent_are_those_in_double) {
    for (const Index n : {1, 7, 401, 4096})
        for (const bool nesterov : {false, true})
            for (const bool with_velocity : {false, true}) {
                BOOST_TEST_INFO_SCOPE(n << ' ' << nesterov << ' ' << with_velocity);
                State s(n);
                const SgdStep<float> step{
                    .rate = 0.125F, .momentum = 0.875F, .decay = 0.03125F, .gradient_scale = 0.75F, .nesterov = nesterov};
                for (int i = 0; i < 3; ++i) {
                    cpu::sgd(n, in_double(step), s.gradient.data(), s.p.data(), with_velocity ? s.first.data() : nullptr);
                    cuda::sgd<E>(s.on, n, step, s.on_gradient.data(), s.on_p.data(), with_velocity ? s.on_first.data() : nullptr);
                }
                BOOST_TEST(s.on_p.error(s.on, s.p) < 1e-6);
                BOOST_TEST(s.on_first.error(s.on, s.first) < 1e-6);
            }
}

BOOST_AUTO_TEST_CASE(buffers_may_begin_anywhere) {
    State s(401);
    cpu::adam(400, in_double(adam_step), s.gradient.data() + 1, s.p.data() + 1, s.first.data() + 1, s.second.data() + 1);
    cuda::adam<E>(s.on, 400, adam_step, s.on_gradient.data() + 1, s.on_p.data() + 1, s.on_first.data() + 1, s.on_second.data() + 1);
    BOOST_TEST(s.on_p.error(s.on, s.p) < 1e-6);
    BOOST_TEST(s.on_second.error(s.on, s.second) < 1e-6);
}

BOOST_AUTO_TEST_CASE(each_run_of_a_recorded_step_has_its_own_numbers) {
    State s(7);
    for (const float rate : {0.5F, 0.25F, 0.125F, 1.0F}) {
        AdamStep<float> step = adam_step;
        step.rate = rate;
        const SgdStep<float> descent{.rate = rate, .momentum = 0, .decay = 0, .gradient_scale = 1, .nesterov = false};
        cpu::adam(7, in_double(step), s.gradient.data(), s.p.data(), s.first.data(), s.second.data());
        cpu::sgd<double>(7, in_double(descent), s.gradient.data(), s.p.data(), nullptr);
        s.on.graphs().run(s.on, 1, [&] {
            cuda::adam<E>(s.on, 7, step, s.on_gradient.data(), s.on_p.data(), s.on_first.data(), s.on_second.data());
            cuda::sgd<E>(s.on, 7, descent, s.on_gradient.data(), s.on_p.data(), nullptr);
        });
        BOOST_TEST(s.on_p.error(s.on, s.p) < 1e-6);
    }
}

BOOST_AUTO_TEST_SUITE_END()
