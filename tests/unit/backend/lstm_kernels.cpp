// SPDX-License-Identifier: MIT
#include <chromatid/backend/cpu/lstm_training.hpp>

#include "tests/support/random_arrays.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

// The kernels against the plain form in double, which is the definition, and against themselves.

using namespace chromatid;

namespace {

constexpr cpu::Isa all_isas[] = {cpu::Isa::plain, cpu::Isa::avx2, cpu::Isa::avx512};

template <class T>
using Numbers = std::vector<T>;

template <class T>
Numbers<T> zeros(Index size) { return Numbers<T>(static_cast<std::size_t>(size)); }

Numbers<float> numbers(test::Draw& draw, Index size, double scale) {
    Numbers<float> x = zeros<float>(size);
    std::generate(x.begin(), x.end(), [&] { return static_cast<float>(scale * draw.number()); });
    return x;
}

template <class T>
Numbers<T> as(const Numbers<float>& x) { return Numbers<T>(x.begin(), x.end()); }

bool same_bits(const Numbers<float>& a, const Numbers<float>& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](float x, float y) { return std::bit_cast<std::uint32_t>(x) == std::bit_cast<std::uint32_t>(y); });
}

enum class Masked { none, input, state, both };

/// One direction with random parameters, inputs, masks and gradients of its output.
struct Problem {
    LstmGeometry g;
    Masked masked;
    Numbers<float> x, kernel, recurrent, bias, dy, input_masks, state_masks, dx;

    Problem(std::uint64_t seed, const LstmGeometry& geometry, Masked m) : g(geometry), masked(m) {
        test::Draw draw(seed);
        x = numbers(draw, g.batch * g.length * g.inputs, 1.0);
        kernel = numbers(draw, g.inputs * 4 * g.units, 2.0 / std::sqrt(static_cast<double>(g.inputs)));
        recurrent = numbers(draw, g.units * 4 * g.units, 1.0 / std::sqrt(static_cast<double>(g.units)));
        bias = numbers(draw, 4 * g.units, 0.5);
        dy = numbers(draw, g.batch * g.length * g.out_channels, 1.0);
        dx = numbers(draw, g.batch * g.length * g.inputs, 1.0);
        for (auto* masks : {&input_masks, &state_masks}) {
            *masks = numbers(draw, g.batch * 4 * (masks == &input_masks ? g.inputs : g.units), 1.0);
            for (float& v : *masks) v = v < -0.5F ? 0.0F : 1.25F;
        }
    }
};

/// Everything that the three functions write.
template <class T>
struct Results {
    Numbers<T> y, y_training, dx, dkernel, drecurrent, dbias;

    std::vector<const Numbers<T>*> all() const { return {&y, &y_training, &dx, &dkernel, &drecurrent, &dbias}; }
};

template <class Gate, class Math, class T>
Results<T> run(const Problem& p, bool add = true) {
    const LstmGeometry& g = p.g;
    const auto x = as<T>(p.x), kernel = as<T>(p.kernel), recurrent = as<T>(p.recurrent), bias = as<T>(p.bias), dy = as<T>(p.dy);
    const auto input_masks = as<T>(p.input_masks), state_masks = as<T>(p.state_masks);
    const bool input = p.masked == Masked::input || p.masked == Masked::both;
    const bool state = p.masked == Masked::state || p.masked == Masked::both;
    const LstmMasks<T> masks{input ? input_masks.data() : nullptr, state ? state_masks.data() : nullptr};
    Results<T> r;
    r.y = r.y_training = Numbers<T>(dy.size(), T{7});
    r.dx = as<T>(p.dx);
    r.dkernel = zeros<T>(g.inputs * 4 * g.units);
    r.drecurrent = zeros<T>(g.units * 4 * g.units);
    r.dbias = zeros<T>(4 * g.units);
    const T untouched = std::numeric_limits<T>::quiet_NaN();  // nothing may be read before it is written
    Numbers<T> scratch(static_cast<std::size_t>(g.scratch()), untouched), tape(static_cast<std::size_t>(g.tape()), untouched);
    cpu::lstm<Gate, Math>(g, x.data(), kernel.data(), recurrent.data(), bias.data(), r.y.data(), scratch.data());
    scratch.assign(static_cast<std::size_t>(g.training_scratch()), untouched);
    cpu::lstm_forward<Gate, Math>(g, masks, x.data(), kernel.data(), recurrent.data(), bias.data(), r.y_training.data(), tape.data(),
                                  scratch.data());
    scratch.assign(scratch.size(), untouched);
    cpu::lstm_backward<Gate, Math>(g, masks, kernel.data(), recurrent.data(), dy.data(), add, r.dx.data(), r.dkernel.data(),
                                   r.drecurrent.data(), r.dbias.data(), tape.data(), scratch.data());
    return r;
}

/// Largest difference, in units of the largest number or of 1.
double distance(const Numbers<float>& a, const Numbers<double>& b) {
    double off = 0.0, largest = 1.0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        const double d = std::abs(static_cast<double>(a[i]) - b[i]);
        off = d <= off ? off : d;  // a NaN is not less
        largest = std::max(largest, std::abs(b[i]));
    }
    return off / largest;
}

template <class Gate, class Math>
void agrees_with_double(const Problem& p, bool add, double tolerance) {
    const Results<double> expected = run<Gate, Math, double>(p, add);
    for (const cpu::Isa isa : all_isas) {
        const cpu::IsaLimit limit(isa);
        const Results<float> got = run<Gate, Math, float>(p, add);
        for (std::size_t i = 0; i < got.all().size(); ++i)
            BOOST_TEST(distance(*got.all()[i], *expected.all()[i]) < tolerance,
                       to_text(isa) << " result " << i << " inputs " << p.g.inputs << " units " << p.g.units << " batch " << p.g.batch
                                    << " length " << p.g.length << " masks " << static_cast<int>(p.masked));
    }
}

template <class F>
void for_random_problems(int count, std::uint64_t seed, const F& f) {
    test::Draw draw(seed);
    for (int i = 0; i < count; ++i) {
        const Index units = draw.index(1, 70), offset = draw.index(0, 3);
        const LstmGeometry g{.batch = draw.index(1, 20), .length = draw.index(1, 9), .inputs = draw.index(1, 70), .units = units,
                             .out_channels = units + offset + draw.index(0, 3), .out_offset = offset, .backwards = i / 4 % 2 == 1};
        f(Problem(seed + static_cast<std::uint64_t>(i), g, static_cast<Masked>(i % 4)));
    }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(lstm_kernels)

BOOST_AUTO_TEST_CASE(two_steps_by_hand) {
    // no weights: with gates of hard_sigmoid i = f = o = 0.5, and c = 0.5 c + 0.5 tanh(1)
    const LstmGeometry g{.batch = 1, .length = 2, .inputs = 1, .units = 1, .out_channels = 1, .out_offset = 0, .backwards = false};
    const float x[] = {3, 4}, weights[] = {0, 0, 0, 0}, bias[] = {0, 0, 1, 0};
    for (const cpu::Isa isa : all_isas) {
        const cpu::IsaLimit limit(isa);
        float y[2];
        Numbers<float> scratch = zeros<float>(g.scratch());
        cpu::lstm<HardSigmoid>(g, x, weights, weights, bias, y, scratch.data());
        const double first = 0.5 * std::tanh(1.0), second = 1.5 * first;
        BOOST_TEST(std::abs(y[0] - 0.5 * std::tanh(first)) < 1e-7);
        BOOST_TEST(std::abs(y[1] - 0.5 * std::tanh(second)) < 1e-7);
    }
}

BOOST_AUTO_TEST_CASE(random_shapes_agree_with_the_plain_form_in_double) {
    for_random_problems(48, 1, [](const Problem& p) {
        agrees_with_double<Sigmoid, ExactMath>(p, true, 4e-6);
        agrees_with_double<HardSigmoid, ExactMath>(p, false, 4e-6);
    });
}

BOOST_AUTO_TEST_CASE(fast_math_is_off_by_little) {
    for_random_problems(12, 100, [](const Problem& p) {
        agrees_with_double<Sigmoid, FastMath>(p, true, 2e-5);
        agrees_with_double<HardSigmoid, FastMath>(p, true, 2e-5);
    });
}

BOOST_AUTO_TEST_CASE(blocks_of_rows_of_a_long_sequence_agree_with_double) {
    // long enough that gates of one tile of rows exceed a block, and short enough that a block holds two tiles
    for (const Index length : {60, 20}) {
        const LstmGeometry g{.batch = 27, .length = length, .inputs = 5, .units = 34, .out_channels = 34, .out_offset = 0,
                             .backwards = false};
        agrees_with_double<Sigmoid, ExactMath>(Problem(7, g, Masked::both), true, 4e-6);
    }
}

BOOST_AUTO_TEST_CASE(channels_of_others_are_left_alone) {
    for_random_problems(8, 200, [](const Problem& p) {
        for (const cpu::Isa isa : all_isas) {
            const cpu::IsaLimit limit(isa);
            const Results<float> got = run<Sigmoid, ExactMath, float>(p);
            for (const auto* y : {&got.y, &got.y_training})
                for (std::size_t i = 0; i < y->size(); ++i) {
                    const Index channel = static_cast<Index>(i) % p.g.out_channels - p.g.out_offset;
                    if (channel < 0 || channel >= p.g.units) BOOST_TEST((*y)[i] == 7.0F);
                }
        }
    });
}

BOOST_AUTO_TEST_CASE(training_without_masks_has_the_bits_of_inference) {
    for_random_problems(8, 300, [](Problem p) {
        p.masked = Masked::none;
        for (const cpu::Isa isa : all_isas) {
            const cpu::IsaLimit limit(isa);
            const Results<float> got = run<Sigmoid, ExactMath, float>(p);
            BOOST_TEST(same_bits(got.y, got.y_training), to_text(isa));
        }
    });
}

BOOST_AUTO_TEST_CASE(a_row_has_the_same_bits_in_any_batch) {
    const LstmGeometry g{.batch = 20, .length = 5, .inputs = 9, .units = 21, .out_channels = 21, .out_offset = 0, .backwards = true};
    const Problem all(11, g, Masked::both);
    for (const cpu::Isa isa : all_isas) {
        const cpu::IsaLimit limit(isa);
        const Results<float> expected = run<Sigmoid, ExactMath, float>(all);
        for (const Index first : {0, 3, 19})
            for (Index batch = 1; first + batch <= g.batch; ++batch) {
                Problem part = all;
                part.g.batch = batch;
                const auto cut = [&](Numbers<float>& v) {
                    const std::ptrdiff_t row = static_cast<std::ptrdiff_t>(v.size()) / g.batch;
                    v = Numbers<float>(v.begin() + first * row, v.begin() + (first + batch) * row);
                };
                for (auto* v : {&part.x, &part.dy, &part.dx, &part.input_masks, &part.state_masks}) cut(*v);
                Results<float> rows = expected;
                for (auto* v : {&rows.y, &rows.y_training, &rows.dx}) cut(*v);
                const Results<float> got = run<Sigmoid, ExactMath, float>(part);
                BOOST_TEST(same_bits(got.y, rows.y), to_text(isa) << " first " << first << " batch " << batch);
                BOOST_TEST(same_bits(got.y_training, rows.y_training), to_text(isa) << " first " << first << " batch " << batch);
                BOOST_TEST(same_bits(got.dx, rows.dx), to_text(isa) << " first " << first << " batch " << batch);
            }
    }
}

BOOST_AUTO_TEST_CASE(avx2_and_avx512_agree_bit_for_bit) {
    for_random_problems(16, 400, [](const Problem& p) {
        const auto with = [&](cpu::Isa isa, auto math) {
            const cpu::IsaLimit limit(isa);
            return run<Sigmoid, decltype(math), float>(p);
        };
        const auto agree = [&](auto math) {
            const Results<float> narrow = with(cpu::Isa::avx2, math), wide = with(cpu::Isa::avx512, math);
            for (std::size_t i = 0; i < narrow.all().size(); ++i) BOOST_TEST(same_bits(*narrow.all()[i], *wide.all()[i]), "result " << i);
        };
        agree(ExactMath{});
        agree(FastMath{});
    });
}

BOOST_AUTO_TEST_CASE(saturated_gates_give_their_limits) {
    const LstmGeometry g{.batch = 7, .length = 3, .inputs = 1, .units = 17, .out_channels = 17, .out_offset = 0, .backwards = false};
    const Numbers<float> kernel(4 * 17, 1.0F), recurrent(17 * 4 * 17, 0.0F), bias(4 * 17, 0.0F);
    Numbers<float> y = zeros<float>(7 * 3 * 17), scratch = zeros<float>(g.scratch());
    for (const cpu::Isa isa : all_isas)
        for (const float size : {1e4F, 1e30F, std::numeric_limits<float>::infinity()}) {
            const cpu::IsaLimit limit(isa);
            cpu::lstm<Sigmoid>(g, Numbers<float>(21, size).data(), kernel.data(), recurrent.data(), bias.data(), y.data(), scratch.data());
            for (std::size_t i = 0; i < y.size(); ++i) BOOST_TEST(std::abs(y[i] - std::tanh(1.0 + static_cast<double>(i / 17 % 3))) < 3e-7);
            cpu::lstm<Sigmoid>(g, Numbers<float>(21, -size).data(), kernel.data(), recurrent.data(), bias.data(), y.data(), scratch.data());
            BOOST_TEST((y == zeros<float>(7 * 3 * 17)));
        }
}

BOOST_AUTO_TEST_CASE(a_nan_of_one_row_stays_there_from_its_step_on) {
    const LstmGeometry g{.batch = 8, .length = 4, .inputs = 3, .units = 18, .out_channels = 18, .out_offset = 0, .backwards = false};
    Problem p(21, g, Masked::none);
    p.x[(5 * 4 + 2) * 3 + 1] = std::numeric_limits<float>::quiet_NaN();
    const auto check = [&](const Numbers<float>& y) {
        for (std::size_t i = 0; i < y.size(); ++i) BOOST_TEST(std::isnan(y[i]) == (i / 18 / 4 == 5 && i / 18 % 4 >= 2));
    };
    for (const cpu::Isa isa : all_isas) {
        const cpu::IsaLimit limit(isa);
        check(run<Sigmoid, ExactMath, float>(p).y);
        check(run<Sigmoid, FastMath, float>(p).y_training);
        check(run<HardSigmoid, ExactMath, float>(p).y_training);
    }
}

BOOST_AUTO_TEST_SUITE_END()
