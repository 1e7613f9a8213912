// SPDX-License-Identifier: MIT
#include <chromatid/core/error.hpp>
#include <chromatid/dataset/label_rule.hpp>
#include <chromatid/dataset/peak_labels.hpp>
#include <chromatid/dataset/peak_set.hpp>

#include <boost/test/unit_test.hpp>

#include <cstdint>
#include <utility>
#include <vector>

using namespace chromatid;

namespace {

PeakSet peaks(std::vector<Interval> all) { return PeakSet(all); }

std::vector<std::pair<std::int64_t, std::int64_t>> met(const PeakSet& set, std::int64_t start, std::int64_t end) {
    std::vector<std::pair<std::int64_t, std::int64_t>> found;
    set.for_each_overlap("chr1", start, end, [&](std::int64_t s, std::int64_t e) { found.emplace_back(s, e); });
    return found;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(label_rules)

BOOST_AUTO_TEST_CASE(overlapping_peaks_stay_apart) {
    const PeakSet set = peaks({{"chr1", 50, 60}, {"chr1", 0, 100}, {"chr1", 20, 30}, {"chr1", 20, 30}, {"chr2", 0, 9}, {"chr1", 70, 70}});
    using All = std::vector<std::pair<std::int64_t, std::int64_t>>;
    BOOST_TEST((met(set, 25, 55) == All{{0, 100}, {20, 30}, {20, 30}, {50, 60}}));
    BOOST_TEST((met(set, 30, 50) == All{{0, 100}}));  // found behind shorter peaks that end before
    BOOST_TEST((met(set, 99, 200) == All{{0, 100}}));
    BOOST_TEST(met(set, 100, 200).empty());
    BOOST_TEST(met(set, 40, 40).empty());
    BOOST_TEST(set.size() == 5);
    BOOST_TEST(set.chromosomes() == (std::vector<std::string>{"chr1", "chr2"}), boost::test_tools::per_element());
    BOOST_CHECK_THROW(peaks({{"chr1", 2, 1}}), UsageError);
}

BOOST_AUTO_TEST_CASE(factornet_wants_101_of_200_bases_of_one_peak) {
    const auto label = [](std::vector<Interval> all) { return PeakLabels<FactorNetLabels>{peaks(std::move(all)), {}}("chr1", 1000, 1200); };
    BOOST_TEST(label({{"chr1", 0, 1101}}) == 1);
    BOOST_TEST(label({{"chr1", 0, 1100}}) == 0);
    BOOST_TEST(label({{"chr1", 1050, 1151}}) == 1);
    BOOST_TEST(label({{"chr1", 1000, 1060}, {"chr1", 1060, 1200}}) == 1);
    BOOST_TEST(label({{"chr1", 1000, 1100}, {"chr1", 1100, 1200}}) == 0);  // each covers half
    BOOST_TEST(label({{"1", 1000, 1200}}) == 0);
}

BOOST_AUTO_TEST_CASE(the_challenge_compares_counts_of_conservative_and_relaxed_peaks) {
    const auto label = [](std::vector<Interval> sure, std::vector<Interval> any) {
        return PeakLabels<ChallengeLabels>{peaks(std::move(sure)), peaks(std::move(any))}("chr1", 1000, 1200);
    };
    BOOST_TEST(label({}, {}) == 0);
    BOOST_TEST(label({{"chr1", 900, 1100}}, {{"chr1", 900, 1100}}) == 1);   // half of the bin
    BOOST_TEST(label({{"chr1", 700, 1099}}, {{"chr1", 700, 1099}}) == -1);  // 99 bases: half of neither
    BOOST_TEST(label({{"chr1", 990, 1010}}, {{"chr1", 990, 1010}}) == 1);   // half of the peak
    BOOST_TEST(label({}, {{"chr1", 1199, 1500}}) == -1);
    BOOST_TEST(label({{"chr1", 900, 1300}}, {{"chr1", 900, 1100}, {"chr1", 1150, 1300}}) == -1);  // one against two
    BOOST_TEST(label({{"chr1", 900, 1300}, {"chr1", 1050, 1200}}, {{"chr1", 900, 1100}, {"chr1", 1150, 1300}}) == 1);
    BOOST_TEST(label({{"chr1", 900, 1300}}, {}) == -1);
}

BOOST_AUTO_TEST_SUITE_END()
