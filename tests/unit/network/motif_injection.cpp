// SPDX-License-Identifier: MIT
#include <chromatid/network/motif_injection.hpp>

#include <boost/test/unit_test.hpp>

#include <array>
#include <cmath>
#include <cstddef>
#include <vector>

using namespace chromatid;

namespace {

// A, then C or G
const std::vector<std::array<double, 4>> motif{{1, 0, 0, 0}, {0, 0.5, 0.5, 0}, {0, 0, 1, 0}};

struct Kernel {
    Index width, channels = 5, filters = 3;
    std::vector<float> values = std::vector<float>(static_cast<std::size_t>(width * channels * filters), 7.0F);
    std::vector<float> bias = std::vector<float>(static_cast<std::size_t>(filters), 7.0F);

    void inject() { inject_motif<float>(motif, values, width, channels, filters, bias); }
    float operator()(Index position, Index channel, Index filter) const {
        return values[static_cast<std::size_t>((position * channels + channel) * filters + filter)];
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(network_motif_injection)

BOOST_AUTO_TEST_CASE(the_first_filter_reads_the_motif_and_the_second_its_reverse_complement) {
    Kernel kernel{.width = 8};
    kernel.inject();
    const auto high = static_cast<float>(std::log2(1.001 / 1.004 / 0.25)), half = static_cast<float>(std::log2(0.501 / 1.004 / 0.25)),
               low = static_cast<float>(std::log2(0.001 / 1.004 / 0.25));
    // 3 positions in 8 begin at 8 - 3 - (4 - 1) = 2
    const std::vector<std::vector<float>> forward{{high, low, low, low}, {low, half, half, low}, {low, low, high, low}};
    const std::vector<std::vector<float>> reverse{{low, high, low, low}, {low, half, half, low}, {low, low, low, high}};  // of A S G: C S T
    for (Index position = 0; position < 8; ++position)
        for (Index channel = 0; channel < 5; ++channel) {
            const bool inside = position >= 2 && position < 5 && channel < 4;
            const auto p = static_cast<std::size_t>(position - 2), c = static_cast<std::size_t>(channel);
            BOOST_TEST(kernel(position, channel, 0) == (inside ? forward[p][c] : 0.0F));
            BOOST_TEST(kernel(position, channel, 1) == (inside ? reverse[p][c] : 0.0F));
            BOOST_TEST(kernel(position, channel, 2) == 7.0F);
        }
    BOOST_TEST(kernel.bias == (std::vector<float>{0, 0, 7}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_motif_takes_the_place_that_it_has_in_factornets_flipped_kernels) {
    for (const Index width : {3, 4, 5, 26, 27}) {
        Kernel kernel{.width = width};
        kernel.inject();
        const Index stored = width / 2 - 3 / 2;  // upstream: kernel[stored + i] = motif[2 - i], read as kernel[width - 1 - j]
        BOOST_TEST(kernel(width - 1 - (stored + 2), 0, 0) > 1.9F);  // the A of the motif
        BOOST_TEST(kernel(width - 1 - stored, 2, 0) > 1.9F);        // its G
    }
}

BOOST_AUTO_TEST_CASE(what_does_not_fit_is_refused) {
    Kernel narrow{.width = 2};
    BOOST_CHECK_THROW(narrow.inject(), UsageError);
    Kernel single{.width = 8, .filters = 1};
    BOOST_CHECK_THROW(single.inject(), UsageError);
    Kernel short_bias{.width = 8};
    short_bias.bias.resize(2);
    BOOST_CHECK_THROW(short_bias.inject(), ShapeError);
    Kernel letters_missing{.width = 8, .channels = 3};
    BOOST_CHECK_THROW(letters_missing.inject(), ShapeError);
    Kernel no_bias{.width = 8};
    no_bias.bias.clear();
    no_bias.inject();
    BOOST_TEST(no_bias(2, 0, 0) > 1.9F);
}

BOOST_AUTO_TEST_SUITE_END()
