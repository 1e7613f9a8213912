// SPDX-License-Identifier: MIT
#include <chromatid/backend/cuda/emulator.hpp>
#include <chromatid/backend/cuda/lstm.hpp>

#include <boost/test/unit_test.hpp>

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <tests/support/lstm_direction.hpp>
#include <utility>
#include <vector>

using namespace chromatid;
using test::EmulatedArray;

namespace {

using E = cuda::Emulator;
using Direction = test::LstmDirection;
using DirectionOnDevice = test::LstmDirectionOnDevice;
using test::Masked;

constexpr LstmGeometry geometry(Index batch, Index length, Index inputs, Index units) {
    return {batch, length, inputs, units, 2 * units, 0, false};
}

LstmGeometry towards(LstmGeometry g, bool backwards) {
    g.backwards = backwards;
    g.out_offset = backwards ? g.units : 0;
    return g;
}

/// Both directions over the same input, and what they give in double.
struct Problem {
    std::array<Direction, 2> directions;
    Tensor<double> x, dy, y, dx;

    Problem(const LstmGeometry& g, Masked masked) : Problem(g, masked, test::Draw(11)) {}
    Problem(const LstmGeometry& g, Masked masked, test::Draw draw)
        : directions{Direction(towards(g, false), masked, draw), Direction(towards(g, true), masked, draw)},
          x(draw.array({g.batch, g.length, g.inputs})),
          dy(draw.array({g.batch, g.length, 2 * g.units})),
          y({g.batch, g.length, 2 * g.units}),
          dx({g.batch, g.length, g.inputs}) {}

    const LstmGeometry& g() const { return directions[0].g; }
    template <class Gate>
    void run() {
        for (Direction& d : directions) d.train_plainly<Gate>(x, dy, d.g.backwards, y, dx);
    }
};

/// The arrays of a problem on the emulated device, and the primitives over them: both directions in one call or in two.
struct OnDevice {
    explicit OnDevice(const Problem& p, std::size_t shared_memory = test::large_shared_memory)
        : on(0, shared_memory),
          g(p.g()),
          x(on, p.x),
          dy(on, p.dy),
          y(p.y.size()),
          dx(p.dx.size()),
          directions{DirectionOnDevice(on, p.directions[0]), DirectionOnDevice(on, p.directions[1])} {}

    template <class Precision, class Gate, class Math = ExactMath>
    void infer() {
        const EmulatedArray<float> scratch(2 * g.scratch());
        cuda::bilstm<E, Precision, Gate, Math>(on, g, x.data(), parameters(), y.data(), scratch.data());
    }
    template <class Precision, class Gate>
    void infer_one_by_one() {
        for (const bool backwards : {false, true}) {
            const EmulatedArray<float> scratch(g.scratch());
            const auto p = directions[backwards].parameters();
            cuda::lstm<E, Precision, Gate, ExactMath>(on, one(backwards), x.data(), p.kernel, p.recurrent, p.bias, y.data(),
                                                      scratch.data());
        }
    }
    template <class Precision, class Gate>
    void train(float* to) {
        const EmulatedArray<float> scratch(2 * g.training_scratch()), other(2 * g.training_scratch());
        const std::array masks{directions[0].masks(), directions[1].masks()};
        cuda::bilstm_forward<E, Precision, Gate, ExactMath>(on, g, masks, x.data(), parameters(), y.data(),
                                                            {directions[0].tape.data(), directions[1].tape.data()}, scratch.data());
        cuda::bilstm_backward<E, Precision, Gate, ExactMath>(on, g, masks, parameters(), dy.data(), to,
                                                             {directions[0].gradients(), directions[1].gradients()},
                                                             {directions[0].tape.data(), directions[1].tape.data()}, other.data());
    }
    template <class Precision, class Gate>
    void train_one_by_one() {
        for (const bool backwards : {false, true}) {
            const DirectionOnDevice& d = directions[backwards];
            const EmulatedArray<float> scratch(g.training_scratch()), other(g.training_scratch());
            const auto p = d.parameters();
            const auto dp = d.gradients();
            cuda::lstm_forward<E, Precision, Gate, ExactMath>(on, one(backwards), d.masks(), x.data(), p.kernel, p.recurrent, p.bias,
                                                              y.data(), d.tape.data(), scratch.data());
            cuda::lstm_backward<E, Precision, Gate, ExactMath>(on, one(backwards), d.masks(), p.kernel, p.recurrent, dy.data(), backwards,
                                                               dx.data(), dp.kernel, dp.recurrent, dp.bias, d.tape.data(), other.data());
        }
    }
    /// All results, one after the other.
    std::vector<float> results() {
        std::vector<float> all;
        const auto add = [&](const EmulatedArray<float>& a) {
            const std::vector<float> values = a.on_host(on);
            all.insert(all.end(), values.begin(), values.end());
        };
        add(y);
        add(dx);
        for (const DirectionOnDevice& d : directions)
            for (const auto array : {&d.dkernel, &d.drecurrent, &d.dbias}) add(*array);
        return all;
    }

    E::Context on;
    LstmGeometry g;
    EmulatedArray<float> x, dy, y, dx;
    std::array<DirectionOnDevice, 2> directions;

  private:
    std::array<LstmParameters<const float>, 2> parameters() const { return {directions[0].parameters(), directions[1].parameters()}; }
    LstmGeometry one(bool backwards) const {
        LstmGeometry of = g;
        of.backwards = backwards;
        of.out_offset = backwards ? g.units : 0;
        return of;
    }
};

std::string text(const LstmGeometry& g, Masked masked) {
    return "batch " + std::to_string(g.batch) + ", length " + std::to_string(g.length) + ", inputs " + std::to_string(g.inputs) +
           ", units " + std::to_string(g.units) + ", masked " + std::to_string(static_cast<int>(masked));
}

/// Inference (where nothing is masked) and training against those in double.
template <class Precision, class Gate>
void check(const LstmGeometry& g, Masked masked = Masked::none, std::size_t shared_memory = test::large_shared_memory) {
    BOOST_TEST_INFO_SCOPE(text(g, masked) << ' ' << Precision::name() << ' ' << Gate::name());
    Problem p(g, masked);
    OnDevice device(p, shared_memory);
    p.run<Gate>();
    const double most = test::precision_error<Precision>;
    if (masked == Masked::none) {
        device.infer<Precision, Gate>();
        BOOST_TEST(device.y.error(device.on, p.y) < most);
        device.y = EmulatedArray<float>(p.y.size());
    }
    device.train<Precision, Gate>(device.dx.data());
    BOOST_TEST(device.y.error(device.on, p.y) < most);
    BOOST_TEST(device.dx.error(device.on, p.dx) < most);
    for (const std::size_t i : {0U, 1U}) {
        BOOST_TEST(device.directions[i].dkernel.error(device.on, p.directions[i].dkernel) < most);
        BOOST_TEST(device.directions[i].drecurrent.error(device.on, p.directions[i].drecurrent) < most);
        BOOST_TEST(device.directions[i].dbias.error(device.on, p.directions[i].dbias) < most);
    }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(cuda_lstm)

BOOST_AUTO_TEST_CASE(a_cell_with_open_gates_adds_up_its_candidates_from_either_end) {
    Problem p(geometry(1, 3, 1, 32), Masked::none);
    for (Direction& d : p.directions) {
        d.kernel = Tensor<double>(d.kernel.extents());
        d.recurrent = Tensor<double>(d.recurrent.extents());
        for (Index i = 0; i < 128; ++i) d.bias.data()[i] = i / 32 == 2 ? 0.5 : 2.5;  // hard sigmoid: 1
    }
    const auto check_steps = [&]<class Precision>(Precision) {
        OnDevice device(p);
        device.infer<Precision, HardSigmoid>();
        const std::vector<float> y = device.y.on_host(device.on);
        for (int t = 0; t < 3; ++t)
            for (int i = 0; i < 64; ++i) {
                const int steps = i < 32 ? t + 1 : 3 - t;
                BOOST_TEST(static_cast<double>(y[static_cast<std::size_t>(t * 64 + i)]) == std::tanh(steps * std::tanh(0.5)),
                           boost::test_tools::tolerance(1e-6));
            }
    };
    check_steps(Exact32{});
    check_steps(F16{});
}

BOOST_AUTO_TEST_CASE(a_state_reaches_the_units_that_its_weights_say) {
    Problem p(geometry(2, 2, 1, 64), Masked::none);
    for (Direction& d : p.directions) {
        d.kernel = Tensor<double>(d.kernel.extents());
        d.recurrent = Tensor<double>(d.recurrent.extents());
        for (Index i = 0; i < 256; ++i) d.bias.data()[i] = i / 64 == 2 ? 0.0 : 2.5;
        d.bias.data()[2 * 64 + 5] = 1.0;                  // unit 5 alone has a candidate
        d.recurrent.data()[5 * 256 + 2 * 64 + 50] = 2.0;  // and moves that of unit 50
    }
    const double h = std::tanh(std::tanh(1.0));
    const auto check_units = [&]<class Precision>(Precision, double tolerance) {
        OnDevice device(p);
        device.infer<Precision, HardSigmoid>();
        const std::vector<float> y = device.y.on_host(device.on);
        for (std::size_t u = 0; u < 64; ++u) {
            const double expected = u == 5 ? std::tanh(2 * std::tanh(1.0)) : u == 50 ? std::tanh(std::tanh(2 * h)) : 0.0;
            for (const std::size_t sequence : {0U, 1U}) {
                BOOST_TEST(std::abs(static_cast<double>(y[sequence * 256 + 128 + u]) - expected) < tolerance);
                BOOST_TEST(std::abs(static_cast<double>(y[sequence * 256 + 64 + u]) - expected) < tolerance);
            }
        }
    };
    check_units(Exact32{}, 1e-6);
    check_units(F16{}, 1e-3);
    check_units(BF16{}, 1e-2);
}

BOOST_AUTO_TEST_CASE(float_kernels_are_those_in_double) {
    check<Exact32, Sigmoid>(geometry(1, 1, 3, 32));
    check<Exact32, HardSigmoid>(geometry(7, 13, 3, 32));
    check<Exact32, Sigmoid>(geometry(9, 2, 5, 32), Masked::both);
    check<Exact32, HardSigmoid>(geometry(5, 2, 7, 64), Masked::states);
    check<Exact32, Sigmoid>(geometry(3, 13, 2, 64), Masked::inputs);
    check<Exact32, Sigmoid>(geometry(5, 2, 3, 128));
    check<Exact32, HardSigmoid>(geometry(1, 7, 3, 128), Masked::both);
    check<TF32, Sigmoid>(geometry(5, 4, 7, 32), Masked::both);
}

BOOST_AUTO_TEST_CASE(kernels_on_matrix_units_are_those_in_double) {
    check<F16, Sigmoid>(geometry(1, 1, 3, 32));
    check<F16, HardSigmoid>(geometry(7, 13, 3, 32));
    check<F16, Sigmoid>(geometry(9, 2, 5, 32), Masked::both);
    check<F16, HardSigmoid>(geometry(9, 2, 7, 64), Masked::states);
    check<F16, Sigmoid>(geometry(3, 7, 2, 64), Masked::inputs);
    check<F16, Sigmoid>(geometry(9, 2, 3, 128));
    check<F16, HardSigmoid>(geometry(1, 5, 3, 128), Masked::both);
    check<BF16, Sigmoid>(geometry(9, 3, 5, 32), Masked::both);
    check<BF16, HardSigmoid>(geometry(2, 3, 5, 64));
    check<BF16, Sigmoid>(geometry(1, 2, 5, 128));
}

BOOST_AUTO_TEST_CASE(long_sequences_keep_their_precision) {
    check<Exact32, Sigmoid>(geometry(3, 75, 4, 32), Masked::both);
    check<F16, Sigmoid>(geometry(3, 75, 4, 32), Masked::both);
}

BOOST_AUTO_TEST_CASE(other_sizes_run_too) {
    check<Exact32, Sigmoid>(geometry(3, 5, 4, 7), Masked::both);
    check<F16, HardSigmoid>(geometry(2, 3, 4, 48));
}

BOOST_AUTO_TEST_CASE(devices_with_less_shared_memory_do_without_kernels_that_take_more) {
    check<Exact32, Sigmoid>(geometry(2, 3, 3, 128), Masked::none, test::small_shared_memory);
    check<Exact32, HardSigmoid>(geometry(1, 4, 3, 128), Masked::both, test::small_shared_memory);
    check<F16, Sigmoid>(geometry(2, 3, 3, 128), Masked::both, test::small_shared_memory);
    E::Context on(0, test::small_shared_memory);
    for (const bool training : {false, true}) {
        BOOST_TEST((cuda::detail::takes_lstm_kernels<E, Exact32>(on, geometry(2, 3, 3, 64), training)));
        BOOST_TEST((!cuda::detail::takes_lstm_kernels<E, Exact32>(on, geometry(2, 3, 3, 128), training)));
        BOOST_TEST((cuda::detail::takes_lstm_kernels<E, BF16>(on, geometry(2, 3, 3, 128), training)));
    }
}

BOOST_AUTO_TEST_CASE(both_directions_at_once_have_the_bits_of_one_by_one) {
    const auto check_bits = [&]<class Precision>(Precision, Index units, Masked masked) {
        const Problem p(geometry(3, 4, 5, units), masked);
        OnDevice together(p), one_by_one(p);
        together.train<Precision, Sigmoid>(together.dx.data());
        one_by_one.train_one_by_one<Precision, Sigmoid>();
        BOOST_TEST(together.results() == one_by_one.results(), boost::test_tools::per_element());
        together.infer<Precision, Sigmoid>();
        one_by_one.infer_one_by_one<Precision, Sigmoid>();
        BOOST_TEST(together.y.on_host(together.on) == one_by_one.y.on_host(one_by_one.on), boost::test_tools::per_element());
    };
    check_bits(Exact32{}, 32, Masked::both);
    check_bits(F16{}, 32, Masked::none);
    check_bits(Exact32{}, 3, Masked::states);
}

BOOST_AUTO_TEST_CASE(a_second_run_has_the_same_bits) {
    const auto check_bits = [&]<class Precision>(Precision) {
        const Problem p(geometry(9, 3, 5, 32), Masked::both);
        OnDevice first(p), second(p);
        first.train<Precision, HardSigmoid>(first.dx.data());
        second.train<Precision, HardSigmoid>(second.dx.data());
        BOOST_TEST(first.results() == second.results(), boost::test_tools::per_element());
    };
    check_bits(Exact32{});
    check_bits(F16{});
}

BOOST_AUTO_TEST_CASE(a_sequence_does_not_depend_on_its_neighbours) {
    const auto check_rows = [&]<class Precision>(Precision) {
        const Problem many(geometry(11, 3, 5, 32), Masked::none);
        Problem one = many;
        constexpr Index chosen = 9;
        const auto row = [](const Tensor<double>& a) {
            Tensor<double> r({1, a.extents()[1], a.extents()[2]});
            for (Index i = 0; i < r.size(); ++i) r.data()[i] = a.data()[chosen * r.size() + i];
            return r;
        };
        one.x = row(many.x);
        one.dy = row(many.dy);
        one.y = row(many.y);
        one.dx = row(many.dx);
        for (Direction& d : one.directions) d.g.batch = 1;
        OnDevice all(many), alone(one);
        all.train<Precision, Sigmoid>(all.dx.data());
        alone.train<Precision, Sigmoid>(alone.dx.data());
        const auto check_row = [&](const EmulatedArray<float>& a, const EmulatedArray<float>& b) {
            const std::vector<float> of_all = a.on_host(all.on), of_one = b.on_host(alone.on);
            const auto first = of_all.begin() + chosen * static_cast<Index>(of_one.size());
            BOOST_TEST(std::vector<float>(first, first + static_cast<Index>(of_one.size())) == of_one, boost::test_tools::per_element());
        };
        check_row(all.y, alone.y);
        check_row(all.dx, alone.dx);
    };
    check_rows(Exact32{});
    check_rows(F16{});
}

BOOST_AUTO_TEST_CASE(small_gradients_keep_their_digits_in_half_precision) {
    const auto gradient = [](double scale) {
        Problem p(geometry(2, 5, 3, 32), Masked::none);
        for (double& v : p.dy.span()) v *= scale;
        OnDevice device(p);
        device.train<F16, Sigmoid>(device.dx.data());
        const EmulatedArray<float> scratch(2 * device.g.training_scratch());
        cuda::bilstm_backward<E, F16, Sigmoid, ExactMath>(
            device.on, device.g, {}, {device.directions[0].parameters(), device.directions[1].parameters()}, device.dy.data(), nullptr,
            {device.directions[0].gradients(), device.directions[1].gradients()},
            {device.directions[0].tape.data(), device.directions[1].tape.data()}, scratch.data());
        std::vector<float> dz = scratch.on_host(device.on);  // begins with the gradient before the gate functions
        dz.resize(static_cast<std::size_t>(device.g.batch * device.g.length * 4 * device.g.units));
        for (float& v : dz) v /= static_cast<float>(scale);
        return dz;
    };
    BOOST_TEST(gradient(0x1p-40) == gradient(1.0), boost::test_tools::per_element());
    BOOST_TEST(gradient(0x1p30) == gradient(1.0), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(the_gradient_of_the_input_may_be_left_out) {
    Problem p(geometry(3, 4, 5, 32), Masked::both);
    OnDevice device(p);
    device.train<Exact32, Sigmoid>(nullptr);
    p.run<Sigmoid>();
    BOOST_TEST(device.directions[1].dkernel.error(device.on, p.directions[1].dkernel) < 1e-6);
    for (const float v : device.dx.on_host(device.on)) BOOST_TEST(std::isnan(v));
}

BOOST_AUTO_TEST_CASE(a_recorded_step_gives_the_same_bits) {
    const Problem p(geometry(3, 4, 5, 32), Masked::both);
    OnDevice eager(p), recorded(p);
    const auto step = [](OnDevice& device, float* scratch) {
        cuda::bilstm<E, F16, Sigmoid, FastMath>(device.on, device.g, device.x.data(),
                                                {device.directions[0].parameters(), device.directions[1].parameters()}, device.y.data(),
                                                scratch);
    };
    const EmulatedArray<float> one(2 * eager.g.scratch()), other(2 * eager.g.scratch());
    step(eager, one.data());
    for (int i = 0; i < 3; ++i) recorded.on.graphs().run(recorded.on, 1, [&] { step(recorded, other.data()); });
    BOOST_TEST(eager.y.on_host(eager.on) == recorded.y.on_host(recorded.on), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
