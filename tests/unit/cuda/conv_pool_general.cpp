// SPDX-License-Identifier: MIT
#include <chromatid/backend/cuda/conv_pool_general.hpp>

#include <boost/test/unit_test.hpp>

#include <array>
#include <cmath>
#include <cstdint>
#include <string>
#include <tests/support/conv_pool_reference.hpp>
#include <tests/support/emulated_array.hpp>
#include <tests/support/emulated_windows.hpp>
#include <tests/support/random_windows.hpp>
#include <vector>

using namespace chromatid;
using test::EmulatedArray;

namespace {

using E = cuda::Emulator;
using Parameters = test::ConvPoolArrays<double>;

constexpr std::uint32_t layer = 3;

/// Parameters or gradients on the emulated device.
struct DeviceParameters {
    DeviceParameters(E::Context& on, const Parameters& p)
        : arrays{EmulatedArray<float>(on, p.kernel), EmulatedArray<float>(on, p.bias), EmulatedArray<float>(on, p.dense_kernel),
                 EmulatedArray<float>(on, p.dense_bias)} {}

    template <class T = float>
    ConvPoolParameters<T> pointers() const {
        return {arrays[0].data(), arrays[1].data(), arrays[2].data(), arrays[3].data()};
    }
    std::array<EmulatedArray<float>, 4> arrays;
};

/// A run over random windows on the emulated device.
struct OnDevice {
    OnDevice(const ConvPoolGeometry& geometry, Index rows, const Parameters& parameters, const Tensor<double>& out_gradient)
        : g(geometry),
          p(on, parameters),
          gradients(on, Parameters(g)),
          dy(on, out_gradient),
          y(rows * g.out_length * g.features()),
          dx(rows * g.length * g.channels),
          tape(cuda::conv_pool_general_tape(g, rows)) {}

    template <class Precision = Exact32>
    void infer(const Windows<float>& x) {
        const EmulatedArray<float> fresh(cuda::conv_pool_general_scratch(g));
        cuda::conv_pool_general<E, Precision>(on, g, x, p.pointers<const float>(), y.data(), fresh.data());
    }
    template <class Precision = Exact32>
    void train(const Windows<float>& x, const Draws& draws, float* to) {
        cuda::conv_pool_general_forward<E, Precision>(on, g, x, draws, layer, p.pointers<const float>(), y.data(), tape.data(),
                                                      scratch.data());
        cuda::conv_pool_general_backward<E, Precision>(on, g, x, draws, layer, p.pointers<const float>(), y.data(), dy.data(), to,
                                                       gradients.pointers(), tape.data(), other_scratch.data());
    }
    /// All that training wrote, one after another.
    std::vector<float> results() {
        std::vector<float> all = y.on_host(on);
        for (const EmulatedArray<float>& a : gradients.arrays)
            for (const float v : a.on_host(on)) all.push_back(v);
        return all;
    }

    E::Context on;
    ConvPoolGeometry g;
    DeviceParameters p, gradients;
    EmulatedArray<float> dy, y, dx, tape, scratch{cuda::conv_pool_general_training_scratch(g)},
        other_scratch{cuda::conv_pool_general_training_scratch(g)};
};

Tensor<double> random_slopes(const ConvPoolGeometry& g, Index rows) { return test::Draw(5).array({rows, g.out_length, g.features()}); }

template <class Precision>
void check_inference(const ConvPoolGeometry& g, Index count, bool both_strands) {
    BOOST_TEST_INFO_SCOPE(test::to_text(g) << ' ' << Precision::name());
    const test::RandomWindows windows(count, g.length, g.channels, 21);
    const Windows<float> x = windows.as_dense(both_strands);
    const Parameters p = test::random_conv_pool_arrays(g, 22);
    const Tensor<double> dy = random_slopes(g, x.rows());
    const test::ConvPoolReference reference(g, test::rows_in_double(x), nullptr, layer, p, dy);
    OnDevice device(g, x.rows(), p, dy);
    const test::EmulatedWindows on_device(device.on, windows, both_strands);
    device.infer<Precision>(on_device.dense());
    BOOST_TEST(device.y.error(device.on, reference.y) < test::precision_error<Precision>);
    if (g.channels < 4) return;
    const std::vector<float> of_dense = device.y.on_host(device.on);
    device.infer<Precision>(on_device.encoded());
    BOOST_TEST(device.y.on_host(device.on) == of_dense, boost::test_tools::per_element());
}

template <class Precision>
void check_training(const ConvPoolGeometry& g, Index count, bool both_strands, Draws draws) {
    BOOST_TEST_INFO_SCOPE(test::to_text(g) << ' ' << Precision::name());
    const test::RandomWindows windows(count, g.length, g.channels, 23);
    const Windows<float> x = windows.as_dense(both_strands);
    const Parameters p = test::random_conv_pool_arrays(g, 24);
    const Tensor<double> dy = random_slopes(g, x.rows());
    const test::ConvPoolReference reference(g, test::rows_in_double(x), &draws, layer, p, dy);
    OnDevice device(g, x.rows(), p, dy);
    const test::EmulatedWindows on_device(device.on, windows, both_strands);
    device.train<Precision>(on_device.dense(), draws, device.dx.data());
    const double most = test::precision_error<Precision>;
    BOOST_TEST(device.y.error(device.on, reference.y) < most);
    BOOST_TEST(device.dx.error(device.on, reference.dx) < most);
    for (std::size_t i = 0; i < 4; ++i) BOOST_TEST(device.gradients.arrays[i].error(device.on, *reference.gradients.all()[i]) < most);
    if (g.channels < 4) return;
    OnDevice other(g, x.rows(), p, dy);
    const test::EmulatedWindows there(other.on, windows, both_strands);
    other.train<Precision>(there.encoded(), draws, nullptr);
    BOOST_TEST(other.results() == device.results(), boost::test_tools::per_element());
}

/// y and dx of one window of one channel, one filter of one tap of weight 1.
struct OneChannel {
    OneChannel(std::vector<float> values, Index window, float bias) {
        const auto length = static_cast<Index>(values.size());
        const ConvPoolGeometry g = test::with_all_bins(
            {.length = length, .channels = 1, .filters = 1, .width = 1, .window = window, .stride = window, .out_length = 0});
        Parameters p(g);
        p.kernel.span()[0] = 1.0;
        p.bias.span()[0] = static_cast<double>(bias);
        Tensor<double> ones({1, g.out_length, 1});
        for (double& v : ones.span()) v = 1.0;
        OnDevice device(g, 1, p, ones);
        const EmulatedArray<float> x(device.on, values);
        device.train({.count = 1, .length = length, .channels = 1, .dense = x.data()}, {}, device.dx.data());
        y = device.y.on_host(device.on);
        dx = device.dx.on_host(device.on);
    }
    std::vector<float> y, dx;
};

using Values = std::vector<float>;

const ConvPoolGeometry two_layers = test::with_all_bins(
    {.length = 41, .channels = 6, .filters = 9, .width = 7, .units = 5, .window = 4, .stride = 4, .out_length = 0});
const ConvPoolGeometry spaced = test::with_all_bins({.length = 37,
                                                     .channels = 5,
                                                     .filters = 4,
                                                     .width = 3,
                                                     .step = 2,
                                                     .dilation = 3,
                                                     .units = 7,
                                                     .window = 3,
                                                     .stride = 1,
                                                     .spacing = 2,
                                                     .out_length = 0});
const ConvPoolGeometry linear = test::with_all_bins(
    {.length = 20, .channels = 3, .filters = 5, .width = 2, .conv_relu = false, .units = 4, .dense_relu = false, .out_length = 0});
const ConvPoolGeometry one_bin = test::with_all_bins(
    {.length = 23, .channels = 4, .filters = 6, .width = 4, .units = 3, .window = 20, .stride = 20, .out_length = 0});

ConvPoolGeometry dropped(ConvPoolGeometry g, float rate) {
    g.dropout = rate;
    return test::with_all_bins(g);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(cuda_conv_pool_general)

BOOST_AUTO_TEST_CASE(the_largest_value_of_a_bin_comes_out_and_takes_the_gradient) {
    const OneChannel run({1, 3, 2, 5, 4, 6}, 3, 0.5F);
    BOOST_TEST(run.y == (Values{3.5F, 6.5F}), boost::test_tools::per_element());
    BOOST_TEST(run.dx == (Values{0, 1, 0, 0, 0, 1}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(the_first_of_equal_values_takes_the_gradient) {
    BOOST_TEST(OneChannel({2, 2, 1, 3, 3, 3}, 3, 0.0F).dx == (Values{1, 0, 0, 1, 0, 0}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(what_relu_holds_back_takes_no_gradient) {
    const OneChannel run({-1, -2, 1, -3}, 2, 0.0F);
    BOOST_TEST(run.y == (Values{0, 1}), boost::test_tools::per_element());
    BOOST_TEST(run.dx == (Values{0, 0, 1, 0}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_remainder_shorter_than_a_bin_is_dropped) {
    const OneChannel run({1, 2, 9}, 2, 0.0F);
    BOOST_TEST(run.y == (Values{2}), boost::test_tools::per_element());
    BOOST_TEST(run.dx == (Values{0, 1, 0}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(inference_is_that_in_double) {
    const std::array geometries{
        two_layers,
        test::with_all_bins({.length = 30, .channels = 4, .filters = 3, .width = 5, .window = 3, .stride = 2, .out_length = 0}),
        spaced,
        linear,
        one_bin,
        test::with_all_bins({.length = 1, .channels = 4, .filters = 1, .width = 1, .out_length = 0}),
    };
    for (const ConvPoolGeometry& g : geometries)
        for (const bool both_strands : {false, true}) check_inference<Exact32>(g, 3, both_strands);
    check_inference<TF32>(geometries[0], 2, true);
    check_inference<F16>(geometries[1], 2, true);
    check_inference<BF16>(geometries[3], 1, false);
}

BOOST_AUTO_TEST_CASE(dropout_counts_in_training_only) {
    const ConvPoolGeometry g = test::with_all_bins(
        {.length = 15, .channels = 4, .filters = 5, .width = 3, .window = 2, .stride = 2, .out_length = 0, .dropout = 0.5F});
    check_inference<Exact32>(g, 2, true);
}

BOOST_AUTO_TEST_CASE(training_is_that_in_double) {
    ConvPoolGeometry overlapping = two_layers, pooled_linear = linear;
    overlapping.window = 5;
    overlapping.stride = 2;
    pooled_linear.window = pooled_linear.stride = 2;
    const std::array geometries{
        two_layers,
        dropped(overlapping, 0.3F),
        dropped({.length = 30, .channels = 4, .filters = 3, .width = 5, .window = 3, .stride = 3, .out_length = 0}, 0.5F),
        dropped({.length = 30, .channels = 5, .filters = 3, .width = 5, .conv_relu = false, .window = 3, .stride = 2, .out_length = 0},
                0.25F),
        dropped(pooled_linear, 0.2F),
        spaced,
        dropped(one_bin, 0.1F),
    };
    const Draws draws{.seed = 99, .step = 4, .first_window = 17, .windows = 3};
    for (const ConvPoolGeometry& g : geometries)
        for (const bool both_strands : {false, true}) check_training<Exact32>(g, 3, both_strands, draws);
    check_training<TF32>(geometries[1], 3, true, draws);
    check_training<F16>(geometries[0], 3, true, draws);
    check_training<BF16>(geometries[4], 3, false, draws);
}

BOOST_AUTO_TEST_CASE(rows_of_an_inner_layer_draw_for_their_strands) {
    const ConvPoolGeometry g = test::with_all_bins(
        {.length = 12, .channels = 3, .filters = 4, .width = 3, .units = 2, .window = 2, .stride = 2, .out_length = 0, .dropout = 0.4F});
    check_training<Exact32>(g, 6, false, {.seed = 5, .step = 1, .first_window = 2, .windows = 3});  // rows 3 to 5: the other strands
}

BOOST_AUTO_TEST_CASE(many_rows_go_in_parts) {
    const ConvPoolGeometry g = test::with_all_bins(
        {.length = 6, .channels = 4, .filters = 3, .width = 2, .units = 2, .window = 2, .stride = 2, .out_length = 0, .dropout = 0.3F});
    check_inference<Exact32>(g, 1100, false);
    check_training<Exact32>(g, 530, true, {.seed = 1, .step = 2, .first_window = 0, .windows = 530});
}

BOOST_AUTO_TEST_CASE(scratch_holds_both_strands_of_the_longest_window) {
    const ConvPoolGeometry g = test::with_all_bins(
        {.length = 1 << 20, .channels = 4, .filters = 64, .width = 1, .window = 1 << 20, .stride = 1 << 20, .out_length = 0});
    BOOST_TEST(cuda::conv_pool_general_scratch(g) >= 2 * g.length * (g.channels + g.filters));
}

BOOST_AUTO_TEST_CASE(parameters_may_lack_biases) {
    const ConvPoolGeometry g =
        test::with_all_bins({.length = 12, .channels = 4, .filters = 3, .width = 2, .units = 2, .window = 2, .stride = 2, .out_length = 0});
    Parameters p = test::random_conv_pool_arrays(g, 3);
    for (Tensor<double>* const bias : {&p.bias, &p.dense_bias})
        for (double& v : bias->span()) v = 0.0;
    const test::RandomWindows windows(2, g.length, g.channels, 4);
    OnDevice with(g, 2, p, random_slopes(g, 2)), without(g, 2, p, random_slopes(g, 2));
    const test::EmulatedWindows x(with.on, windows, false), same(without.on, windows, false);
    with.train(x.dense(), {}, nullptr);
    const auto lacking = [](auto pointers) {
        pointers.bias = pointers.dense_bias = nullptr;
        return pointers;
    };
    cuda::conv_pool_general_forward<E, Exact32>(without.on, g, same.dense(), {}, layer, lacking(without.p.pointers<const float>()),
                                                without.y.data(), without.tape.data(), without.scratch.data());
    cuda::conv_pool_general_backward<E, Exact32>(without.on, g, same.dense(), {}, layer, lacking(without.p.pointers<const float>()),
                                                 without.y.data(), without.dy.data(), nullptr, lacking(without.gradients.pointers()),
                                                 without.tape.data(), without.scratch.data());
    BOOST_TEST(without.y.on_host(without.on) == with.y.on_host(with.on), boost::test_tools::per_element());
    for (const std::size_t i : {0U, 2U})
        BOOST_TEST(without.gradients.arrays[i].on_host(without.on) == with.gradients.arrays[i].on_host(with.on),
                   boost::test_tools::per_element());
    for (const float v : without.gradients.arrays[1].on_host(without.on)) BOOST_TEST(v == 0.0F);
}

BOOST_AUTO_TEST_CASE(gradients_are_added) {
    const ConvPoolGeometry g =
        test::with_all_bins({.length = 12, .channels = 4, .filters = 3, .width = 2, .units = 2, .window = 2, .stride = 2, .out_length = 0});
    const test::RandomWindows windows(2, g.length, g.channels, 4);
    OnDevice device(g, 2, test::random_conv_pool_arrays(g, 3), random_slopes(g, 2));
    const test::EmulatedWindows x(device.on, windows, false);
    device.train(x.dense(), {}, nullptr);
    std::vector<float> once = device.gradients.arrays[0].on_host(device.on);
    device.train(x.dense(), {}, nullptr);
    const std::vector<float> twice = device.gradients.arrays[0].on_host(device.on);
    for (std::size_t i = 0; i < once.size(); ++i) BOOST_TEST(std::abs(twice[i] - 2.0F * once[i]) < 1e-5F);
}

BOOST_AUTO_TEST_CASE(a_recorded_step_draws_anew_each_time) {
    const ConvPoolGeometry g = test::with_all_bins(
        {.length = 14, .channels = 4, .filters = 5, .width = 3, .units = 3, .window = 3, .stride = 3, .out_length = 0, .dropout = 0.5F});
    const test::RandomWindows windows(3, g.length, g.channels, 8);
    const Parameters p = test::random_conv_pool_arrays(g, 9);
    OnDevice eager(g, 6, p, random_slopes(g, 6)), recorded(g, 6, p, random_slopes(g, 6));
    const test::EmulatedWindows x(eager.on, windows, true), same(recorded.on, windows, true);
    std::vector<float> last;
    for (std::uint32_t step = 0; step < 4; ++step) {
        const Draws draws{.seed = 2, .step = step, .first_window = 0, .windows = 3};
        eager.train(x.encoded(), draws, eager.dx.data());
        recorded.on.graphs().run(recorded.on, 1, [&] { recorded.train(same.encoded(), draws, recorded.dx.data()); });
        BOOST_TEST(recorded.results() == eager.results(), boost::test_tools::per_element());
        BOOST_TEST(recorded.dx.on_host(recorded.on) == eager.dx.on_host(eager.on), boost::test_tools::per_element());
        const std::vector<float> y = recorded.y.on_host(recorded.on);
        BOOST_TEST(y != last);
        last = y;
    }
}

BOOST_AUTO_TEST_SUITE_END()
