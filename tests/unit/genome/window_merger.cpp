// SPDX-License-Identifier: MIT
#include <chromatid/genome/window_merger.hpp>

#include <boost/test/unit_test.hpp>

#include <map>
#include <random>
#include <tuple>

using namespace chromatid;

namespace {

using Runs = std::vector<std::tuple<std::string, std::int64_t, std::int64_t, float>>;

Runs merge(Overlap overlap, const std::vector<std::pair<Interval, float>>& windows) {
    Runs runs;
    WindowMerger merger(overlap, [&](const std::string& chrom, std::int64_t start, std::int64_t end, float value) {
        runs.emplace_back(chrom, start, end, value);
    });
    for (const auto& [window, score] : windows) merger.add(window, score);
    merger.finish();
    return runs;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(window_merger)

BOOST_AUTO_TEST_CASE(overlapping_windows_give_their_mean) {
    const Runs expected{{"chr1", 0, 50, 1.0F}, {"chr1", 50, 200, 2.0F}, {"chr1", 200, 250, 3.0F}};
    BOOST_TEST((merge(Overlap::mean, {{{"chr1", 0, 200}, 1.0F}, {{"chr1", 50, 250}, 3.0F}}) == expected));
}

BOOST_AUTO_TEST_CASE(or_the_largest_score) {
    const Runs expected{{"chr1", 0, 50, 1.0F}, {"chr1", 50, 200, 3.0F}, {"chr1", 200, 250, 3.0F}};
    BOOST_TEST((merge(Overlap::max, {{{"chr1", 0, 200}, 1.0F}, {{"chr1", 50, 250}, 3.0F}}) == expected));
}

BOOST_AUTO_TEST_CASE(gaps_and_chromosomes_stay_apart) {
    const Runs expected{{"chr1", 0, 10, 1.0F}, {"chr1", 20, 30, 2.0F}, {"chr2", 5, 6, 3.0F}};
    BOOST_TEST((merge(Overlap::mean, {{{"chr1", 0, 10}, 1.0F}, {{"chr1", 20, 30}, 2.0F}, {{"chr2", 5, 6}, 3.0F}}) == expected));
}

BOOST_AUTO_TEST_CASE(unsorted_windows_are_refused) {
    BOOST_CHECK_THROW(merge(Overlap::mean, {{{"chr1", 20, 30}, 1.0F}, {{"chr1", 0, 10}, 2.0F}}), UsageError);
}

BOOST_AUTO_TEST_CASE(random_windows_agree_with_a_sum_by_base) {
    std::mt19937 random(5);
    for (int round = 0; round < 50; ++round) {
        std::vector<std::pair<Interval, float>> windows;
        std::map<std::int64_t, std::pair<double, int>> by_base;
        std::int64_t start = 0;
        for (int i = 0; i < 30; ++i) {
            start += random() % 8;
            const std::int64_t end = start + random() % 25;
            const auto score = static_cast<float>(random() % 100);
            windows.push_back({{"chr1", start, end}, score});
            for (std::int64_t p = start; p < end; ++p) by_base[p] = {by_base[p].first + score, by_base[p].second + 1};
        }
        std::int64_t last = -1;
        for (const auto& [chrom, from, to, value] : merge(Overlap::mean, windows)) {
            BOOST_REQUIRE(from >= last && from < to);
            last = to;
            for (std::int64_t p = from; p < to; ++p) {
                BOOST_REQUIRE(by_base.contains(p));
                BOOST_TEST(value == static_cast<float>(by_base[p].first / by_base[p].second));
                by_base.erase(p);
            }
        }
        BOOST_TEST(by_base.empty());
    }
}

BOOST_AUTO_TEST_SUITE_END()
