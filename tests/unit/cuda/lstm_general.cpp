// SPDX-License-Identifier: MIT
#include <chromatid/backend/cuda/lstm_general.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <tests/support/lstm_direction.hpp>
#include <vector>

using namespace chromatid;
using test::EmulatedArray;

namespace {

using E = cuda::Emulator;

using test::Masked;

constexpr LstmGeometry geometry(Index batch, Index length, Index inputs, Index units, bool backwards = false) {
    return {batch, length, inputs, units, units, 0, backwards};
}

std::string text(const LstmGeometry& g, Masked masked) {
    std::string s;
    for (const Index n : {g.batch, g.length, g.inputs, g.units, g.out_channels, g.out_offset}) s += std::to_string(n) + ' ';
    return s + (g.backwards ? "backwards" : "forwards") + " masked " + std::to_string(static_cast<int>(masked));
}

/// One direction with what it reads, and what it gives in double.
struct Problem : test::LstmDirection {
    Tensor<double> x, dy, y, dx;

    Problem(const LstmGeometry& geometry, Masked masked, std::uint64_t seed = 11) : Problem(geometry, masked, test::Draw(seed)) {}
    Problem(const LstmGeometry& geometry, Masked masked, test::Draw draw)
        : LstmDirection(geometry, masked, draw),
          x(draw.array({g.batch, g.length, g.inputs})),
          dy(draw.array({g.batch, g.length, g.out_channels})),
          y(dy.extents()),
          dx(draw.array(x.extents())) {}

    template <class Gate>
    void infer_plainly() {
        LstmDirection::infer_plainly<Gate>(x, y);
    }
    template <class Gate>
    void train_plainly(bool add) {
        LstmDirection::train_plainly<Gate>(x, dy, add, y, dx);
    }
};

/// The arrays of a problem on the emulated device.
struct OnDevice : private test::EmulatedContext, test::LstmDirectionOnDevice {
    using EmulatedContext::on;

    explicit OnDevice(const Problem& p)
        : LstmDirectionOnDevice(on, p),
          g(p.g),
          x(on, p.x),
          dy(on, p.dy),
          dx(on, p.dx),
          y(p.y.size()),
          scratch(g.training_scratch()),
          other_scratch(g.training_scratch()) {}

    template <class Precision, class Gate, class Math = ExactMath>
    void infer() {
        const EmulatedArray<float> fresh(g.scratch());
        cuda::lstm_general<E, Precision, Gate, Math>(on, g, x.data(), kernel.data(), recurrent.data(), bias.data(), y.data(), fresh.data());
    }
    template <class Precision, class Gate>
    void train(bool add, float* to) {
        cuda::lstm_general_forward<E, Precision, Gate, ExactMath>(on, g, masks(), x.data(), kernel.data(), recurrent.data(), bias.data(),
                                                                  y.data(), tape.data(), scratch.data());
        cuda::lstm_general_backward<E, Precision, Gate, ExactMath>(on, g, masks(), kernel.data(), recurrent.data(), dy.data(), add, to,
                                                                   dkernel.data(), drecurrent.data(), dbias.data(), tape.data(),
                                                                   other_scratch.data());
    }

    LstmGeometry g;
    EmulatedArray<float> x, dy, dx, y, scratch, other_scratch;
};

template <class Precision, class Gate>
void check_inference(const LstmGeometry& g) {
    BOOST_TEST_INFO_SCOPE(text(g, Masked::none) << ' ' << Precision::name() << ' ' << Gate::name());
    Problem p(g, Masked::none);
    OnDevice device(p);
    p.infer_plainly<Gate>();
    device.infer<Precision, Gate>();
    BOOST_TEST(device.y.error(device.on, p.y) < test::precision_error<Precision>);
}

template <class Precision, class Gate>
void check_training(const LstmGeometry& g, Masked masked, bool add) {
    BOOST_TEST_INFO_SCOPE(text(g, masked) << ' ' << Precision::name() << ' ' << Gate::name());
    Problem p(g, masked);
    OnDevice device(p);
    p.train_plainly<Gate>(add);
    device.train<Precision, Gate>(add, device.dx.data());
    const double most = test::precision_error<Precision>;
    BOOST_TEST(device.y.error(device.on, p.y) < most);
    BOOST_TEST(device.dx.error(device.on, p.dx) < most);
    BOOST_TEST(device.dkernel.error(device.on, p.dkernel) < most);
    BOOST_TEST(device.drecurrent.error(device.on, p.drecurrent) < most);
    BOOST_TEST(device.dbias.error(device.on, p.dbias) < most);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(cuda_lstm_general)

BOOST_AUTO_TEST_CASE(a_cell_with_open_gates_adds_up_its_candidates) {
    Problem p(geometry(1, 3, 1, 1), Masked::none);
    p.kernel = p.recurrent = Tensor<double>({1, 4});
    p.bias.span()[0] = p.bias.span()[1] = p.bias.span()[3] = 2.5;  // hard sigmoid: 1
    p.bias.span()[2] = 0.5;
    OnDevice device(p);
    device.infer<Exact32, HardSigmoid>();
    const std::vector<float> y = device.y.on_host(device.on);
    for (int step = 0; step < 3; ++step)
        BOOST_TEST(static_cast<double>(y[static_cast<std::size_t>(step)]) == std::tanh((step + 1) * std::tanh(0.5)),
                   boost::test_tools::tolerance(1e-6));
}

BOOST_AUTO_TEST_CASE(a_closed_output_gate_shows_nothing) {
    Problem p(geometry(2, 3, 2, 2), Masked::none);
    p.kernel = Tensor<double>({2, 8});
    p.recurrent = Tensor<double>({2, 8});
    p.bias.span()[6] = p.bias.span()[7] = -2.5;
    OnDevice device(p);
    device.infer<Exact32, HardSigmoid>();
    for (const float y : device.y.on_host(device.on)) BOOST_TEST(y == 0.0F);
}

BOOST_AUTO_TEST_CASE(inference_is_that_in_double) {
    for (const LstmGeometry& g : {geometry(1, 1, 1, 1), geometry(7, 5, 3, 5), geometry(3, 13, 6, 17), geometry(2, 7, 40, 33),
                                  geometry(5, 4, 9, 7, true), geometry(1, 75, 4, 5, true)}) {
        check_inference<Exact32, Sigmoid>(g);
        check_inference<Exact32, HardSigmoid>(g);
    }
    check_inference<TF32, Sigmoid>(geometry(7, 5, 3, 5));
    check_inference<F16, HardSigmoid>(geometry(3, 13, 6, 17));
    check_inference<BF16, Sigmoid>(geometry(5, 4, 9, 7, true));
}

BOOST_AUTO_TEST_CASE(training_is_that_in_double) {
    for (const LstmGeometry& g : {geometry(1, 1, 1, 1), geometry(7, 5, 3, 5), geometry(2, 6, 11, 4, true)})
        for (const Masked masked : {Masked::none, Masked::inputs, Masked::states, Masked::both})
            for (const bool add : {false, true}) {
                check_training<Exact32, Sigmoid>(g, masked, add);
                check_training<Exact32, HardSigmoid>(g, masked, add);
            }
    check_training<Exact32, Sigmoid>(geometry(2, 9, 6, 37), Masked::both, false);
    check_training<TF32, Sigmoid>(geometry(7, 5, 3, 5), Masked::both, false);
    check_training<F16, Sigmoid>(geometry(7, 5, 3, 5), Masked::none, true);
    check_training<BF16, Sigmoid>(geometry(2, 6, 11, 4, true), Masked::both, false);
}

BOOST_AUTO_TEST_CASE(an_output_takes_its_channels_and_no_others) {
    LstmGeometry g = geometry(3, 4, 5, 2, true);
    g.out_channels = 7;
    g.out_offset = 3;
    Problem p(g, Masked::both);
    OnDevice device(p);
    p.train_plainly<Sigmoid>(false);
    device.train<Exact32, Sigmoid>(false, device.dx.data());
    const auto check_output = [&] {
        const std::vector<float> y = device.y.on_host(device.on);
        for (std::size_t i = 0; i < y.size(); ++i) {
            if (i % 7 == 3 || i % 7 == 4) BOOST_TEST(std::abs(static_cast<double>(y[i]) - p.y.span()[i]) < 1e-6);
            else BOOST_TEST(std::isnan(y[i]));
        }
    };
    check_output();
    BOOST_TEST(device.dkernel.error(device.on, p.dkernel) < 1e-6);
    BOOST_TEST(device.dx.error(device.on, p.dx) < 1e-6);
    device.y = EmulatedArray<float>(device.y.size());
    device.infer<Exact32, Sigmoid>();
    p.infer_plainly<Sigmoid>();
    check_output();
}

BOOST_AUTO_TEST_CASE(the_gradient_of_the_input_may_be_left_out) {
    Problem p(geometry(3, 4, 5, 2), Masked::both);
    OnDevice device(p);
    const std::vector<float> before = device.dx.on_host(device.on);
    device.train<Exact32, Sigmoid>(false, nullptr);
    p.train_plainly<Sigmoid>(false);
    BOOST_TEST(device.dkernel.error(device.on, p.dkernel) < 1e-6);
    BOOST_TEST(device.dx.on_host(device.on) == before, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(fast_gates_are_within_their_bound) {
    const auto logistic = [](float x) { return cuda::gate<Sigmoid, FastMath>(x); };
    double tanh_error = 0, logistic_error = 0;
    for (int i = -40000; i <= 40000; ++i) {
        const float x = static_cast<float>(i) / 1000.0F;
        const double exact = static_cast<double>(x);
        tanh_error = std::max(tanh_error, std::abs(static_cast<double>(cuda::cell_tanh<FastMath>(x)) - std::tanh(exact)));
        logistic_error = std::max(logistic_error, std::abs(static_cast<double>(logistic(x)) - 1 / (1 + std::exp(-exact))));
    }
    BOOST_TEST(tanh_error < 4e-7);
    BOOST_TEST(logistic_error < 4e-7);
    BOOST_TEST(cuda::cell_tanh<FastMath>(200.0F) == 1.0F);
    BOOST_TEST(cuda::cell_tanh<FastMath>(-200.0F) == -1.0F);
    BOOST_TEST(logistic(-200.0F) == 0.0F);
    BOOST_TEST(std::isnan(cuda::cell_tanh<FastMath>(std::nanf(""))));
}

BOOST_AUTO_TEST_CASE(fast_math_stays_close_to_exact_math) {
    Problem p(geometry(3, 13, 6, 17), Masked::none);
    OnDevice device(p);
    p.infer_plainly<Sigmoid>();
    device.infer<Exact32, Sigmoid, FastMath>();
    BOOST_TEST(device.y.error(device.on, p.y) < 2e-6);
}

BOOST_AUTO_TEST_CASE(a_recorded_step_gives_the_same_bits) {
    const Problem p(geometry(3, 4, 5, 2), Masked::both);
    OnDevice eager(p), recorded(p);
    for (int step = 0; step < 3; ++step) {
        eager.train<Exact32, Sigmoid>(true, eager.dx.data());
        recorded.on.graphs().run(recorded.on, 1, [&] { recorded.train<Exact32, Sigmoid>(true, recorded.dx.data()); });
        const auto results = [](const OnDevice& d) { return std::array{&d.y, &d.dx, &d.dkernel, &d.drecurrent, &d.dbias}; };
        for (std::size_t i = 0; i < results(eager).size(); ++i)
            BOOST_TEST(results(eager)[i]->on_host(eager.on) == results(recorded)[i]->on_host(recorded.on),
                       boost::test_tools::per_element());
    }
}

BOOST_AUTO_TEST_SUITE_END()
