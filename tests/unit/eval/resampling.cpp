// SPDX-License-Identifier: MIT
#include <chromatid/core/error.hpp>
#include <chromatid/core/parallel.hpp>
#include <chromatid/eval/auprc.hpp>
#include <chromatid/eval/auroc.hpp>
#include <chromatid/eval/bootstrap.hpp>
#include <chromatid/eval/grouped_ranking.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <vector>

#include "tests/unit/eval/naive_measures.hpp"
#include "tests/unit/io/scratch.hpp"

using namespace chromatid;
using namespace chromatid::test;

namespace {

using Labels = std::vector<std::uint8_t>;
using Groups = std::vector<std::uint32_t>;

Groups stretches(std::size_t n, std::size_t length) {
    Groups groups(n);
    for (std::size_t i = 0; i < n; ++i) groups[i] = static_cast<std::uint32_t>(i / length);
    return groups;
}

bool same(const RankedLabels& a, const RankedLabels& b) {
    return std::equal(a.blocks().begin(), a.blocks().end(), b.blocks().begin(), b.blocks().end());
}

constexpr auto both = [](const RankedLabels& r) { return std::array{auroc(r), auprc(r)}; };

}  // namespace

BOOST_AUTO_TEST_SUITE(resampling)

BOOST_AUTO_TEST_CASE(weights_repeat_the_elements_of_a_group) {
    for (std::uint64_t seed = 1; seed <= 30; ++seed) {
        const Scored all = random_scores(seed, 20 + seed * 5, seed % 2 == 0 ? 0.1 : 0.4, seed % 3 == 0 ? 5 : 60);
        const Groups groups = stretches(all.scores.size(), 7);
        const GroupedRanking ranking(all.scores, all.labels, groups);
        BOOST_TEST(same(ranking.whole(), RankedLabels(all.scores, all.labels)));
        const std::vector<std::uint32_t> weights = Bootstrap{.replicates = 2, .seed = seed}.draw(ranking, 0);
        BOOST_TEST(std::accumulate(weights.begin(), weights.end(), 0U) == static_cast<std::uint32_t>(ranking.groups()));
        Scored repeated;
        for (std::size_t i = 0; i < all.scores.size(); ++i)
            for (std::uint32_t k = 0; k < weights[groups[i]]; ++k) {
                repeated.scores.push_back(all.scores[i]);
                repeated.labels.push_back(all.labels[i]);
            }
        const RankedLabels wanted(repeated.scores, repeated.labels), got = ranking.weighted(weights);
        BOOST_TEST(got.positives() == wanted.positives());
        BOOST_TEST(got.negatives() == wanted.negatives());
        BOOST_TEST(auroc(got) == auroc(wanted));
        BOOST_TEST(auprc(got) == auprc(wanted));
    }
}

BOOST_AUTO_TEST_CASE(ambiguous_elements_are_left_out) {
    const GroupedRanking ranking(std::vector<float>{3, 2, 1, 0}, Labels{1, 255, 0, 1}, Groups{0, 0, 1, 1});
    BOOST_TEST(same(ranking.whole(), RankedLabels(std::vector<float>{3, 1, 0}, Labels{1, 0, 1})));
    BOOST_TEST(!ranking.both_labels(std::vector<std::uint32_t>{5, 0}));
    BOOST_TEST(ranking.both_labels(std::vector<std::uint32_t>{0, 1}));
}

BOOST_AUTO_TEST_CASE(intervals_are_the_same_by_seed_and_with_any_number_of_threads) {
    const Scored all = random_scores(3, 2000, 0.1, 200);
    const GroupedRanking ranking(all.scores, all.labels, stretches(all.scores.size(), 20));
    const Bootstrap bootstrap{.replicates = 101, .seed = 9};
    const auto alone = bootstrap.intervals(ranking, both);
    ThreadPool pool(3);
    std::atomic<Index> told{0};
    const auto shared = bootstrap.intervals(ranking, both, pool, [&](Index n) { told += n; });
    BOOST_TEST(told == 101);
    for (std::size_t m = 0; m < 2; ++m) {
        BOOST_TEST(alone[m].low == shared[m].low);
        BOOST_TEST(alone[m].high == shared[m].high);
        BOOST_TEST(alone[m].standard_error == shared[m].standard_error);
    }
    BOOST_TEST((Bootstrap{.replicates = 101, .seed = 10}.intervals(ranking, both)[0].low != alone[0].low));
    BOOST_TEST(alone[0].low < auroc(ranking.whole()));
    BOOST_TEST(alone[0].high > auroc(ranking.whole()));
}

BOOST_AUTO_TEST_CASE(the_standard_error_of_a_mean_is_the_known_one) {
    // the share of positives is a mean of independent draws: its standard error is sqrt(p (1 - p) / n)
    const Scored all = random_scores(5, 4000, 0.3, 100);
    const GroupedRanking ranking(all.scores, all.labels, stretches(all.scores.size(), 1));
    const auto share = [](const RankedLabels& r) {
        return std::array{static_cast<double>(r.positives()) / static_cast<double>(r.positives() + r.negatives())};
    };
    const auto interval = Bootstrap{.replicates = 2000, .seed = 1}.intervals(ranking, share)[0];
    const double p = share(ranking.whole())[0], wanted = std::sqrt(p * (1 - p) / 4000);
    BOOST_TEST(interval.standard_error == wanted, boost::test_tools::tolerance(0.06));
    BOOST_TEST(interval.high - interval.low == 2 * 1.96 * wanted, boost::test_tools::tolerance(0.1));
}

BOOST_AUTO_TEST_CASE(copies_of_elements_do_not_narrow_an_interval_of_stretches) {
    Scored all = random_scores(6, 400, 0.3, 100), copied;
    for (std::size_t i = 0; i < all.scores.size(); ++i)
        for (int k = 0; k < 8; ++k) {
            copied.scores.push_back(all.scores[i]);
            copied.labels.push_back(all.labels[i]);
        }
    const Bootstrap bootstrap{.replicates = 400, .seed = 2};
    const auto single = bootstrap.intervals(GroupedRanking(all.scores, all.labels, stretches(400, 1)), both);
    const auto grouped = bootstrap.intervals(GroupedRanking(copied.scores, copied.labels, stretches(3200, 8)), both);
    const auto naive = bootstrap.intervals(GroupedRanking(copied.scores, copied.labels, stretches(3200, 1)), both);
    BOOST_TEST(grouped[0].standard_error == single[0].standard_error, boost::test_tools::tolerance(1e-9));  // the same draws
    BOOST_TEST(naive[0].standard_error < 0.5 * single[0].standard_error);
}

BOOST_AUTO_TEST_CASE(draws_without_a_positive_are_drawn_again) {
    std::vector<float> scores(50);
    std::iota(scores.begin(), scores.end(), 0.0F);
    Labels labels(50, 0);
    labels[49] = 1;
    const GroupedRanking ranking(scores, labels, stretches(50, 1));
    for (Index r = 0; r < 100; ++r) BOOST_TEST(Bootstrap{}.draw(ranking, r)[49] > 0U);
}

BOOST_AUTO_TEST_CASE(what_cannot_be_resampled_is_refused) {
    const std::vector<float> scores{3, 2, 1};
    const GroupedRanking ranking(scores, Labels{1, 0, 0}, Groups{0, 1, 1});
    BOOST_CHECK_EXCEPTION((Bootstrap{.replicates = 1}.intervals(ranking, both)), UsageError, says("needs at least 2"));
    BOOST_CHECK_EXCEPTION((Bootstrap{.level = 95}.intervals(ranking, both)), UsageError, says("does not lie between 0 and 1"));
    BOOST_CHECK_EXCEPTION(Bootstrap{}.intervals(GroupedRanking(scores, Labels{1, 0, 0}, Groups{0, 0, 0}), both), UsageError,
                          says("make smaller groups"));
    BOOST_CHECK_EXCEPTION(GroupedRanking(scores, Labels{1, 0, 0}, Groups{0}), UsageError, says("3 scores and 1 groups"));
    BOOST_CHECK_THROW(GroupedRanking(scores, Labels{0, 0, 0}, Groups{0, 1, 2}), UsageError);
    BOOST_CHECK_EXCEPTION(GroupedRanking(scores, Labels{1, 0, 0}, Groups{0, 1, 4000000000U}), UsageError, says("groups"));
}

BOOST_AUTO_TEST_SUITE_END()
