// SPDX-License-Identifier: MIT
#include <chromatid/backend/cpu/cpu.hpp>

#include "tests/support/random_arrays.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

// The policy of exactness of `Cpu` reaches the LSTM: inference, and training with its gradients.

using namespace chromatid;

namespace {

using Numbers = std::vector<float>;

Numbers numbers(test::Draw& draw, Index size) {
    Numbers x(static_cast<std::size_t>(size));
    std::generate(x.begin(), x.end(), [&] { return static_cast<float>(draw.number()) / 2.0F; });
    return x;
}

struct Results {
    Numbers y, y_training, dx;
};

/// One direction over three rows of six positions.
template <class Math>
Results results() {
    using B = Cpu<float, Math>;
    const LstmGeometry g{.batch = 3, .length = 6, .inputs = 5, .units = 9, .out_channels = 9, .out_offset = 0, .backwards = false};
    test::Draw draw(1);
    const Numbers x = numbers(draw, g.batch * g.length * g.inputs), kernel = numbers(draw, g.inputs * 4 * g.units);
    const Numbers recurrent = numbers(draw, g.units * 4 * g.units), bias = numbers(draw, 4 * g.units);
    const Numbers dy(static_cast<std::size_t>(g.batch * g.length * g.units), 0.01F);
    Results r{dy, dy, x};
    Numbers scratch(static_cast<std::size_t>(std::max(g.scratch(), g.training_scratch()))), tape(static_cast<std::size_t>(g.tape()));
    Numbers dkernel(kernel.size()), drecurrent(recurrent.size()), dbias(bias.size());
    typename B::Context on;
    B::template lstm<Sigmoid>(on, g, x.data(), kernel.data(), recurrent.data(), bias.data(), r.y.data(), scratch.data());
    const LstmMasks<float> masks{nullptr, nullptr};
    B::template lstm_forward<Sigmoid>(on, g, masks, x.data(), kernel.data(), recurrent.data(), bias.data(), r.y_training.data(),
                                      tape.data(), scratch.data());
    B::template lstm_backward<Sigmoid>(on, g, masks, kernel.data(), recurrent.data(), dy.data(), false, r.dx.data(), dkernel.data(),
                                       drecurrent.data(), dbias.data(), tape.data(), scratch.data());
    return r;
}

float largest_difference(const Numbers& a, const Numbers& b) {
    float largest = 0.0F;
    for (std::size_t i = 0; i < a.size(); ++i) largest = std::max(largest, std::abs(a[i] - b[i]));
    return largest;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(math_policy)

BOOST_AUTO_TEST_CASE(fast_math_of_a_backend_is_used_and_off_by_less_than_a_millionth) {
    const Results exact = results<ExactMath>(), fast = results<FastMath>();
    for (const auto part : {&Results::y, &Results::y_training, &Results::dx}) {
        const float off = largest_difference(exact.*part, fast.*part);
        BOOST_TEST(off > 0.0F);
        BOOST_TEST(off < 1e-6F);
    }
}

BOOST_AUTO_TEST_SUITE_END()
