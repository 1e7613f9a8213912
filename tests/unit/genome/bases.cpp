// SPDX-License-Identifier: MIT
#include <chromatid/core/error.hpp>
#include <chromatid/genome/base_code.hpp>
#include <chromatid/genome/one_hot.hpp>
#include <chromatid/genome/reverse_complement.hpp>

#include <boost/test/unit_test.hpp>

#include <cstddef>
#include <cstdint>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <vector>

using namespace chromatid;

namespace {

std::vector<std::uint8_t> codes_of(std::string_view letters) {
    std::vector<std::uint8_t> codes(letters.size());
    encode_bases(letters, codes);
    return codes;
}

std::string letters_of(const std::vector<std::uint8_t>& codes) {
    std::string letters;
    for (const std::uint8_t c : codes) letters += base_letter(c);
    return letters;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(genome_bases)

BOOST_AUTO_TEST_CASE(four_letters_have_codes_and_all_others_are_unknown) {
    static_assert(base_code('A') == 0 && base_code('c') == 1 && base_code('G') == 2 && base_code('t') == 3);
    for (int c = -128; c < 128; ++c) {
        const char letter = static_cast<char>(c);
        if (std::string_view("ACGTacgt").find(letter) == std::string_view::npos) BOOST_TEST(base_code(letter) == unknown_base);
    }
    BOOST_TEST(letters_of(codes_of("acgtNnRU-")) == "ACGTNNNNN");
}

BOOST_AUTO_TEST_CASE(one_hot_rows_leave_other_columns_alone) {
    std::vector<float> rows(3 * 6, 7.0f);
    one_hot(codes_of("GNT"), rows.data(), 6);
    const std::vector<float> expected{0, 0, 1, 0, 7, 7, 0, 0, 0, 0, 7, 7, 0, 0, 0, 1, 7, 7};
    BOOST_TEST(rows == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(one_hot_columns_may_begin_anywhere) {
    std::vector<double> rows(2 * 5, 7.0);
    one_hot(codes_of("AC"), rows.data() + 1, 5);
    const std::vector<double> expected{7, 1, 0, 0, 0, 7, 0, 1, 0, 0};
    BOOST_TEST(rows == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(reverse_complement_turns_and_pairs) {
    auto codes = codes_of("AACGTN");
    std::vector<std::uint8_t> other(codes.size());
    reverse_complement(codes, other);
    BOOST_TEST(letters_of(other) == "NACGTT");
    reverse_complement(codes);
    BOOST_TEST(letters_of(codes) == "NACGTT");
}

BOOST_AUTO_TEST_CASE(reverse_complement_twice_changes_nothing) {
    std::mt19937 random(2);
    for (std::size_t n = 0; n < 40; ++n) {
        std::vector<std::uint8_t> codes(n);
        for (auto& c : codes) c = static_cast<std::uint8_t>(random() % 5);
        auto twice = codes;
        reverse_complement(std::span(twice));
        reverse_complement(std::span(twice));
        BOOST_TEST(twice == codes, boost::test_tools::per_element());
    }
}

BOOST_AUTO_TEST_CASE(stranded_tracks_swap_and_others_stay) {
    const std::vector<Index> expected{0, 4, 2, 5, 1, 3};
    BOOST_TEST(track_partners({"DGF", "cuts_fwd", "Unique35", "x_rev", "cuts_rev", "x_fwd"}) == expected, boost::test_tools::per_element());
    BOOST_TEST(track_partners({}).empty());
}

BOOST_AUTO_TEST_CASE(a_missing_partner_is_named) {
    BOOST_CHECK_EXCEPTION(track_partners({"DGF", "cuts_fwd"}), UsageError, [](const UsageError& e) {
        return std::string(e.what()) == "track \"cuts_fwd\" needs \"cuts_rev\" for the other strand, which is not among the tracks";
    });
    BOOST_CHECK_THROW(track_partners({"DGF", "DGF"}), UsageError);
}

BOOST_AUTO_TEST_SUITE_END()
