// SPDX-License-Identifier: MIT
#include <chromatid/backend/cpu/conv1d.hpp>
#include <chromatid/backend/cuda/conv1d.hpp>

#include <boost/test/unit_test.hpp>

#include <array>
#include <string>
#include <tests/support/emulated_array.hpp>
#include <vector>

using namespace chromatid;
using test::EmulatedArray;

namespace {

using E = cuda::Emulator;

constexpr Conv1DGeometry geometry(Index batch, Index length, Index channels, Index filters, Index width, Index stride = 1,
                                  Index dilation = 1, Index padding = 0) {
    const Index out_length = (length + 2 * padding - 1 - (width - 1) * dilation) / stride + 1;
    return {batch, length, channels, out_length, filters, width, stride, dilation, padding};
}

std::string text(const Conv1DGeometry& g) {
    std::string s;
    for (const Index n : {g.batch, g.length, g.channels, g.out_length, g.filters, g.width, g.stride, g.dilation, g.padding})
        s += std::to_string(n) + ' ';
    return s;
}

/// Errors of the forward and the backward pass on random numbers.
struct Errors {
    double y, dx, dkernel;
};

template <class Precision>
Errors errors_of(const Conv1DGeometry& g) {
    test::Draw draw(7);
    const Tensor<double> x = draw.array({g.batch, g.length, g.channels}), kernel = draw.array({g.width * g.channels, g.filters});
    const Tensor<double> dy = draw.array({g.batch, g.out_length, g.filters});
    Tensor<double> y(dy.extents()), dx(x.extents()), dkernel = draw.array(kernel.extents());
    E::Context on;
    const EmulatedArray<float> on_x(on, x), on_kernel(on, kernel), on_dy(on, dy), on_dkernel(on, dkernel), on_y(y.size()), on_dx(dx.size());
    cpu::conv1d(g, x.data(), kernel.data(), y.data());
    cpu::conv1d_backward(g, x.data(), kernel.data(), dy.data(), dx.data(), dkernel.data());
    cuda::conv1d<E, Precision>(on, g, on_x.data(), on_kernel.data(), on_y.data());
    cuda::conv1d_backward<E, Precision>(on, g, on_x.data(), on_kernel.data(), on_dy.data(), on_dx.data(), on_dkernel.data());
    return {on_y.error(on, y), on_dx.error(on, dx), on_dkernel.error(on, dkernel)};
}

template <class Precision>
void check(const Conv1DGeometry& g) {
    BOOST_TEST_INFO_SCOPE(text(g) << Precision::name());
    const Errors errors = errors_of<Precision>(g);
    BOOST_TEST(errors.y < test::precision_error<Precision>);
    BOOST_TEST(errors.dx < test::precision_error<Precision>);
    BOOST_TEST(errors.dkernel < test::precision_error<Precision>);
}

/// y of one sample and channel with one filter.
std::vector<float> convolved(const Conv1DGeometry& g, std::vector<float> x, std::vector<float> kernel) {
    E::Context on;
    const EmulatedArray<float> on_x(on, x), on_kernel(on, kernel), y(g.out_length);
    cuda::conv1d<E, Exact32>(on, g, on_x.data(), on_kernel.data(), y.data());
    return y.on_host(on);
}

/// A device that has convolutions of its own, and takes none or all.
template <bool Takes>
struct WithConvolution : E {
    template <class Precision>
    static bool conv1d(Context& on, const Conv1DGeometry& g, const float*, const float*, float* y) {
        if (Takes) E::zero(on, static_cast<std::size_t>(g.out_length) * sizeof(float), y);
        return Takes;
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(cuda_conv1d)

BOOST_AUTO_TEST_CASE(taps_are_multiplied_and_added) {
    BOOST_TEST(convolved(geometry(1, 4, 1, 1, 2), {1, 2, 3, 4}, {1, 10}) == (std::vector<float>{21, 32, 43}),
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(positions_outside_the_sequence_are_zeros) {
    BOOST_TEST(convolved(geometry(1, 3, 1, 1, 3, 1, 1, 1), {1, 2, 3}, {1, 10, 100}) == (std::vector<float>{210, 321, 32}),
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(steps_and_gaps_between_taps_skip_positions) {
    BOOST_TEST(convolved(geometry(1, 7, 1, 1, 2, 2, 3), {1, 2, 3, 4, 5, 6, 7}, {1, 10}) == (std::vector<float>{41, 63}),
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(results_are_those_in_double) {
    constexpr std::array geometries{
        geometry(1, 1, 1, 1, 1),        geometry(3, 41, 6, 17, 7),         geometry(7, 19, 5, 9, 4, 3),
        geometry(2, 37, 3, 8, 5, 1, 4), geometry(3, 23, 4, 7, 6, 2, 3, 5), geometry(2, 9, 7, 5, 9),
        geometry(5, 13, 8, 6, 1),       geometry(4, 11, 3, 2, 1, 2),       geometry(2, 401, 4, 3, 26, 1, 1, 12)};
    for (const Conv1DGeometry& g : geometries) check<Exact32>(g);
    check<TF32>(geometries[1]);
    check<F16>(geometries[4]);
    check<BF16>(geometries[6]);
}

BOOST_AUTO_TEST_CASE(outputs_behind_the_sequence_read_zeros) {
    Conv1DGeometry g = geometry(2, 10, 3, 4, 4, 3);
    g.out_length += 2;
    check<Exact32>(g);
}

BOOST_AUTO_TEST_CASE(positions_that_nothing_reads_have_no_gradient) {
    const Conv1DGeometry g = geometry(2, 11, 2, 3, 2, 5);
    E::Context on;
    test::Draw draw(1);
    const EmulatedArray<float> x(on, draw.array({2, 11, 2})), kernel(on, draw.array({4, 3})), dy(on, draw.array({2, 2, 3}));
    const EmulatedArray<float> dkernel(on, Tensor<double>({4, 3})), dx(44);
    cuda::conv1d_backward<E, Exact32>(on, g, x.data(), kernel.data(), dy.data(), dx.data(), dkernel.data());
    const std::vector<float> values = dx.on_host(on);
    for (std::size_t i = 0; i < values.size(); ++i) BOOST_TEST((values[i] != 0.0F) == (i / 2 % 11 % 5 < 2 && i / 2 % 11 < 7));
}

BOOST_AUTO_TEST_CASE(sizes_beyond_the_workspace_go_in_pieces) {
    const Conv1DGeometry g = geometry(6, 160, 60, 2, 25);
    BOOST_TEST(g.batch * g.out_length * g.width * g.channels > E::Context::workspace_floats);
    BOOST_TEST(E::Context::workspace_floats / (g.width * g.channels) % g.out_length != 0);  // a piece ends within a sample
    check<Exact32>(g);
}

BOOST_AUTO_TEST_CASE(one_output_beyond_the_workspace_is_an_error) {
    E::Context on;
    const Conv1DGeometry g = geometry(1, 1025, 1024, 1, 1025);
    const EmulatedArray<float> none(1);
    BOOST_CHECK_THROW((cuda::conv1d<E, Exact32>(on, g, none.data(), none.data(), none.data())), DeviceError);
}

BOOST_AUTO_TEST_CASE(the_gradient_of_the_input_may_be_left_out) {
    const Conv1DGeometry g = geometry(2, 12, 3, 4, 5);
    E::Context on;
    test::Draw draw(2);
    const Tensor<double> before = draw.array({15, 4});
    const EmulatedArray<float> x(on, draw.array({2, 12, 3})), kernel(on, draw.array({15, 4})), dy(on, draw.array({2, 8, 4}));
    const EmulatedArray<float> dx(72), with(on, before), without(on, before);
    cuda::conv1d_backward<E, Exact32>(on, g, x.data(), kernel.data(), dy.data(), dx.data(), with.data());
    cuda::conv1d_backward<E, Exact32>(on, g, x.data(), kernel.data(), dy.data(), nullptr, without.data());
    BOOST_TEST(with.on_host(on) == without.on_host(on), boost::test_tools::per_element());
    BOOST_TEST(with.error(on, before) > 0.1);
}

BOOST_AUTO_TEST_CASE(a_convolution_of_the_device_is_preferred_where_it_takes_the_sizes) {
    const Conv1DGeometry g = geometry(1, 3, 1, 1, 1);
    E::Context on;
    const EmulatedArray<float> x(on, std::vector<float>{1, 2, 3}), kernel(on, std::vector<float>{2}), y(3);
    cuda::conv1d<WithConvolution<true>, Exact32>(on, g, x.data(), kernel.data(), y.data());
    BOOST_TEST(y.on_host(on) == (std::vector<float>{0, 0, 0}), boost::test_tools::per_element());
    cuda::conv1d<WithConvolution<false>, Exact32>(on, g, x.data(), kernel.data(), y.data());
    BOOST_TEST(y.on_host(on) == (std::vector<float>{2, 4, 6}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
