// SPDX-License-Identifier: MIT
#include <chromatid/core/philox.hpp>

#include <boost/test/unit_test.hpp>

#include <cmath>

using namespace chromatid;

BOOST_AUTO_TEST_SUITE(philox)

BOOST_AUTO_TEST_CASE(known_answers_of_its_authors) {
    static_assert(Philox::block({0, 0}, {0, 0, 0, 0}) == Philox::Block{0x6627E8D5U, 0xE169C58DU, 0xBC57AC4CU, 0x9B00DBD8U});
    constexpr std::uint32_t ones = 0xFFFFFFFFU;
    static_assert(Philox::block({ones, ones}, {ones, ones, ones, ones}) ==
                  Philox::Block{0x408F276DU, 0x41C83B0EU, 0xA20BC7C6U, 0x6D5451FDU});
    static_assert(Philox::block({0xA4093822U, 0x299F31D0U}, {0x243F6A88U, 0x85A308D3U, 0x13198A2EU, 0x03707344U}) ==
                  Philox::Block{0xD16CFE09U, 0x94FDCCEBU, 0x5001E420U, 0x24126EA1U});
    BOOST_TEST(true);  // decided while compiling
}

BOOST_AUTO_TEST_CASE(a_seed_fills_both_words_of_the_key) {
    static_assert(Philox::key(0x0123456789ABCDEFULL) == Philox::Key{0x89ABCDEFU, 0x01234567U});
    BOOST_TEST((Philox::block(Philox::key(1), {}) != Philox::block(Philox::key(std::uint64_t{1} << 32), {})));
}

BOOST_AUTO_TEST_CASE(uniform_numbers_lie_in_the_half_open_unit_interval) {
    static_assert(Philox::uniform(0) == 0.0F && Philox::uniform(0x80000000U) == 0.5F);
    static_assert(Philox::uniform(0xFFFFFFFFU) < 1.0F && Philox::uniform(0xFFFFFFFFU) == 16777215.0F / 16777216.0F);
}

BOOST_AUTO_TEST_CASE(uniform_numbers_have_the_mean_and_variance_of_their_distribution) {
    const int blocks = 25000;
    double sum = 0, squares = 0;
    for (std::uint32_t i = 0; i < blocks; ++i)
        for (const std::uint32_t bits : Philox::block(Philox::key(42), {i, 0, 0, 0})) {
            const double u = static_cast<double>(Philox::uniform(bits));
            sum += u;
            squares += u * u;
        }
    const double n = 4.0 * blocks, mean = sum / n;
    BOOST_TEST(std::abs(mean - 0.5) < 0.005);
    BOOST_TEST(std::abs(squares / n - mean * mean - 1.0 / 12.0) < 0.002);
}

BOOST_AUTO_TEST_SUITE_END()
