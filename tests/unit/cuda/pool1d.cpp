// SPDX-License-Identifier: MIT
#include <chromatid/backend/cpu/pool1d.hpp>
#include <chromatid/backend/cuda/pool1d.hpp>

#include <tests/support/emulated_array.hpp>

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

using namespace chromatid;
using test::EmulatedArray;

namespace {

using E = cuda::Emulator;
using Floats = std::vector<float>;

constexpr Pool1DGeometry geometry(Index batch, Index length, Index channels, Index window, Index stride) {
    return {batch, length, channels, (length - window) / stride + 1, window, stride};
}

/// Maxima and gradients are the numbers of the plain definition, bit by bit; few different values, so that many rows share a maximum.
void check(const Pool1DGeometry& g) {
    std::string sizes;
    for (const Index n : {g.batch, g.length, g.channels, g.window, g.stride}) sizes += std::to_string(n) + ' ';
    BOOST_TEST_INFO_SCOPE(sizes);
    test::Draw draw(9);
    const Index in = g.batch * g.length * g.channels, out = g.batch * g.out_length * g.channels;
    Floats x(static_cast<std::size_t>(in)), y(static_cast<std::size_t>(out)), dy(y.size()), dx(x.size());
    for (float& v : x) v = static_cast<float>(draw.index(-9, 9));
    for (float& v : dy) v = static_cast<float>(draw.index(-1000, 1000));
    cpu::max_pool1d(g, x.data(), y.data());
    cpu::max_pool1d_backward(g, x.data(), y.data(), dy.data(), dx.data());
    E::Context on;
    const EmulatedArray<float> on_x(on, x), on_dy(on, dy), on_y(out), on_dx(in);
    cuda::max_pool1d<E>(on, g, on_x.data(), on_y.data());
    cuda::max_pool1d_backward<E>(on, g, on_x.data(), on_y.data(), on_dy.data(), on_dx.data());
    BOOST_TEST((on_y.on_host(on) == y));
    BOOST_TEST((on_dx.on_host(on) == dx));
}

/// dx of one sample and channel.
Floats gradient(const Pool1DGeometry& g, const Floats& x, const Floats& dy) {
    E::Context on;
    const EmulatedArray<float> on_x(on, x), on_dy(on, dy), y(g.out_length), dx(g.length);
    cuda::max_pool1d<E>(on, g, on_x.data(), y.data());
    cuda::max_pool1d_backward<E>(on, g, on_x.data(), y.data(), on_dy.data(), dx.data());
    return dx.on_host(on);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(cuda_pool1d)

BOOST_AUTO_TEST_CASE(each_channel_has_its_own_maximum_and_the_remainder_is_dropped) {
    E::Context on;
    const EmulatedArray<float> x(on, Floats{1, -1, 3, -4, 2, -9, 5, -7, 100, 100}), y(4);
    cuda::max_pool1d<E>(on, geometry(1, 5, 2, 2, 2), x.data(), y.data());
    BOOST_TEST(y.on_host(on) == (Floats{3, -1, 5, -7}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(the_gradient_goes_to_the_first_maximum_and_rows_that_no_window_reads_get_none) {
    BOOST_TEST(gradient(geometry(1, 7, 1, 3, 4), {2, 5, 5, 9, 1, 0, 1}, {10, 20}) == (Floats{0, 10, 0, 0, 20, 0, 0}),
               boost::test_tools::per_element());
    BOOST_TEST(gradient(geometry(1, 5, 1, 2, 2), {4, 4, 1, 2, 9}, {10, 20}) == (Floats{10, 0, 0, 20, 0}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(gradients_of_windows_that_overlap_add_up) {
    BOOST_TEST(gradient(geometry(1, 4, 1, 2, 1), {1, 7, 2, 2}, {10, 20, 40}) == (Floats{0, 30, 40, 0}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(pools_are_those_of_the_definition) {
    for (const Pool1DGeometry& g : {geometry(1, 1, 1, 1, 1), geometry(3, 41, 7, 13, 13), geometry(2, 401, 5, 4, 9),
                                    geometry(2, 37, 33, 5, 2), geometry(1, 401, 1, 3, 1), geometry(7, 6, 64, 2, 3)})
        check(g);
}

BOOST_AUTO_TEST_CASE(long_windows_are_shared_by_threads) {
    for (const Index channels : {1, 3, 7, 32, 33, 40})
        for (const Index length : {64, 65, 257, 401}) check(geometry(2, length, channels, length, length));
}

BOOST_AUTO_TEST_CASE(long_windows_one_after_another_with_gaps_or_overlapping) {
    check(geometry(2, 401, 5, 64, 64));
    check(geometry(3, 250, 2, 70, 83));
    check(geometry(1, 201, 3, 101, 7));
}

BOOST_AUTO_TEST_SUITE_END()
