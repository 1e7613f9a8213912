// SPDX-License-Identifier: MIT
//
// The fused front: its kernels in emulation against the layers one by one in double. Where numbers are small whole ones, every product and
// sum is exact at each precision, and so are ties of maxima; then any difference is an error.

#include <chromatid/backend/cuda/conv_pool.hpp>

#include <boost/test/unit_test.hpp>

#include <cstddef>
#include <cstdint>
#include <tuple>
#include <type_traits>
#include <vector>

#include "tests/support/conv_pool_reference.hpp"
#include "tests/support/emulated_array.hpp"
#include "tests/support/random_windows.hpp"

namespace chromatid::test {
namespace {

using E = cuda::Emulator;
using Precisions = std::tuple<Exact32, F16, BF16>;

ConvPoolGeometry front(Index length, Index channels, Index filters, Index width, Index window, Index stride, float dropout = 0.0F) {
    return {.length = length,
            .channels = channels,
            .filters = filters,
            .width = width,
            .units = filters,
            .window = window,
            .stride = stride,
            .out_length = (length - width + 1 - window) / stride + 1,
            .dropout = dropout};
}

/// Parameters of -1, 0 and 1, few of which are not 0.
ConvPoolArrays<double> whole_parameters(const ConvPoolGeometry& g, std::uint64_t seed) {
    Draw draw(seed);
    ConvPoolArrays<double> p(g);
    for (Tensor<double>* t : p.all())
        for (double& v : t->span()) v = draw.index(0, 3) == 0 ? static_cast<double>(draw.index(-1, 1)) : 0.0;
    return p;
}

/// Random windows, on request with tracks of whole numbers, on both sides.
struct FrontWindows {
    FrontWindows(E::Context& on, Index count, const ConvPoolGeometry& g, bool whole, std::uint64_t seed)
        : host(count, g.length, g.channels, seed) {
        Draw draw(seed + 1);
        for (float& v : host.tracks) v = whole ? static_cast<float>(draw.index(-2, 2)) : v;
        for (Index w = 0; w < count; ++w)
            for (Index c = 4; c < g.channels; ++c)
                for (Index t = 0; t < g.length; ++t)
                    host.dense(w, t, c) = host.track_of[static_cast<std::size_t>(w * (g.channels - 4) + c - 4)][t];
        dense = EmulatedArray<float>(on, std::span<const float>(host.dense.span()));
        codes = EmulatedArray<std::uint8_t>(on, std::span<const std::uint8_t>(host.codes));
        tracks = EmulatedArray<float>(on, std::span<const float>(host.tracks));
        std::vector<const std::uint8_t*> code_of;
        std::vector<const float*> track_of;
        for (Index w = 0; w < count; ++w) code_of.push_back(codes.data() + w * g.length);
        for (Index i = 0; i < count * (g.channels - 4); ++i) track_of.push_back(tracks.data() + i * g.length);
        code_table = EmulatedArray<const std::uint8_t*>(on, std::span<const std::uint8_t* const>(code_of));
        track_table = EmulatedArray<const float*>(on, std::span<const float* const>(track_of));
    }
    Windows<float> encoded(bool both) const {
        Windows<float> x = host.encoded(both);
        x.codes = code_table.data();
        x.tracks = track_table.data();
        return x;
    }
    Windows<float> as_dense(bool both) const {
        Windows<float> x = host.as_dense(both);
        x.dense = dense.data();
        return x;
    }

    RandomWindows host;
    EmulatedArray<float> dense{0}, tracks{0};
    EmulatedArray<std::uint8_t> codes{0};
    EmulatedArray<const std::uint8_t*> code_table{0};
    EmulatedArray<const float*> track_table{0};
};

struct DeviceParameters {
    DeviceParameters(E::Context& on, const ConvPoolArrays<double>& p)
        : kernel(on, p.kernel), bias(on, p.bias), dense_kernel(on, p.dense_kernel), dense_bias(on, p.dense_bias) {}
    ConvPoolParameters<const float> values() const { return {kernel.data(), bias.data(), dense_kernel.data(), dense_bias.data()}; }
    ConvPoolParameters<float> pointers() const { return {kernel.data(), bias.data(), dense_kernel.data(), dense_bias.data()}; }
    EmulatedArray<float> kernel, bias, dense_kernel, dense_bias;
};

template <class Precision>
std::vector<float> inferred(E::Context& on, const ConvPoolGeometry& g, const Windows<float>& x, const ConvPoolArrays<double>& p) {
    const DeviceParameters parameters(on, p);
    const EmulatedArray<float> y(x.rows() * g.out_length * g.units), scratch(cuda::conv_pool_scratch<Precision>(g));
    cuda::conv_pool<E, Precision>(on, g, x, parameters.values(), y.data(), scratch.data());
    return y.on_host(on);
}

/// y and the gradients of one step, these after ones: backward adds.
struct Trained {
    std::vector<float> y;
    std::vector<std::vector<float>> gradients;
};

template <class Precision>
Trained trained(E::Context& on, const ConvPoolGeometry& g, const Windows<float>& x, const Draws& draws, const ConvPoolArrays<double>& p,
                const Tensor<double>& dy) {
    const DeviceParameters parameters(on, p);
    ConvPoolArrays<double> ones(g);
    for (Tensor<double>* t : ones.all())
        for (double& v : t->span()) v = 1.0;
    const DeviceParameters gradients(on, ones);
    const EmulatedArray<float> y(x.rows() * g.out_length * g.units), slopes(on, dy), tape(cuda::conv_pool_tape<Precision>(g, x.rows()));
    {
        const EmulatedArray<float> scratch(cuda::conv_pool_training_scratch<Precision>(g));
        cuda::conv_pool_forward<E, Precision>(on, g, x, draws, 3, parameters.values(), y.data(), tape.data(), scratch.data());
    }
    const EmulatedArray<float> scratch(cuda::conv_pool_training_scratch<Precision>(g));
    cuda::conv_pool_backward<E, Precision>(on, g, x, draws, 3, parameters.values(), y.data(), slopes.data(), nullptr, gradients.pointers(),
                                           tape.data(), scratch.data());
    return {
        y.on_host(on),
        {gradients.kernel.on_host(on), gradients.bias.on_host(on), gradients.dense_kernel.on_host(on), gradients.dense_bias.on_host(on)}};
}

double error_of(const std::vector<float>& values, const Tensor<double>& reference) {
    return relative_error(std::span<const float>(values), std::span<const double>(reference.span()));
}

/// Sums are in another order than the reference's, of float.
constexpr double same = 2e-7;

void expect_exact(const Trained& step, const ConvPoolReference& reference) {
    BOOST_TEST(error_of(step.y, reference.y) < same);
    for (std::size_t i = 0; i < 4; ++i) {
        std::vector<float> gradient = step.gradients[i];
        for (float& v : gradient) v -= 1.0F;
        BOOST_TEST(error_of(gradient, *reference.gradients.all()[i]) < same,
                   "gradient " << i << " is off by " << error_of(gradient, *reference.gradients.all()[i]));
    }
}

/// Small whole gradients, most of them 0.
Tensor<double> whole_slopes(const ConvPoolGeometry& g, Index rows, std::uint64_t seed) {
    Draw draw(seed);
    Tensor<double> dy({rows, g.out_length, g.units});
    for (double& v : dy.span()) v = draw.index(0, 2) == 0 ? static_cast<double>(draw.index(-1, 1)) : 0.0;
    return dy;
}

template <class Precision>
void expect_exact_training(const ConvPoolGeometry& g, Index count, bool both, std::uint64_t seed,
                           std::size_t shared_memory = large_shared_memory) {
    E::Context on(0, shared_memory);
    const FrontWindows windows(on, count, g, true, seed);
    const auto p = whole_parameters(g, seed + 7);
    const Draws draws{.seed = 11, .step = 5, .first_window = 2, .windows = count};
    const Tensor<double> dy = whole_slopes(g, windows.encoded(both).rows(), seed + 9);
    const ConvPoolReference reference(g, rows_in_double(windows.host.as_dense(both)), &draws, 3, p, dy);
    expect_exact(trained<Precision>(on, g, windows.encoded(both), draws, p, dy), reference);
}

BOOST_AUTO_TEST_SUITE(cuda_front)

BOOST_AUTO_TEST_CASE_TEMPLATE(a_letter_reaches_its_bin, Precision, Precisions) {
    E::Context on;
    const ConvPoolGeometry g = front(12, 4, 32, 2, 3, 3);  // 3 bins
    ConvPoolArrays<double> p(g);
    p.kernel(0 * 4 + 1, 5) = 2.0;  // filter 5: twice a C at the first place
    p.dense_kernel(5, 6) = 4.0;
    p.dense_bias.data()[6] = 1.0;
    const std::vector<std::uint8_t> letters = {0, 0, 0, 0, 1, 0,
                                               0, 9, 0, 0, 0, 2};  // C in the second bin; on the other strand G, that is C, at place 0
    const EmulatedArray<std::uint8_t> codes(on, std::span<const std::uint8_t>(letters));
    const std::vector<const std::uint8_t*> table = {codes.data()};
    const EmulatedArray<const std::uint8_t*> code_of(on, std::span<const std::uint8_t* const>(table));
    const EmulatedArray<const float*> no_tracks(1);
    const std::vector<Index> partner = {3, 2, 1, 0};
    const Windows<float> x{
        .count = 1, .length = 12, .channels = 4, .codes = code_of.data(), .tracks = no_tracks.data(), .partner = partner.data()};
    const std::vector<float> y = inferred<Precision>(on, g, x, p);
    for (std::size_t bin = 0; bin < 6; ++bin) {
        BOOST_TEST(y[bin * 32 + 6] == (bin == 1 || bin == 3 ? 9.0F : 1.0F));
        BOOST_TEST(y[bin * 32 + 5] == 0.0F);
    }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(inference_is_that_of_the_layers, Precision, Precisions) {
    E::Context on;
    std::uint64_t seed = 1;
    for (const ConvPoolGeometry& g : {front(401, 6, 32, 26, 13, 13), front(61, 4, 64, 7, 3, 3), front(70, 8, 128, 5, 4, 4),
                                      front(33, 5, 32, 32, 2, 2), front(300, 7, 32, 1, 16, 16), front(50, 5, 64, 1, 1, 1)})
        for (const Index count : {1, 3}) {
            const FrontWindows windows(on, count, g, false, ++seed);
            const auto p = random_conv_pool_arrays(g, seed + 50);
            for (const bool both : {false, true}) {
                const Windows<float> dense = windows.host.as_dense(both);
                const ConvPoolReference reference(g, rows_in_double(dense), nullptr, 0, p,
                                                  Tensor<double>({dense.rows(), g.out_length, g.units}));
                BOOST_TEST(cuda::detail::has_front<Precision>(g));
                BOOST_TEST(error_of(inferred<Precision>(on, g, windows.encoded(both), p), reference.y) < precision_error<Precision>);
                if (count == 3)
                    BOOST_TEST(error_of(inferred<Precision>(on, g, windows.as_dense(both), p), reference.y) < precision_error<Precision>);
            }
        }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(published_sizes, Precision, Precisions) {
    E::Context on;
    for (const Index filters : {32, 128}) {
        const ConvPoolGeometry g = front(1000, 6, filters, 26, 13, 13);
        const FrontWindows windows(on, 1, g, false, 5);
        const auto p = random_conv_pool_arrays(g, 6);
        const ConvPoolReference reference(g, rows_in_double(windows.host.as_dense(false)), nullptr, 0, p,
                                          Tensor<double>({1, g.out_length, g.units}));
        BOOST_TEST(g.out_length == 75);
        BOOST_TEST(error_of(inferred<Precision>(on, g, windows.encoded(false), p), reference.y) < precision_error<Precision>);
    }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(gradients_are_exact_where_numbers_are_whole, Precision, Precisions) {
    expect_exact_training<Precision>(front(401, 6, 32, 26, 13, 13, 0.5F), 3, true, 21);
    expect_exact_training<Precision>(front(61, 4, 64, 7, 3, 3, 0.5F), 1, true, 22);
    expect_exact_training<Precision>(front(70, 8, 128, 5, 4, 4, 0.5F), 1, false, 23);
    expect_exact_training<Precision>(front(90, 5, 32, 32, 5, 5), 3, false, 24);
    expect_exact_training<Precision>(front(60, 7, 128, 26, 3, 3, 0.75F), 1, true, 25);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(blocks_go_on_from_tile_to_tile, Precision, Precisions) {
    expect_exact_training<Precision>(front(4, 4, 32, 1, 2, 2, 0.5F), 1100, true, 26);  // more rows than the warps of any launch
}

BOOST_AUTO_TEST_CASE(bins_may_overlap_or_leave_gaps_on_the_matrix_units) {
    expect_exact_training<F16>(front(80, 6, 32, 6, 5, 2, 0.5F), 1, true, 31);
    expect_exact_training<F16>(front(80, 6, 64, 6, 2, 5, 0.5F), 1, true, 32);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(devices_with_less_shared_memory_do_without_kernels_that_take_more, Precision, Precisions) {
    E::Context on(0, small_shared_memory);
    const ConvPoolGeometry large = front(70, 8, 128, 5, 4, 4);
    const FrontWindows windows(on, 1, large, false, 71);
    const auto p = random_conv_pool_arrays(large, 72);
    const ConvPoolReference reference(large, rows_in_double(windows.host.as_dense(true)), nullptr, 0, p,
                                      Tensor<double>({2, large.out_length, large.units}));
    BOOST_TEST(error_of(inferred<Precision>(on, large, windows.encoded(true), p), reference.y) < precision_error<Precision>);
    for (const Index filters : {32, 64, 128})
        expect_exact_training<Precision>(front(61, 6, filters, 7, 3, 3, 0.5F), 1, true, 73, small_shared_memory);
    constexpr bool is_half = !std::is_same_v<Precision, Exact32>;
    BOOST_TEST((cuda::detail::takes_front<E, Precision>(on, front(61, 6, 32, 7, 3, 3), true)));
    BOOST_TEST((cuda::detail::takes_front<E, Precision>(on, front(61, 6, 64, 7, 3, 3), false)));
    BOOST_TEST((cuda::detail::takes_front<E, Precision>(on, front(61, 6, 64, 7, 3, 3), true)) == !is_half);
    BOOST_TEST((cuda::detail::takes_front<E, Precision>(on, large, false)) == !is_half);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(small_gradients_are_not_lost, Precision, Precisions) {
    E::Context on;
    const ConvPoolGeometry g = front(61, 6, 32, 7, 3, 3);
    const FrontWindows windows(on, 2, g, true, 41);
    const auto p = whole_parameters(g, 42);
    Tensor<double> dy = whole_slopes(g, 2, 43);
    for (double& v : dy.span()) v *= 0x1p-40;
    const ConvPoolReference reference(g, rows_in_double(windows.host.as_dense(false)), nullptr, 0, p, dy);
    const DeviceParameters parameters(on, p), gradients(on, ConvPoolArrays<double>(g));
    const Windows<float> x = windows.encoded(false);
    const EmulatedArray<float> y(2 * g.out_length * g.units), slopes(on, dy), tape(cuda::conv_pool_tape<Precision>(g, 2)),
        scratch(cuda::conv_pool_training_scratch<Precision>(g));
    cuda::conv_pool_forward<E, Precision>(on, g, x, Draws{.windows = 2}, 3, parameters.values(), y.data(), tape.data(), scratch.data());
    cuda::conv_pool_backward<E, Precision>(on, g, x, Draws{.windows = 2}, 3, parameters.values(), y.data(), slopes.data(), nullptr,
                                           gradients.pointers(), tape.data(), scratch.data());
    BOOST_TEST(gradients.kernel.error(on, reference.gradients.kernel) < same);
    BOOST_TEST(gradients.dense_kernel.error(on, reference.gradients.dense_kernel) < same);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(dense_windows_train_too, Precision, Precisions) {
    E::Context on;
    const ConvPoolGeometry g = front(61, 6, 32, 7, 3, 3, 0.5F);
    const FrontWindows windows(on, 2, g, true, 51);
    const auto p = whole_parameters(g, 52);
    const Draws draws{.seed = 4, .step = 1, .windows = 2};
    const Tensor<double> dy = whole_slopes(g, 4, 53);
    const ConvPoolReference reference(g, rows_in_double(windows.host.as_dense(true)), &draws, 3, p, dy);
    expect_exact(trained<Precision>(on, g, windows.as_dense(true), draws, p, dy), reference);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(two_steps_have_the_same_bits, Precision, Precisions) {
    E::Context on;
    const ConvPoolGeometry g = front(101, 6, 32, 9, 3, 3, 0.3F);
    const FrontWindows windows(on, 3, g, false, 61);
    const auto p = random_conv_pool_arrays(g, 62);
    const Draws draws{.seed = 4, .step = 1, .windows = 3};
    const Tensor<double> dy = Draw(63).array({6, g.out_length, g.units}, 1.0);
    const Trained first = trained<Precision>(on, g, windows.encoded(true), draws, p, dy),
                  second = trained<Precision>(on, g, windows.encoded(true), draws, p, dy);
    BOOST_TEST(first.y == second.y);
    BOOST_TEST((first.gradients == second.gradients));
}

BOOST_AUTO_TEST_CASE(other_runs_have_no_front) {
    ConvPoolGeometry g = front(61, 6, 32, 7, 3, 3);
    BOOST_TEST(cuda::detail::has_front<F16>(g));
    BOOST_TEST(!cuda::detail::has_front<TF32>(g));
    for (const auto change : {+[](ConvPoolGeometry& c) { c.step = 2; }, +[](ConvPoolGeometry& c) { c.dilation = 2; },
                              +[](ConvPoolGeometry& c) { c.spacing = 2; }, +[](ConvPoolGeometry& c) { c.conv_relu = false; },
                              +[](ConvPoolGeometry& c) { c.dense_relu = false; }, +[](ConvPoolGeometry& c) { c.units = 0; },
                              +[](ConvPoolGeometry& c) { c.channels = 9; }, +[](ConvPoolGeometry& c) { c.filters = c.units = 48; },
                              +[](ConvPoolGeometry& c) { c.window = c.stride = 17; }, +[](ConvPoolGeometry& c) { c.width = 33; }}) {
        ConvPoolGeometry other = g;
        change(other);
        BOOST_TEST(!cuda::detail::has_front<F16>(other));
        BOOST_TEST(!cuda::detail::has_front<Exact32>(other));
    }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace chromatid::test
