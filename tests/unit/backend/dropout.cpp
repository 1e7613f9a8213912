// SPDX-License-Identifier: MIT
#include <chromatid/backend/cpu/dropout.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <set>
#include <vector>

using namespace chromatid;

namespace {

constexpr Draws draws{.seed = 0x0123456789ABCDEF, .step = 17, .first_window = 32, .windows = 3};

std::vector<double> mask_of(const Draws& d, std::uint32_t layer, Index rows, Index columns, float rate) {
    const std::vector<double> ones(static_cast<std::size_t>(rows * columns), 1.0);
    std::vector<double> mask(ones.size());
    cpu::dropout(d, layer, rows, columns, rate, ones.data(), mask.data());
    return mask;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(dropout)

BOOST_AUTO_TEST_CASE(elements_share_blocks_as_the_definition_says) {
    const auto word = [](std::uint32_t block, std::size_t i) {
        return Philox::block(Philox::key(draws.seed), {block, draws.row_counter(1), 9, draws.step})[i];
    };
    BOOST_TEST(draw_bits(draws, 9, 1, 0) == (word(0, 0) & 0xFFFF));
    BOOST_TEST(draw_bits(draws, 9, 1, 15) == (word(15, 0) & 0xFFFF));
    BOOST_TEST(draw_bits(draws, 9, 1, 16) == (word(0, 1) & 0xFFFF));
    BOOST_TEST(draw_bits(draws, 9, 1, 64) == word(0, 0) >> 16);
    BOOST_TEST(draw_bits(draws, 9, 1, 127) == word(15, 3) >> 16);
    BOOST_TEST(draw_bits(draws, 9, 1, 128) == (word(16, 0) & 0xFFFF));
}

BOOST_AUTO_TEST_CASE(every_instruction_set_draws_what_the_definition_says) {
    for (const cpu::Isa isa : {cpu::Isa::plain, cpu::Isa::avx2, cpu::Isa::avx512}) {
        const cpu::IsaLimit limit(isa);
        for (const Index row : {0, 2, 5})
            for (const Index first : {0, 1, 100, 128, 1000})
                for (const Index count : {1, 27, 28, 64, 128, 300}) {
                    std::vector<float> mask(static_cast<std::size_t>(count)), wanted(mask.size());
                    for (const float rate : {0.1F, 0.5F}) {
                        cpu::dropout_row<float>(draws, 9, row, first, count, rate, nullptr, mask.data());
                        for (Index i = 0; i < count; ++i)
                            wanted[static_cast<std::size_t>(i)] =
                                static_cast<float>(draw_bits(draws, 9, row, first + i)) >= rate * 65536.0F ? 1.0F / (1.0F - rate) : 0.0F;
                        BOOST_TEST(mask == wanted, boost::test_tools::per_element());
                    }
                }
    }
}

BOOST_AUTO_TEST_CASE(rates_near_the_ends_drop_some_and_keep_some) {
    BOOST_TEST(dropout_threshold(0.0F) == 0U);
    BOOST_TEST(dropout_threshold(1e-9F) == 1U);
    BOOST_TEST(dropout_threshold(0.5F) == 32768U);
    BOOST_TEST(dropout_threshold(0.9999999F) == 65535U);
}

BOOST_AUTO_TEST_CASE(an_element_is_dropped_where_its_number_lies_below_the_rate) {
    for (const float rate : {0.1F, 0.5F, 0.9F}) {
        const std::vector<double> mask = mask_of(draws, 4, 6, 131, rate);
        for (Index row = 0; row < 6; ++row)
            for (Index e = 0; e < 131; ++e) {
                const bool kept = static_cast<double>(draw_bits(draws, 4, row, e)) >= static_cast<double>(rate) * 65536.0;
                BOOST_TEST(mask[static_cast<std::size_t>(row * 131 + e)] == (kept ? 1.0 / (1.0 - static_cast<double>(rate)) : 0.0));
            }
    }
}

BOOST_AUTO_TEST_CASE(a_mask_of_later_elements_is_a_piece_of_the_whole) {
    const std::vector<double> whole = mask_of(draws, 4, 4, 300, 0.3F);
    for (const Index first : {0, 1, 63, 64, 100}) {
        std::vector<double> piece(4 * 150);
        cpu::dropout_mask(draws, 4, first, 4, 150, 0.3F, piece.data());
        for (Index row = 0; row < 4; ++row)
            BOOST_TEST(std::equal(piece.begin() + row * 150, piece.begin() + (row + 1) * 150, whole.begin() + row * 300 + first));
    }
}

BOOST_AUTO_TEST_CASE(windows_strands_layers_and_steps_draw_their_own) {
    std::set<std::vector<double>> masks;
    const auto add = [&](Draws d, std::uint32_t layer) { masks.insert(mask_of(d, layer, 1, 64, 0.5F)); };
    for (const std::uint32_t window : {0U, 1U, 2U}) add({.seed = 1, .step = 0, .first_window = window, .windows = 1}, 0);
    for (const std::uint32_t step : {1U, 2U}) add({.seed = 1, .step = step, .windows = 1}, 0);
    add({.seed = 1, .windows = 1}, 1);
    add({.seed = 2, .windows = 1}, 0);
    BOOST_TEST(masks.size() == 7U);
    const std::vector<double> strands = mask_of({.seed = 1, .windows = 1}, 0, 2, 64, 0.5F);
    BOOST_TEST(!std::equal(strands.begin(), strands.begin() + 64, strands.begin() + 64));
}

BOOST_AUTO_TEST_CASE(tiles_of_a_batch_draw_what_the_whole_batch_does) {
    const std::vector<double> whole = mask_of({.seed = 3, .step = 2, .windows = 5}, 1, 10, 70, 0.25F);
    const std::vector<double> tile = mask_of({.seed = 3, .step = 2, .first_window = 3, .windows = 2}, 1, 4, 70, 0.25F);
    for (const auto& [in_tile, in_batch] : {std::pair{0, 3}, {1, 4}, {2, 8}, {3, 9}})
        BOOST_TEST(std::equal(tile.begin() + in_tile * 70, tile.begin() + (in_tile + 1) * 70, whole.begin() + in_batch * 70));
}

BOOST_AUTO_TEST_CASE(the_share_dropped_is_the_rate) {
    const std::vector<double> mask = mask_of({.seed = 5, .windows = 100}, 0, 100, 1000, 0.2F);
    const auto dropped = static_cast<double>(std::count(mask.begin(), mask.end(), 0.0));
    BOOST_TEST(std::abs(dropped / 1e5 - 0.2) < 5 * std::sqrt(0.2 * 0.8 / 1e5));
}

BOOST_AUTO_TEST_SUITE_END()
