// SPDX-License-Identifier: MIT
#include <chromatid/dataset/chromosome_split.hpp>
#include <chromatid/dataset/labelled_bins.hpp>
#include <chromatid/dataset/negative_exclusion.hpp>
#include <chromatid/dataset/peak_labels.hpp>
#include <chromatid/dataset/single_task_positives.hpp>

#include <boost/test/unit_test.hpp>

#include <cstddef>
#include <cstdint>
#include <random>
#include <span>
#include <string>
#include <tests/support/md5.hpp>
#include <tests/unit/io/scratch.hpp>
#include <type_traits>
#include <utility>
#include <vector>

using namespace chromatid;
using chromatid::test::md5;
using chromatid::test::says;

namespace {

const ChromSizes two_chromosomes({{"a", 10'000}, {"b", 5'000}});

std::vector<std::int64_t> starts(const LabelledBins& bins) {
    std::vector<std::int64_t> all;
    for (const Bin& bin : bins.bins) all.push_back(bin.start);
    return all;
}

LabelledBins label_one(const auto& rule, std::vector<Interval> conservative, std::vector<Interval> relaxed = {}) {
    const FactorPeaks factor{"MAX", std::move(conservative), std::move(relaxed)};
    return label_bins(rule, BinGrid{}, two_chromosomes, std::span(&factor, 1), IntervalSet{});
}

}  // namespace

BOOST_AUTO_TEST_SUITE(dataset_labels)

BOOST_AUTO_TEST_CASE(md5_is_the_standards) {
    BOOST_TEST(md5("") == "d41d8cd98f00b204e9800998ecf8427e");
    BOOST_TEST(md5("message digest") == "f96b697d7cb7938d525a2f31aaf161d0");
    BOOST_TEST(md5(std::string(80, 'a')) == "b15af9cdabbaea0516866a33d8fd0f98");
}

BOOST_AUTO_TEST_CASE(chromosomes_are_divided_by_name) {
    const ChromSizes sizes({{"chr2", 10}, {"chr1", 10}, {"chr11", 10}, {"chrX", 10}});
    const ChromosomeSplit split(sizes, {"chr11"}, {"chr1"});
    BOOST_TEST((split.places(Part::training) == std::vector<Index>{0, 3}));
    BOOST_TEST((split.places(Part::validation) == std::vector<Index>{2}));
    BOOST_TEST((split.of(1) == Part::test));
    BOOST_CHECK_EXCEPTION(ChromosomeSplit(sizes, {"11"}, {}), UsageError,
                          says("validation chromosomes: there is no chromosome \"11\"; did you mean \"chr11\"?"));
    BOOST_CHECK_EXCEPTION(ChromosomeSplit(sizes, {"chr1"}, {"chr8"}), UsageError,
                          says("test chromosomes: there is no chromosome \"chr8\""));
    BOOST_CHECK_EXCEPTION(ChromosomeSplit(sizes, {"chr1"}, {"chr1"}), UsageError, says("\"chr1\" is asked for in validation and in test"));
    BOOST_CHECK_EXCEPTION(ChromosomeSplit(sizes, {"chr1", "chr2"}, {"chr11", "chrX"}), UsageError,
                          says("no chromosome is left for training"));
}

BOOST_AUTO_TEST_CASE(a_peak_gives_one_bin_around_its_middle) {
    const std::vector<Interval> peaks{{"b", 1001, 1300}, {"a", 400, 500}, {"c", 0, 50}, {"a", 900, 1000}};
    const PeakBins found = single_task_positives(peaks, two_chromosomes, IntervalSet({{"a", 999, 1200}}));
    BOOST_TEST(found.elsewhere == 1);
    BOOST_TEST(found.masked == 1);
    BOOST_TEST_REQUIRE(found.bins.size() == 2u);
    BOOST_TEST((found.bins[0] == PeakBin{{0, 350}, 74, 400, 500}));
    BOOST_TEST((found.bins[1] == PeakBin{{1, 1050}, 174, 1001, 1300}));  // 1150 = floor(2301 / 2) is its middle
}

BOOST_AUTO_TEST_CASE(a_shifted_bin_keeps_76_bases_of_its_peak) {
    std::mt19937 random(5);
    for (int i = 0; i < 200; ++i) {
        const std::int64_t start = 1000 + static_cast<std::int64_t>(random() % 1000);
        const Interval peak{"a", start, start + 76 + static_cast<std::int64_t>(random() % 2000)};
        const PeakBin found = single_task_positives(std::span(&peak, 1), two_chromosomes, {}).bins.at(0);
        const auto shared = [&](std::int64_t shift) {
            return std::min(found.bin.start + shift + 200, peak.end) - std::max(found.bin.start + shift, peak.start);
        };
        BOOST_TEST_REQUIRE(shared(found.shift) == 76);
        BOOST_TEST_REQUIRE(shared(-found.shift) == 76 - peak.length() % 2);  // upstream's floor
    }
}

BOOST_AUTO_TEST_CASE(factornet_labels_bins_of_which_101_bases_are_bound) {
    BOOST_TEST(starts(label_one(FactorNetLabels{}, {{"a", 500, 601}})) == (std::vector<std::int64_t>{450, 500}),
               boost::test_tools::per_element());
    BOOST_TEST(starts(label_one(FactorNetLabels{}, {{"a", 500, 600}})).empty());
    BOOST_TEST(starts(label_one(FactorNetLabels{}, {{"a", 499, 600}})) == (std::vector<std::int64_t>{400, 450}),
               boost::test_tools::per_element());
    BOOST_TEST(starts(label_one(FactorNetLabels{}, {{"a", 0, 150}})) == (std::vector<std::int64_t>{0}), boost::test_tools::per_element());
    BOOST_TEST(starts(label_one(FactorNetLabels{}, {{"b", 4700, 5000}})) == (std::vector<std::int64_t>{4650, 4700, 4750, 4800}),
               boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(peaks_of_two_factors_may_bind_a_bin_that_neither_binds_alone) {
    const std::vector<FactorPeaks> factors{{"MAX", {{"a", 500, 560}, {"a", 1000, 1200}}, {}}, {"MYC", {{"a", 560, 620}}, {}}};
    const LabelledBins found = label_bins(FactorNetLabels{}, BinGrid{}, two_chromosomes, factors, IntervalSet{});
    BOOST_TEST(starts(found) == (std::vector<std::int64_t>{450, 500, 950, 1000, 1050}), boost::test_tools::per_element());
    const std::vector<std::int8_t> labels{0, 0, 0, 0, 1, 0, 1, 0, 1, 0};
    BOOST_TEST(found.labels == labels, boost::test_tools::per_element());
    BOOST_TEST((found.of(3)[0] == 1));
}

BOOST_AUTO_TEST_CASE(masked_bins_are_left_out) {
    const std::vector<FactorPeaks> factors{{"MAX", {{"a", 500, 1000}}, {}}};
    const auto bins = label_bins(FactorNetLabels{}, BinGrid{}, two_chromosomes, factors, IntervalSet({{"a", 0, 451}, {"a", 900, 901}}));
    BOOST_TEST(starts(bins) == (std::vector<std::int64_t>{500, 550, 600, 650, 700}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(the_challenge_binds_half_of_a_bin_or_half_of_a_peak) {
    const auto half_of_peak = label_one(ChallengeLabels{}, {{"a", 500, 540}}, {{"a", 500, 540}});
    BOOST_TEST(starts(half_of_peak) == (std::vector<std::int64_t>{350, 400, 450, 500}), boost::test_tools::per_element());
    const auto half_of_bin = label_one(ChallengeLabels{}, {{"a", 500, 1000}}, {{"a", 500, 1000}});
    BOOST_TEST(starts(half_of_bin).front() == 400);
    BOOST_TEST(starts(half_of_bin).back() == 900);
}

BOOST_AUTO_TEST_CASE(the_challenge_calls_bins_ambiguous_where_the_numbers_of_peaks_differ) {
    const ChallengeLabels rule;
    BOOST_TEST(rule.of(1, 1) == 1);
    BOOST_TEST(rule.of(0, 0) == 0);
    BOOST_TEST(rule.of(0, 1) == -1);
    BOOST_TEST(rule.of(1, 2) == -1);
    const auto bins = label_one(rule, {{"a", 500, 700}}, {{"a", 500, 700}, {"a", 649, 650}});
    BOOST_TEST(starts(bins) == (std::vector<std::int64_t>{400}), boost::test_tools::per_element());  // 450 shares a base with the second
}

BOOST_AUTO_TEST_CASE(labels_agree_with_looking_at_every_bin) {
    std::mt19937 random(17);
    const auto draw = [&](std::uint32_t below) { return static_cast<std::int64_t>(random() % below); };
    for (int round = 0; round < 30; ++round) {
        std::vector<FactorPeaks> factors(3);
        for (FactorPeaks& f : factors)
            for (auto* peaks : {&f.conservative, &f.relaxed})
                for (int i = 0; i < 8; ++i) {
                    const std::int64_t start = draw(5000);
                    peaks->push_back({random() % 2 != 0 ? "a" : "b", start, start + draw(400)});
                }
        const std::int64_t mask = draw(4000);
        const IntervalSet masked({{"a", mask, mask + 300}});
        const auto check = [&](const auto& rule) {
            std::vector<Bin> bins;
            std::vector<std::int8_t> labels;
            const IntervalSet all = peak_union(factors, two_chromosomes);
            for (Index c = 0; c < 2; ++c)
                for (std::int64_t start = 0; start + 200 <= two_chromosomes[c].size; start += 50) {
                    const auto shared = [&](const Interval& i) {
                        return i.chrom == two_chromosomes[c].name ? std::min(i.end, start + 200) - std::max(i.start, start) : 0;
                    };
                    bool bound = false;
                    if (rule.merged)
                        for (const Interval& i : all.intervals()) bound = bound || shared(i) >= 101;
                    std::vector<std::int8_t> row;
                    for (const FactorPeaks& f : factors) {
                        Index conservative = 0, relaxed = 0;
                        for (const Interval& i : f.conservative)
                            conservative += shared(i) > 0 && shared(i) >= rule.least_overlap(200, i.length()) ? 1 : 0;
                        for (const Interval& i : f.relaxed) relaxed += shared(i) > 0 ? 1 : 0;
                        row.push_back(static_cast<std::int8_t>(rule.of(conservative, relaxed)));
                        bound = bound || (!rule.merged && row.back() == 1);
                    }
                    if (!bound || masked.any_overlap(two_chromosomes[c].name, start, start + 200)) continue;
                    bins.push_back({c, start});
                    labels.insert(labels.end(), row.begin(), row.end());
                }
            const LabelledBins found = label_bins(rule, BinGrid{}, two_chromosomes, factors, masked);
            BOOST_TEST_REQUIRE((found.bins == bins));
            BOOST_TEST_REQUIRE((found.labels == labels));
            for (std::size_t t = 0; t < factors.size(); ++t) {
                const PeakLabels<std::remove_cvref_t<decltype(rule)>> label{PeakSet(factors[t].conservative), PeakSet(factors[t].relaxed),
                                                                            rule};
                for (std::size_t i = 0; i < found.bins.size(); ++i) {
                    const Bin& bin = found.bins[i];
                    BOOST_TEST_REQUIRE(label(two_chromosomes[bin.chromosome].name, bin.start, bin.start + 200) ==
                                       found.labels[i * factors.size() + t]);
                }
            }
        };
        check(FactorNetLabels{});
        check(ChallengeLabels{});
    }
}

BOOST_AUTO_TEST_CASE(negatives_keep_away_from_grown_peaks_and_the_mask) {
    const auto away =
        negative_exclusion(IntervalSet({{"a", 100, 200}, {"c", 1, 2}}), two_chromosomes, IntervalSet({{"a", 400, 500}, {"b", 0, 10}}));
    BOOST_TEST((away == IntervalSet({{"a", 0, 500}, {"b", 0, 10}})));
}

BOOST_AUTO_TEST_SUITE_END()
