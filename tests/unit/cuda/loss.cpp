// SPDX-License-Identifier: MIT
#include <chromatid/backend/cpu/loss.hpp>
#include <chromatid/backend/cuda/loss.hpp>
#include <chromatid/loss/binary_cross_entropy.hpp>
#include <chromatid/loss/binary_cross_entropy_on_logits.hpp>
#include <chromatid/loss/mean_squared_error.hpp>

#include <tests/support/emulated_array.hpp>

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <vector>

using namespace chromatid;
using test::EmulatedArray;

namespace {

using E = cuda::Emulator;
using Floats = std::vector<float>;

/// Outputs and targets of (rows, columns) on the device, and what a loss makes of them.
struct Outputs {
    Index rows, columns;
    Tensor<float> y, targets;
    E::Context on;
    EmulatedArray<float> on_y, on_targets, dy;
    EmulatedArray<double> sum;

    Outputs(Index r, Index c)
        : rows(r), columns(c), y({r, c}), targets({r, c}), on_y(drawn(y, true)), on_targets(drawn(targets, false)), dy(r * c), sum(1) {}

    /// \return the sum
    template <class Entry>
    double run(const Entry& entry, double scale) {
        cuda::sum_losses<E>(on, rows, columns, entry, on_y.data(), on_targets.data(), scale, dy.data(), sum.data());
        return sum.on_host(on)[0];
    }

  private:
    /// Numbers in (0, 1), or targets: 0, 1, 0.5, and -1 for what takes no part.
    EmulatedArray<float> drawn(Tensor<float>& values, bool outputs) {
        test::Draw draw(outputs ? 10 : 11);
        constexpr float of_targets[] = {0.0F, 1.0F, 0.5F, -1.0F};
        for (float& v : values.span()) v = outputs ? static_cast<float>(0.5 + 0.499 * draw.number()) : of_targets[draw.index(0, 3)];
        return {on, std::span<const float>(values.span())};
    }
};

template <class Entry>
void check(const Entry& entry, Index rows, Index columns) {
    BOOST_TEST_INFO_SCOPE(rows << ' ' << columns);
    Outputs o(rows, columns);
    Floats dy(static_cast<std::size_t>(rows * columns));
    const double wanted = cpu::sum_losses(rows, columns, entry, o.y.data(), o.targets.data(), 0.25, dy.data());
    BOOST_TEST(std::abs(o.run(entry, 0.25) - wanted) <= 1e-12 * std::abs(wanted));
    BOOST_TEST((o.dy.on_host(o.on) == dy));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(cuda_loss)

BOOST_AUTO_TEST_CASE(squares_of_differences_are_added_and_their_slopes_scaled) {
    E::Context on;
    const EmulatedArray<float> y(on, Floats{1, 2, 3}), targets(on, Floats{0, NAN, 5}), dy(3);
    const EmulatedArray<double> sum(1);
    cuda::sum_losses<E>(on, 3, 1, MeanSquaredError::Entry{}, y.data(), targets.data(), 0.5, dy.data(), sum.data());
    BOOST_TEST(sum.on_host(on)[0] == 5.0);
    BOOST_TEST(dy.on_host(on) == (Floats{1, 0, -2}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(the_slope_may_be_left_out) {
    E::Context on;
    const EmulatedArray<float> y(on, Floats{1, 2}), targets(on, Floats{0, 0});
    const EmulatedArray<double> sum(1);
    cuda::sum_losses<E>(on, 2, 1, MeanSquaredError::Entry{}, y.data(), targets.data(), 1.0, nullptr, sum.data());
    BOOST_TEST(sum.on_host(on)[0] == 5.0);
}

BOOST_AUTO_TEST_CASE(no_outputs_have_no_loss) {
    E::Context on;
    const EmulatedArray<float> none(1);
    const EmulatedArray<double> sum(1);
    cuda::sum_losses<E>(on, 0, 1, MeanSquaredError::Entry{}, none.data(), none.data(), 1.0, nullptr, sum.data());
    BOOST_TEST(sum.on_host(on)[0] == 0.0);
}

BOOST_AUTO_TEST_CASE(losses_and_slopes_are_those_of_the_definition) {
    for (const Index rows : {1, 7, 401})
        for (const Index columns : {1, 7}) {
            check(MeanSquaredError::Entry{}, rows, columns);
            check(BinaryCrossEntropy::Entry{}, rows, columns);
            check(BinaryCrossEntropyOnLogits::Entry{}, rows, columns);
        }
    check(BinaryCrossEntropy::Entry{}, 3001, 101);
}

BOOST_AUTO_TEST_CASE(class_weights_of_the_host_go_to_the_device) {
    const std::vector<double> positive{1, 2, 3, 4, 5, 6, 7}, negative{0.5, 0.25, 2, 1, 1, 3, 1};
    check(BinaryCrossEntropy::Entry{{positive.data(), negative.data()}}, 401, 7);
    check(BinaryCrossEntropy::Entry{{positive.data(), nullptr}}, 7, 7);
    check(BinaryCrossEntropyOnLogits::Entry{{nullptr, negative.data()}}, 7, 7);
}

BOOST_AUTO_TEST_CASE(each_run_of_a_recorded_step_has_its_own_scale) {
    Outputs o(7, 3);
    const std::vector<double> positive{1, 2, 3};
    const BinaryCrossEntropy::Entry entry{{positive.data(), nullptr}};
    Floats wanted(21);
    for (const double scale : {1.0, 0.5, 3.0, 0.25}) {
        cpu::sum_losses(7, 3, entry, o.y.data(), o.targets.data(), scale, wanted.data());
        o.on.graphs().run(
            o.on, 1, [&] { cuda::sum_losses<E>(o.on, 7, 3, entry, o.on_y.data(), o.on_targets.data(), scale, o.dy.data(), o.sum.data()); });
        BOOST_TEST(o.dy.on_host(o.on) == wanted, boost::test_tools::per_element());
    }
}

BOOST_AUTO_TEST_SUITE_END()
