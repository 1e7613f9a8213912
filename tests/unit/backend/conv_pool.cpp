// SPDX-License-Identifier: MIT
#include <chromatid/backend/cpu/conv_pool.hpp>
#include <chromatid/backend/cpu/windows.hpp>

#include <tests/support/compare.hpp>
#include <tests/support/conv_pool_reference.hpp>
#include <tests/support/naive_layers.hpp>
#include <tests/support/random_arrays.hpp>
#include <tests/support/random_windows.hpp>

#include <boost/test/unit_test.hpp>

#include <array>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

using namespace chromatid;

namespace {

constexpr std::array isas{cpu::Isa::plain, cpu::Isa::avx2, cpu::Isa::avx512};
constexpr float not_a_number = std::numeric_limits<float>::quiet_NaN();

struct Parameters {
    Tensor<float> kernel, bias, dense_kernel, dense_bias;

    ConvPoolParameters<const float> pointers() const {
        const bool dense = dense_kernel.size() > 0;
        return {.kernel = kernel.data(), .bias = bias.data(), .dense_kernel = dense ? dense_kernel.data() : nullptr,
                .dense_bias = dense ? dense_bias.data() : nullptr};
    }
};

Parameters random_parameters(const ConvPoolGeometry& g, std::uint64_t seed) {
    test::Draw draw(seed);
    return {.kernel = test::converted<float>(draw.array({g.width * g.channels, g.filters}, 0.25)),
            .bias = test::converted<float>(draw.array({g.filters}, 0.25)),
            .dense_kernel = test::converted<float>(draw.array({g.filters, g.units}, 0.25)),
            .dense_bias = test::converted<float>(draw.array({g.units}, 0.25))};
}

struct Genome : test::RandomWindows {
    Genome(Index windows, const ConvPoolGeometry& g, std::uint64_t seed) : RandomWindows(windows, g.length, g.channels, seed) {}
};

Tensor<float> run(const ConvPoolGeometry& g, const Windows<float>& x, const ConvPoolParameters<const float>& p) {
    Tensor<float> y({x.rows(), g.out_length, g.features()});
    for (float& v : y.span()) v = not_a_number;
    std::vector<float> scratch(static_cast<std::size_t>(cpu::conv_pool_scratch(g)), not_a_number);
    cpu::conv_pool(g, x, p, y.data(), scratch.data());
    return y;
}

Tensor<double> layers_one_by_one(const ConvPoolGeometry& g, const Windows<float>& windows, const Parameters& p) {
    Tensor<float> x({windows.rows(), g.length, g.channels});
    cpu::expand(windows, x.data());
    const auto buffer = [](const Tensor<float>& kernel, const Tensor<float>& bias) {
        std::vector<double> both(kernel.span().begin(), kernel.span().end());
        both.insert(both.end(), bias.span().begin(), bias.span().end());
        return both;
    };
    const test::naive::Convolution conv{.filters = g.filters, .width = g.width, .stride = g.step, .dilation = g.dilation,
                                        .activation = g.conv_relu ? test::naive::relu : test::naive::linear};
    Tensor<double> z = test::naive::conv1d(conv, test::converted<double>(x), buffer(p.kernel, p.bias).data());
    if (g.units > 0)
        z = test::naive::dense(g.units, true, g.dense_relu ? test::naive::relu : test::naive::linear, z,
                               buffer(p.dense_kernel, p.dense_bias).data());
    Tensor<double> y({x.extent(0), g.out_length, g.features()});
    for (Index b = 0; b < y.extent(0); ++b)
        for (Index t = 0; t < y.extent(1); ++t)
            for (Index c = 0; c < y.extent(2); ++c) {
                y(b, t, c) = z(b, t * g.stride, c);
                for (Index j = 1; j < g.window; ++j) y(b, t, c) = std::max(y(b, t, c), z(b, t * g.stride + j * g.spacing, c));
            }
    return y;
}

ConvPoolGeometry random_geometry(test::Draw& draw) {
    for (;;) {
        ConvPoolGeometry g{.length = draw.index(1, 260),
                           .channels = draw.index(4, 9),
                           .filters = draw.index(1, 70),
                           .width = draw.index(1, 11),
                           .step = draw.index(0, 2) == 0 ? draw.index(2, 5) : 1,
                           .dilation = draw.index(0, 2) == 0 ? draw.index(2, 7) : 1,
                           .conv_relu = draw.index(0, 2) > 0,
                           .units = draw.index(0, 1) == 0 ? draw.index(1, 70) : 0,
                           .dense_relu = draw.index(0, 2) > 0,
                           .window = draw.index(1, 15),
                           .stride = draw.index(1, 15),
                           .spacing = draw.index(0, 2) == 0 ? draw.index(2, 6) : 1,
                           .out_length = 0};
        if (g.length <= (g.width - 1) * g.dilation || g.conv_length() <= (g.window - 1) * g.spacing) continue;
        g = test::with_all_bins(g);
        if (draw.index(0, 3) == 0) g.out_length = draw.index(1, g.out_length);
        return g;
    }
}

/// Calls f(geometry, windows, parameters, both strands) for random runs on each instruction set.
template <class F>
void for_each_random_run(std::uint64_t draws, std::uint64_t runs, const F& f) {
    for (const cpu::Isa isa : isas) {
        const cpu::IsaLimit limit(isa);
        test::Draw draw(draws);
        for (std::uint64_t seed = 0; seed < runs; ++seed) {
            const ConvPoolGeometry g = random_geometry(draw);
            const Genome genome(2, g, seed);
            const Parameters p = random_parameters(g, seed + 1000);
            for (const bool both : {false, true}) f(g, genome, p, both);
        }
    }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(conv_pool)

BOOST_AUTO_TEST_CASE(a_motif_scores_where_it_stands) {
    // one filter that counts matches of "CG", windows ACGT and, unknown first, NCCG; bins of two positions, the third dropped
    const ConvPoolGeometry g{.length = 4, .channels = 4, .filters = 1, .width = 2, .window = 2, .stride = 2, .out_length = 1};
    const std::vector<float> kernel{0, 1, 0, 0, 0, 0, 1, 0}, bias{-1.0F};
    const std::uint8_t first[] = {0, 1, 2, 3}, second[] = {9, 1, 1, 2};
    const std::uint8_t* const codes[] = {first, second};
    const Index partner[] = {3, 2, 1, 0};
    const Windows<float> x{.count = 2, .length = 4, .channels = 4, .codes = codes, .partner = partner};
    for (const cpu::Isa isa : isas) {
        const cpu::IsaLimit limit(isa);
        const Tensor<float> y = run(g, x, {.kernel = kernel.data(), .bias = bias.data(), .dense_kernel = nullptr, .dense_bias = nullptr});
        // other strands: ACGT again, CGGN
        const std::vector<float> expected{1, 0, 1, 1};
        BOOST_TEST(std::vector<float>(y.span().begin(), y.span().end()) == expected, boost::test_tools::per_element());
    }
}

BOOST_AUTO_TEST_CASE(random_runs_agree_with_their_layers_one_by_one) {
    for_each_random_run(11, 120, [](const ConvPoolGeometry& g, const Genome& genome, const Parameters& p, bool both) {
        BOOST_TEST(test::close(run(g, genome.encoded(both), p.pointers()), layers_one_by_one(g, genome.encoded(both), p), 1e-5),
                   test::to_text(g));
    });
}

BOOST_AUTO_TEST_CASE(letters_have_the_same_bits_as_codes_and_as_rows_of_zeros_and_ones) {
    for_each_random_run(12, 40, [](const ConvPoolGeometry& g, const Genome& genome, const Parameters& p, bool both) {
        BOOST_TEST(test::same_bits(run(g, genome.encoded(both), p.pointers()), run(g, genome.as_dense(both), p.pointers())),
                   test::to_text(g));
    });
}

BOOST_AUTO_TEST_CASE(windows_that_are_not_letters_agree_with_their_layers_one_by_one) {
    for (const cpu::Isa isa : isas) {
        const cpu::IsaLimit limit(isa);
        test::Draw draw(13);
        for (std::uint64_t seed = 0; seed < 60; ++seed) {
            ConvPoolGeometry g = random_geometry(draw);
            g.channels = seed % 3 == 0 ? draw.index(17, 40) : draw.index(1, 9);
            const Parameters p = random_parameters(g, seed);
            const Tensor<float> dense = test::converted<float>(draw.array({2, g.length, g.channels}));
            std::vector<Index> partner;
            for (Index c = 0; c < g.channels; ++c) partner.push_back(g.channels - 1 - c);
            for (const bool both : {false, true}) {
                const Windows<float> x{.count = 2, .length = g.length, .channels = g.channels, .dense = dense.data(),
                                       .partner = both ? partner.data() : nullptr};
                BOOST_TEST(test::close(run(g, x, p.pointers()), layers_one_by_one(g, x, p), 1e-5), test::to_text(g));
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(one_position_that_is_no_letter_makes_a_window_dense) {
    const ConvPoolGeometry g =
        test::with_all_bins({.length = 60, .channels = 5, .filters = 3, .width = 4, .window = 5, .stride = 5, .out_length = 0});
    const Parameters p = random_parameters(g, 2);
    for (const float odd : {2.0F, 0.5F, -1.0F, 1.0000001F}) {
        for (const Index channel : {0, 1, 2, 3}) {
            Genome genome(1, g, 5);
            genome.dense(0, 31, channel) = odd;
            BOOST_TEST(test::close(run(g, genome.as_dense(true), p.pointers()), layers_one_by_one(g, genome.as_dense(true), p), 1e-5));
        }
        Genome genome(1, g, 5);
        for (Index c = 0; c < 4; ++c) genome.dense(0, 59, c) = c < 2 ? 1.0F : 0.0F;
        BOOST_TEST(test::close(run(g, genome.as_dense(true), p.pointers()), layers_one_by_one(g, genome.as_dense(true), p), 1e-5));
    }
}

BOOST_AUTO_TEST_CASE(long_stretches_agree_with_their_layers_one_by_one) {
    // many segments; bins that lie side by side, at every position, and spread out beyond a segment
    for (const cpu::Isa isa : isas) {
        const cpu::IsaLimit limit(isa);
        for (const Index units : {0, 33})
            for (const Index spacing : {1, 13, 150})
                for (const Index stride : {1, 2, 13}) {
                    const ConvPoolGeometry g = test::with_all_bins({.length = 4001,
                                                              .channels = 6,
                                                              .filters = 35,
                                                              .width = 7,
                                                              .units = units,
                                                              .window = 13,
                                                              .stride = stride,
                                                              .spacing = spacing,
                                                              .out_length = 0});
                    const Genome genome(1, g, 3);
                    const Parameters p = random_parameters(g, 4);
                    BOOST_TEST(test::close(run(g, genome.encoded(true), p.pointers()), layers_one_by_one(g, genome.encoded(true), p), 1e-5),
                               test::to_text(g));
                }
    }
}

BOOST_AUTO_TEST_CASE(one_bin_over_a_long_stretch_is_its_maximum) {
    const ConvPoolGeometry g{.length = 3000, .channels = 5, .filters = 9, .width = 3, .window = 2998, .stride = 1, .out_length = 1};
    const Genome genome(2, g, 6);
    const Parameters p = random_parameters(g, 7);
    BOOST_TEST(test::close(run(g, genome.encoded(true), p.pointers()), layers_one_by_one(g, genome.encoded(true), p), 1e-5));
}

BOOST_AUTO_TEST_CASE(a_window_has_the_same_bits_alone_among_others_and_inside_a_longer_stretch) {
    for (const cpu::Isa isa : isas) {
        const cpu::IsaLimit limit(isa);
        for (const Index units : {0, 20}) {
            const ConvPoolGeometry stretch = test::with_all_bins(
                {.length = 1500, .channels = 6, .filters = 40, .width = 6, .units = units, .window = 13, .stride = 1, .out_length = 0});
            const Parameters p = random_parameters(stretch, 9);
            const Genome genome(1, stretch, 10);
            const Tensor<float> scan = run(stretch, genome.encoded(false), p.pointers());
            ConvPoolGeometry g = stretch;
            g.length = 200;
            g.stride = 13;
            g = test::with_all_bins(g);
            std::vector<const std::uint8_t*> codes;
            std::vector<const float*> tracks;
            const std::vector<Index> starts{0, 1, 7, 500, 777, 1300};
            for (const Index start : starts) {
                codes.push_back(genome.code_of[0] + start);
                for (const float* track : genome.track_of) tracks.push_back(track + start);
            }
            const Windows<float> x{.count = 6, .length = g.length, .channels = g.channels, .codes = codes.data(), .tracks = tracks.data()};
            const Tensor<float> together = run(g, x, p.pointers());
            for (Index w = 0; w < 6; ++w) {
                Windows<float> one = x;
                one.count = 1;
                one.codes += w;
                one.tracks += 2 * w;
                const Tensor<float> alone = run(g, one, p.pointers());
                for (Index t = 0; t < g.out_length; ++t)
                    for (Index c = 0; c < g.features(); ++c) {
                        BOOST_TEST(together(w, t, c) == alone(0, t, c));
                        BOOST_TEST(together(w, t, c) == scan(0, starts[static_cast<std::size_t>(w)] + 13 * t, c));
                    }
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(instruction_sets_with_fused_products_agree_bit_for_bit) {
    test::Draw draw(14);
    for (std::uint64_t seed = 0; seed < 40; ++seed) {
        const ConvPoolGeometry g = random_geometry(draw);
        const Genome genome(2, g, seed);
        const Parameters p = random_parameters(g, seed);
        const Tensor<float> widest = run(g, genome.encoded(true), p.pointers());
        const cpu::IsaLimit limit(cpu::Isa::avx2);
        if (cpu::isa() == cpu::Isa::avx2) BOOST_TEST(test::same_bits(run(g, genome.encoded(true), p.pointers()), widest), test::to_text(g));
    }
}

BOOST_AUTO_TEST_CASE(zeros_are_positive_whatever_rounds_to_them) {
    // -1e-30 times 1e-30 is too small for a float and rounds to -0
    const ConvPoolGeometry g{
        .length = 12, .channels = 5, .filters = 1, .width = 1, .conv_relu = false, .window = 3, .stride = 3, .out_length = 4};
    std::vector<float> x(60);
    for (std::size_t t = 0; t < 12; ++t) x[5 * t + 4] = -1e-30F;
    const std::vector<float> kernel{0, 0, 0, 0, 1e-30F};
    for (const cpu::Isa isa : isas) {
        const cpu::IsaLimit limit(isa);
        const Tensor<float> y = run(g, {.count = 1, .length = 12, .channels = 5, .dense = x.data()},
                                    {.kernel = kernel.data(), .bias = nullptr, .dense_kernel = nullptr, .dense_bias = nullptr});
        for (const float v : y.span()) BOOST_TEST((v == 0 && !std::signbit(v)));
    }
}

BOOST_AUTO_TEST_CASE(without_biases_sums_begin_at_zero) {
    const ConvPoolGeometry g = test::with_all_bins({.length = 50,
                                              .channels = 5,
                                              .filters = 7,
                                              .width = 3,
                                              .units = 9,
                                              .dense_relu = false,
                                              .window = 4,
                                              .stride = 4,
                                              .out_length = 0});
    Parameters p = random_parameters(g, 20);
    for (float& b : p.bias.span()) b = 0;
    for (float& b : p.dense_bias.span()) b = 0;
    ConvPoolParameters<const float> none = p.pointers();
    none.bias = none.dense_bias = nullptr;
    const Genome genome(1, g, 21);
    BOOST_TEST(test::same_bits(run(g, genome.encoded(false), none), run(g, genome.encoded(false), p.pointers())));
}

BOOST_AUTO_TEST_CASE(a_weight_that_is_no_number_shows_in_its_filter_alone) {
    for (const cpu::Isa isa : isas) {
        const cpu::IsaLimit limit(isa);
        for (const Index stride : {1, 13})
            for (const Index channel : {2, 5})
                for (const Index tap : {3, 4}) {
                    const ConvPoolGeometry g = test::with_all_bins(
                        {.length = 90, .channels = 6, .filters = 40, .width = 5, .window = 13, .stride = stride, .out_length = 0});
                    const Genome genome(1, g, 30);
                    Parameters p = random_parameters(g, 31);
                    p.kernel(tap * g.channels + channel, 37) = not_a_number;
                    const Tensor<float> y = run(g, genome.encoded(true), p.pointers());
                    for (Index t = 0; t < g.out_length; ++t)
                        for (Index c = 0; c < g.filters; ++c) BOOST_TEST(std::isnan(y(0, t, c)) == (c == 37));
                }
    }
}

BOOST_AUTO_TEST_CASE(an_infinite_weight_gives_what_the_layers_give) {
    // a letter times infinity is infinite, and its absence, 0 times infinity, no number
    for (const cpu::Isa isa : isas) {
        const cpu::IsaLimit limit(isa);
        for (const Index stride : {1, 13}) {
            const ConvPoolGeometry g = test::with_all_bins({.length = 90,
                                                      .channels = 6,
                                                      .filters = 2,
                                                      .width = 1,
                                                      .conv_relu = false,
                                                      .window = 13,
                                                      .stride = stride,
                                                      .out_length = 0});
            const Genome genome(1, g, 32);
            Parameters p = random_parameters(g, 33);
            p.kernel(2, 1) = std::numeric_limits<float>::infinity();
            const Tensor<float> y = run(g, genome.encoded(true), p.pointers());
            const Tensor<double> expected = layers_one_by_one(g, genome.encoded(true), p);
            for (Index i = 0; i < y.size(); ++i) BOOST_TEST(std::isnan(y.data()[i]) == std::isnan(expected.data()[i]));
        }
    }
}

BOOST_AUTO_TEST_CASE(a_track_value_that_is_no_number_shows_in_the_bins_that_begin_with_it) {
    const ConvPoolGeometry g{.length = 40, .channels = 5, .filters = 3, .width = 1, .window = 4, .stride = 4, .out_length = 10};
    for (const cpu::Isa isa : isas) {
        const cpu::IsaLimit limit(isa);
        Genome genome(1, g, 40);
        genome.dense(0, 16, 4) = not_a_number;
        const Parameters p = random_parameters(g, 41);
        const Tensor<float> y = run(g, genome.as_dense(false), p.pointers());
        for (Index t = 0; t < g.out_length; ++t) BOOST_TEST(std::isnan(y(0, t, 0)) == (t == 4));
    }
}

BOOST_AUTO_TEST_SUITE_END()
