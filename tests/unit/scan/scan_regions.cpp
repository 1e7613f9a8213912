// SPDX-License-Identifier: MIT
#include <chromatid/core/error.hpp>
#include <chromatid/scan/scan_regions.hpp>

#include <boost/test/unit_test.hpp>

#include <cstdint>
#include <random>
#include <string>
#include <vector>

using namespace chromatid;

namespace {

using Run = ScanRegions::Run;

ChromSizes two_chromosomes() { return ChromSizes({{"b", 1000}, {"a", 410}}); }

std::vector<Interval> bins_of(const ScanRegions& regions) {
    std::vector<Interval> bins;
    for (const Run& run : regions.runs())
        for (Index i = 0; i < run.count; ++i) bins.push_back(regions.bin(run, i));
    return bins;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(scan_regions)

BOOST_AUTO_TEST_CASE(bins_of_a_chromosome_stop_before_its_end) {
    const auto all = ScanRegions::whole(two_chromosomes());
    const std::vector<Run> runs{{0, 0, 17}, {1, 0, 5}};  // 0-200 to 800-1000; 0-200 to 200-400
    BOOST_TEST((all.runs() == runs));
    BOOST_TEST(all.size() == 22);
    BOOST_TEST((all.bin(runs[0], 16) == Interval{"b", 800, 1000}));
    BOOST_TEST((all.bin(runs[1], 4) == Interval{"a", 200, 400}));
}

BOOST_AUTO_TEST_CASE(runs_come_in_the_order_of_the_genome) {
    const std::vector<std::string> names{"a", "b"};
    const auto both = ScanRegions::whole(two_chromosomes(), names);
    BOOST_REQUIRE_EQUAL(both.runs().size(), 2U);
    BOOST_TEST(both.runs()[0].chromosome == 0);
    const std::vector<std::string> one{"a"};
    BOOST_TEST(ScanRegions::whole(two_chromosomes(), one).size() == 5);
}

BOOST_AUTO_TEST_CASE(bins_start_at_multiples_of_the_stride_and_lie_in_their_region) {
    const ScanRegions some(two_chromosomes(), IntervalSet{{"b", 110, 351}, {"b", 600, 800}, {"b", 801, 1000}, {"a", 0, 199}});
    const std::vector<Interval> expected{{"b", 150, 350}, {"b", 600, 800}};
    BOOST_TEST((bins_of(some) == expected));
}

BOOST_AUTO_TEST_CASE(regions_that_touch_count_as_one) {
    const ScanRegions some(two_chromosomes(), IntervalSet{{"b", 0, 100}, {"b", 100, 200}});
    BOOST_TEST((some.runs() == std::vector<Run>{{0, 0, 1}}));
}

BOOST_AUTO_TEST_CASE(a_region_past_the_chromosomes_end_is_cut_there) {
    const ScanRegions some(two_chromosomes(), IntervalSet{{"a", 190, 9000}});
    BOOST_TEST((some.runs() == std::vector<Run>{{1, 200, 1}}));
}

BOOST_AUTO_TEST_CASE(a_chromosome_shorter_than_a_bin_has_none) {
    const auto all = ScanRegions::whole(ChromSizes({{"tiny", 199}, {"fits", 200}}));
    BOOST_TEST((all.runs() == std::vector<Run>{{1, 0, 1}}));
}

BOOST_AUTO_TEST_CASE(one_chromosome_can_be_taken_out) {
    const auto part = ScanRegions::whole(two_chromosomes()).on(1);
    BOOST_TEST((part.runs() == std::vector<Run>{{1, 0, 5}}));
    BOOST_TEST(part.chromosomes().size() == 2);
}

BOOST_AUTO_TEST_CASE(random_regions_give_the_bins_of_the_chromosome_that_they_hold) {
    std::mt19937 random(3);
    for (int repeat = 0; repeat < 200; ++repeat) {
        const ChromSizes sizes({{"c", static_cast<std::int64_t>(random() % 3000)}});
        const ScanBins bins{1 + static_cast<std::int64_t>(random() % 120), 1 + static_cast<std::int64_t>(random() % 90)};
        std::vector<Interval> regions;
        for (int i = 0; i < 6; ++i) {
            const auto start = static_cast<std::int64_t>(random() % 3000);
            regions.push_back({"c", start, start + static_cast<std::int64_t>(random() % 400)});
        }
        const IntervalSet set(regions);
        std::vector<Interval> expected;
        for (std::int64_t start = 0; start + bins.length <= sizes[0].size; start += bins.stride)
            if (set.covered_length({"c", start, start + bins.length}) == bins.length) expected.push_back({"c", start, start + bins.length});
        BOOST_TEST((bins_of({sizes, set, bins}) == expected));
    }
}

BOOST_AUTO_TEST_CASE(an_unknown_chromosome_is_refused_with_the_likely_name) {
    const ChromSizes sizes({{"chr1", 1000}});
    const auto says = [](const UsageError& e) { return std::string(e.what()).find("did you mean \"chr1\"") != std::string::npos; };
    BOOST_CHECK_EXCEPTION(ScanRegions(sizes, IntervalSet{{"1", 0, 500}}), UsageError, says);
    const std::vector<std::string> names{"1"};
    BOOST_CHECK_EXCEPTION(ScanRegions::whole(sizes, names), UsageError, says);
}

BOOST_AUTO_TEST_CASE(bins_without_a_base_or_a_stride_are_refused) {
    for (const ScanBins bins : {ScanBins{0, 50}, ScanBins{200, 0}, ScanBins{-1, 50}, ScanBins{200, -50}})
        BOOST_CHECK_THROW(ScanRegions::whole(two_chromosomes(), bins), UsageError);
}

BOOST_AUTO_TEST_SUITE_END()
