// SPDX-License-Identifier: MIT
#include <chromatid/backend/cpu/conv_pool_training.hpp>
#include <chromatid/backend/cpu/windows.hpp>

#include <tests/support/compare.hpp>
#include <tests/support/conv_pool_reference.hpp>
#include <tests/support/random_arrays.hpp>
#include <tests/support/random_windows.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <vector>

using namespace chromatid;

namespace {

constexpr std::array isas{cpu::Isa::plain, cpu::Isa::avx2, cpu::Isa::avx512};
constexpr Index layer = 3;

using Parameters = test::ConvPoolArrays<float>;

Parameters random_parameters(const ConvPoolGeometry& g, std::uint64_t seed) {
    test::Draw draw(seed);
    Parameters p(g);
    for (Tensor<float>* t : p.all()) *t = test::converted<float>(draw.array(t->extents(), 0.5));
    return p;
}

struct Genome : test::RandomWindows {
    Genome(Index windows, const ConvPoolGeometry& g, bool both_strands, std::uint64_t seed)
        : RandomWindows(windows, g.length, g.channels, seed), both(both_strands) {}
    Windows<float> as_array() const { return as_dense(both); }
    Windows<float> as_codes() const { return encoded(both); }

    bool both;
};

struct Trained {
    Trained(const ConvPoolGeometry& g, Index rows)
        : y({rows, g.out_length, g.features()}), dx({rows, g.length, g.channels}), gradients(g) {}
    Tensor<float> y, dx;
    Parameters gradients;
};

Trained train(const ConvPoolGeometry& g, const Windows<float>& x, const Draws& draws, const Parameters& p,
                     const Tensor<float>& dy) {
    Trained result(g, x.rows());
    const auto floats = [](Index n) { return std::vector<float>(static_cast<std::size_t>(n), 1e30F); };
    std::vector<float> tape = floats(cpu::conv_pool_tape(g, x.rows()));
    std::vector<float> scratch = floats(cpu::conv_pool_training_scratch(g)), other = scratch;
    cpu::conv_pool_forward(g, x, draws, layer, p.pointers(), result.y.data(), tape.data(), scratch.data());
    cpu::conv_pool_backward(g, x, draws, layer, p.pointers(), result.y.data(), dy.data(), result.dx.data(), result.gradients.pointers(),
                            tape.data(), other.data());
    return result;
}

/// Elements no further apart than 1e-5 of the largest.
boost::test_tools::assertion_result near(const Tensor<float>& a, const Tensor<double>& b) {
    double largest = 0;
    for (const double v : b.span()) largest = std::max(largest, std::abs(v));
    return test::close(a, b, 1e-5 * largest);
}

Tensor<float> random_gradient(const ConvPoolGeometry& g, Index rows, std::uint64_t seed) {
    return test::converted<float>(test::Draw(seed).array({rows, g.out_length, g.features()}));
}

/// All four parameters' gradients, y and dx.
void check_against_plain_layers(const ConvPoolGeometry& g, const Windows<float>& x, std::uint64_t seed) {
    const Draws draws{.seed = seed, .step = 5, .first_window = 2, .windows = x.count};
    const Parameters p = random_parameters(g, seed);
    const Tensor<float> dy = random_gradient(g, x.rows(), seed + 1);
    test::ConvPoolArrays<double> in_double(g);
    for (std::size_t i = 0; i < 4; ++i) *in_double.all()[i] = test::converted<double>(*p.all()[i]);
    Tensor<float> rows({x.rows(), g.length, g.channels});
    cpu::expand(x, rows.data());
    const test::ConvPoolReference expected(g, test::converted<double>(rows), &draws, layer, in_double, test::converted<double>(dy));
    for (const cpu::Isa isa : isas) {
        const cpu::IsaLimit limit(isa);
        BOOST_TEST_CONTEXT(test::to_text(g) << ' ' << to_text(isa)) {
            Trained got = train(g, x, draws, p, dy);
            BOOST_TEST(near(got.y, expected.y));
            BOOST_TEST(near(got.dx, expected.dx));
            for (std::size_t i = 0; i < 4; ++i) BOOST_TEST(near(*got.gradients.all()[i], *expected.gradients.all()[i]));
        }
    }
}

void check_same(Trained a, Trained b) {
    BOOST_TEST(test::same_bits(a.y, b.y));
    BOOST_TEST(test::same_bits(a.dx, b.dx));
    for (std::size_t i = 0; i < 4; ++i)
        if (a.gradients.all()[i]->size() > 0) BOOST_TEST(test::same_bits(*a.gradients.all()[i], *b.gradients.all()[i]));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(conv_pool_training)

BOOST_AUTO_TEST_CASE(the_gradient_of_a_maximum_goes_to_the_first_one) {
    const ConvPoolGeometry g{.length = 5, .channels = 1, .filters = 1, .width = 1, .window = 2, .stride = 2, .out_length = 2};
    const std::array<float, 5> x{1, 3, 2, 2, 9};  // the last one belongs to no bin
    Parameters p(g);
    p.kernel(0, 0) = 2.0F;
    p.bias.data()[0] = -1.0F;
    Tensor<float> dy({1, 2, 1});
    dy(0, 0, 0) = 1.0F;
    dy(0, 1, 0) = 10.0F;
    for (const cpu::Isa isa : isas) {
        const cpu::IsaLimit limit(isa);
        const Trained got = train(g, {.count = 1, .length = 5, .channels = 1, .dense = x.data()}, {}, p, dy);
        BOOST_TEST(got.y(0, 0, 0) == 5.0F);
        BOOST_TEST(got.y(0, 1, 0) == 3.0F);
        BOOST_TEST(got.gradients.kernel(0, 0) == 3.0F * 1.0F + 2.0F * 10.0F);
        BOOST_TEST(got.gradients.bias.data()[0] == 11.0F);
        const std::array<float, 5> dx{0, 2, 20, 0, 0};
        BOOST_TEST(std::equal(dx.begin(), dx.end(), got.dx.data()));
    }
}

BOOST_AUTO_TEST_CASE(no_gradient_passes_where_the_maximum_is_zero) {
    const ConvPoolGeometry g{.length = 4, .channels = 4, .filters = 1, .width = 1, .units = 1, .window = 2, .stride = 2, .out_length = 2};
    const std::array<std::uint8_t, 4> codes{0, 1, 2, 3};
    const std::uint8_t* const window = codes.data();
    const float* const no_tracks = nullptr;
    Parameters p(g);
    for (Index c = 0; c < 4; ++c) p.kernel(c, 0) = static_cast<float>(c + 1);
    p.dense_kernel(0, 0) = 2.0F;
    p.dense_bias.data()[0] = -5.0F;  // z = -3, -1 | 1, 3
    Tensor<float> dy({1, 2, 1});
    dy(0, 0, 0) = 100.0F;
    dy(0, 1, 0) = 10.0F;
    const Windows<float> x{.count = 1, .length = 4, .channels = 4, .codes = &window, .tracks = &no_tracks};
    const Trained got = train(g, x, {}, p, dy);
    BOOST_TEST(got.y(0, 0, 0) == 0.0F);
    BOOST_TEST(got.y(0, 1, 0) == 3.0F);
    BOOST_TEST(got.gradients.dense_bias.data()[0] == 10.0F);
    BOOST_TEST(got.gradients.dense_kernel(0, 0) == 40.0F);
    const std::array<float, 4> kernel{0, 0, 0, 20};
    BOOST_TEST(std::equal(kernel.begin(), kernel.end(), got.gradients.kernel.data()));
}

BOOST_AUTO_TEST_CASE(random_first_layers_are_the_plain_layers) {
    test::Draw draw(1);
    for (std::uint64_t seed = 0; seed < 60; ++seed) {
        ConvPoolGeometry g{};
        g.channels = draw.index(4, 9);
        g.filters = draw.index(1, 70);
        g.width = draw.index(1, 28);
        g.units = draw.index(0, 2) == 0 ? 0 : draw.index(1, 70);
        g.conv_relu = draw.index(0, 3) != 0;
        g.dense_relu = draw.index(0, 3) != 0;
        g.window = draw.index(2, 14);
        g.stride = draw.index(0, 1) == 0 ? g.window : draw.index(1, g.window + 3);
        g.length = g.width - 1 + g.window + draw.index(0, 60);
        g.out_length = (g.conv_length() - g.window) / g.stride + 1;
        g.dropout = seed % 2 == 0 ? 0.0F : 0.1F;
        const Genome genome(draw.index(1, 2), g, draw.index(0, 1) == 1, seed);
        check_against_plain_layers(g, draw.index(0, 1) == 0 ? genome.as_array() : genome.as_codes(), seed);
    }
}

BOOST_AUTO_TEST_CASE(inner_layers_with_any_numbers_are_the_plain_layers) {
    test::Draw draw(2);
    for (std::uint64_t seed = 0; seed < 24; ++seed) {
        ConvPoolGeometry g{};
        g.channels = seed % 3 == 0 ? draw.index(1, 9) : draw.index(17, 40);
        g.filters = draw.index(1, 70);
        g.width = draw.index(1, 9);
        g.units = draw.index(0, 1) == 0 ? 0 : draw.index(1, 40);
        g.conv_relu = draw.index(0, 2) != 0;
        g.window = draw.index(2, 5);
        g.stride = g.window;
        g.length = g.width - 1 + g.window + draw.index(0, 60);
        g.out_length = (g.conv_length() - g.window) / g.stride + 1;
        g.dropout = seed % 2 == 0 ? 0.0F : 0.25F;
        Tensor<float> x = test::converted<float>(test::Draw(seed).array({2, g.length, g.channels}));
        check_against_plain_layers(g, {.count = 2, .length = g.length, .channels = g.channels, .dense = x.data()}, seed);
    }
}

BOOST_AUTO_TEST_CASE(bins_may_reach_over_many_segments) {
    const ConvPoolGeometry g{.length = 700, .channels = 5, .filters = 33, .width = 3, .units = 3,
                             .window = 698, .stride = 698, .out_length = 1,
                             .dropout = 0.1F};
    const Genome genome(1, g, true, 3);
    check_against_plain_layers(g, genome.as_codes(), 3);
}

BOOST_AUTO_TEST_CASE(places_beyond_sixteen_bits_are_kept) {
    const ConvPoolGeometry g{.length = 70000, .channels = 1, .filters = 1, .width = 1, .window = 70000, .stride = 70000, .out_length = 1};
    std::vector<float> x(70000);
    x[69001] = 2.0F;
    Parameters p(g);
    p.kernel(0, 0) = 1.0F;
    Tensor<float> dy({1, 1, 1});
    dy(0, 0, 0) = 1.0F;
    const Trained got = train(g, {.count = 1, .length = 70000, .channels = 1, .dense = x.data()}, {}, p, dy);
    BOOST_TEST(got.dx(0, 69001, 0) == 1.0F);
    BOOST_TEST(got.gradients.kernel(0, 0) == 2.0F);
}

BOOST_AUTO_TEST_CASE(the_elements_dropped_are_those_of_the_dropout_layer) {
    // Each activation is 1 and the dense layer hands them on, so that an output is 0 where its whole bin was dropped.
    const ConvPoolGeometry g{.length = 41, .channels = 4, .filters = 37, .width = 2, .units = 37,
                             .window = 2, .stride = 2, .out_length = 20,
                             .dropout = 0.5F};
    const Genome genome(3, g, true, 4);
    const Draws draws{.seed = 9, .step = 2, .first_window = 7, .windows = 3};
    Parameters p(g);
    for (Index f = 0; f < g.filters; ++f) {
        p.bias.data()[f] = 1.0F;
        p.dense_kernel(f, f) = 1.0F;
    }
    for (const cpu::Isa isa : isas) {
        const cpu::IsaLimit limit(isa);
        const Trained got = train(g, genome.as_codes(), draws, p, random_gradient(g, 6, 5));
        Index dropped = 0;
        for (Index r = 0; r < 6; ++r)
            for (Index b = 0; b < g.out_length; ++b)
                for (Index u = 0; u < g.units; ++u) {
                    std::array<float, 2> mask;
                    for (Index j = 0; j < 2; ++j) {
                        Tensor<float> row({6});
                        const Index element = (2 * b + j) * g.filters + u;
                        cpu::dropout_mask(draws, static_cast<std::uint32_t>(layer), element, 6, 1, g.dropout, row.data());
                        mask[static_cast<std::size_t>(j)] = row.data()[r];
                    }
                    const float expected = std::max(mask[0], mask[1]);
                    dropped += expected == 0.0F ? 1 : 0;
                    BOOST_REQUIRE(got.y(r, b, u) == expected);
                }
        BOOST_TEST(dropped > 0);
    }
}

BOOST_AUTO_TEST_CASE(windows_as_codes_and_as_one_hot_arrays_give_the_same_bits) {
    for (const bool both_strands : {false, true})
        for (const Index channels : {4, 7}) {
            const ConvPoolGeometry g{.length = 300, .channels = channels, .filters = 45, .width = 7, .units = 20,
                                     .window = 13, .stride = 13,
                                     .out_length = 22, .dropout = 0.1F};
            const Genome genome(2, g, both_strands, 6);
            const Draws draws{.seed = 1, .windows = 2};
            const Parameters p = random_parameters(g, 7);
            const Tensor<float> dy = random_gradient(g, genome.as_codes().rows(), 8);
            for (const cpu::Isa isa : isas) {
                const cpu::IsaLimit limit(isa);
                check_same(train(g, genome.as_codes(), draws, p, dy), train(g, genome.as_array(), draws, p, dy));
            }
        }
}

BOOST_AUTO_TEST_CASE(without_dropout_the_output_has_the_bits_of_inference) {
    for (const Index units : {0, 50}) {
        const ConvPoolGeometry g{.length = 333, .channels = 6, .filters = 40, .width = 9, .units = units,
                                 .window = 5, .stride = 3, .out_length = 107};
        const Genome genome(2, g, true, 10);
        const Parameters p = random_parameters(g, 11);
        std::vector<float> scratch(static_cast<std::size_t>(cpu::conv_pool_scratch(g)));
        for (const cpu::Isa isa : isas) {
            const cpu::IsaLimit limit(isa);
            const Trained got = train(g, genome.as_codes(), {.windows = 2}, p, random_gradient(g, 4, 12));
            Tensor<float> y({4, g.out_length, g.features()});
            cpu::conv_pool(g, genome.as_codes(), p.pointers(), y.data(), scratch.data());
            BOOST_TEST(test::same_bits(got.y, y));
        }
    }
}

BOOST_AUTO_TEST_CASE(wide_registers_and_narrow_ones_give_the_same_bits) {
    if (cpu::isa() != cpu::Isa::avx512) return;
    for (const Index units : {0, 50}) {
        const ConvPoolGeometry g{.length = 222, .channels = 6, .filters = 40, .width = 9, .units = units,
                                 .window = 5, .stride = 7, .out_length = 30,
                                 .dropout = 0.1F};
        const Genome genome(2, g, true, 16);
        const Parameters p = random_parameters(g, 17);
        const Tensor<float> dy = random_gradient(g, 4, 18);
        const Trained wide = train(g, genome.as_codes(), {.windows = 2}, p, dy);
        const cpu::IsaLimit limit(cpu::Isa::avx2);
        check_same(wide, train(g, genome.as_codes(), {.windows = 2}, p, dy));
    }
}

BOOST_AUTO_TEST_CASE(an_output_does_not_depend_on_the_other_windows_of_the_call) {
    const ConvPoolGeometry g{.length = 130, .channels = 5, .filters = 20, .width = 6, .units = 33,
                             .window = 4, .stride = 4, .out_length = 31,
                             .dropout = 0.1F};
    const Genome genome(3, g, true, 19);
    const Parameters p = random_parameters(g, 20);
    const Tensor<float> dy = random_gradient(g, 6, 21);
    const Trained all = train(g, genome.as_codes(), {.windows = 3}, p, dy);
    for (Index w = 0; w < 3; ++w) {
        Tensor<float> dy_of({2, g.out_length, g.units});
        for (Index r = 0; r < 2; ++r) std::copy_n(&dy(w + 3 * r, 0, 0), g.out_length * g.units, &dy_of(r, 0, 0));
        const Draws draws{.first_window = static_cast<std::uint32_t>(w), .windows = 1};
        const Trained one = train(g, genome.as_codes().part(w, 1), draws, p, dy_of);
        for (Index r = 0; r < 2; ++r) {
            BOOST_TEST(std::equal(&one.y(r, 0, 0), &one.y(r, 0, 0) + g.out_length * g.units, &all.y(w + 3 * r, 0, 0)));
            BOOST_TEST(std::equal(&one.dx(r, 0, 0), &one.dx(r, 0, 0) + g.length * g.channels, &all.dx(w + 3 * r, 0, 0)));
        }
    }
}

BOOST_AUTO_TEST_CASE(gradients_are_added_and_parts_without_a_place_left_out) {
    const ConvPoolGeometry g{.length = 60, .channels = 5, .filters = 20, .width = 4, .units = 10,
                             .window = 3, .stride = 3, .out_length = 19};
    const Genome genome(2, g, true, 13);
    const Windows<float> x = genome.as_codes();
    const Parameters p = random_parameters(g, 14);
    const Tensor<float> dy = random_gradient(g, 4, 15);
    Trained once = train(g, x, {.windows = 2}, p, dy);
    std::vector<float> tape(static_cast<std::size_t>(cpu::conv_pool_tape(g, 4)));
    std::vector<float> scratch(static_cast<std::size_t>(cpu::conv_pool_training_scratch(g)));
    cpu::conv_pool_forward(g, x, {.windows = 2}, layer, p.pointers(), once.y.data(), tape.data(), scratch.data());
    Parameters sums(g);
    for (Tensor<float>* t : sums.all()) std::fill_n(t->data(), t->size(), 1.0F);
    ConvPoolParameters to = sums.pointers();
    to.bias = to.dense_bias = nullptr;
    cpu::conv_pool_backward(g, x, {.windows = 2}, layer, p.pointers(), once.y.data(), dy.data(), nullptr, to, tape.data(), scratch.data());
    BOOST_TEST(std::all_of(sums.bias.data(), sums.bias.data() + g.filters, [](float v) { return v == 1.0F; }));
    const auto check_sum = [](const Tensor<float>& sum, const Tensor<float>& gradient) {
        for (Index i = 0; i < sum.size(); ++i) BOOST_TEST(sum.data()[i] == gradient.data()[i] + 1.0F);
    };
    check_sum(sums.kernel, once.gradients.kernel);
    check_sum(sums.dense_kernel, once.gradients.dense_kernel);
}

BOOST_AUTO_TEST_SUITE_END()
