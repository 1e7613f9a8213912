// SPDX-License-Identifier: MIT
#include <chromatid/core/error.hpp>
#include <chromatid/genome/any_sequence.hpp>
#include <chromatid/genome/any_signal.hpp>
#include <chromatid/genome/resident_sequence.hpp>
#include <chromatid/genome/resident_signal.hpp>

#include <boost/test/unit_test.hpp>

#include <cstdint>
#include <string>
#include <vector>

using namespace chromatid;

static_assert(SequenceSource<ResidentSequence> && SequenceSource<AnySequence>);
static_assert(SignalSource<ResidentSignal> && SignalSource<AnySignal>);

namespace {

ResidentSequence five_bases() {
    ResidentSequence sequence("genome.fa");
    sequence.add("chr1", "ACGTN");
    sequence.add("chr2", "tt");
    return sequence;
}

ResidentSignal three_values() {
    ResidentSignal signal("track.bw");
    signal.add("chr1", {1, 2, 3});
    return signal;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(genome_sources)

BOOST_AUTO_TEST_CASE(bases_past_both_ends_are_unknown) {
    auto sequence = five_bases();
    const std::vector<std::uint8_t> expected{4, 4, 0, 1, 2, 3, 4, 4};
    BOOST_TEST(fetch_codes(sequence, {"chr1", -2, 6}) == expected, boost::test_tools::per_element());
    const std::vector<std::uint8_t> outside{4, 4};
    BOOST_TEST(fetch_codes(sequence, {"chr1", -5, -3}) == outside, boost::test_tools::per_element());
    BOOST_TEST(fetch_codes(sequence, {"chr1", 70, 72}) == outside, boost::test_tools::per_element());
    BOOST_TEST(fetch_codes(sequence, {"chr1", 2, 2}).empty());
}

BOOST_AUTO_TEST_CASE(every_part_of_a_packed_sequence_reads_alike) {
    auto sequence = five_bases();
    const auto whole = fetch_codes(sequence, {"chr1", 0, 5});
    for (std::int64_t start = 0; start < 5; ++start) {
        for (std::int64_t end = start; end <= 5; ++end) {
            const std::vector<std::uint8_t> expected(whole.begin() + start, whole.begin() + end);
            BOOST_TEST(fetch_codes(sequence, {"chr1", start, end}) == expected, boost::test_tools::per_element());
        }
    }
}

BOOST_AUTO_TEST_CASE(values_past_both_ends_are_zero) {
    auto signal = three_values();
    const std::vector<float> expected{0, 1, 2, 3, 0};
    BOOST_TEST(fetch_values(signal, {"chr1", -1, 4}) == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(an_unknown_chromosome_is_an_error_with_a_suggestion) {
    auto sequence = five_bases();
    BOOST_CHECK_EXCEPTION(fetch_codes(sequence, {"1", 0, 1}), UsageError, [](const UsageError& e) {
        return std::string(e.what()) == "genome.fa: there is no chromosome \"1\"; did you mean \"chr1\"?";
    });
}

BOOST_AUTO_TEST_CASE(a_span_of_another_length_is_refused) {
    auto signal = three_values();
    std::vector<float> room(3);
    BOOST_CHECK_THROW(signal.fetch({"chr1", 0, 2}, room), UsageError);
    BOOST_CHECK_THROW(fetch_values(signal, {"chr1", 3, 2}), UsageError);
}

BOOST_AUTO_TEST_CASE(a_clone_reads_the_same) {
    AnySequence any = five_bases();
    AnySequence other = any.clone();
    BOOST_TEST(fetch_codes(other, {"chr2", 0, 2}) == fetch_codes(any, {"chr2", 0, 2}), boost::test_tools::per_element());
    AnySignal signal = three_values();
    BOOST_TEST((signal.clone().chromosomes() == signal.chromosomes()));
}

BOOST_AUTO_TEST_SUITE_END()
