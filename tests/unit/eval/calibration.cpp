// SPDX-License-Identifier: MIT
#include <chromatid/core/error.hpp>
#include <chromatid/eval/average_ranks.hpp>
#include <chromatid/eval/calibration.hpp>
#include <chromatid/eval/pearson.hpp>
#include <chromatid/eval/rank_average.hpp>
#include <chromatid/eval/spearman.hpp>

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "tests/unit/io/scratch.hpp"

using namespace chromatid;
using namespace chromatid::test;

namespace {

using Scores = std::vector<float>;
using Labels = std::vector<std::uint8_t>;
const float not_a_number = std::numeric_limits<float>::quiet_NaN();

}  // namespace

BOOST_AUTO_TEST_SUITE(calibration_and_correlation, *boost::unit_test::tolerance(1e-12))

BOOST_AUTO_TEST_CASE(reliability_bins_by_hand) {
    const Calibration c = Calibration::of(Scores{0, 0.25F, 0.5F, 0.75F, 1, 0.125F}, Labels{0, 1, 0, 1, 1, 255}, 2);
    BOOST_REQUIRE_EQUAL(c.bins.size(), 2U);
    BOOST_TEST(c.bins[0].count == 2);
    BOOST_TEST(c.bins[0].upper == 0.5);
    BOOST_TEST(c.bins[0].mean_score == 0.125);
    BOOST_TEST(c.bins[0].positive_fraction == 0.5);
    BOOST_TEST(c.bins[1].count == 3);  // 0.5 begins it, 1 belongs to it
    BOOST_TEST(c.bins[1].mean_score == 0.75);
    BOOST_TEST(c.bins[1].positive_fraction == 2.0 / 3);
    BOOST_TEST(c.brier == (0.75 * 0.75 + 0.25 + 0.0625) / 5);
    BOOST_TEST(c.expected_error == (2 * 0.375 + 3 * (0.75 - 2.0 / 3)) / 5);
}

BOOST_AUTO_TEST_CASE(certain_and_right_is_perfect_and_empty_bins_are_zero) {
    const Calibration c = Calibration::of(Scores{0, 1}, Labels{0, 1});
    BOOST_TEST(c.brier == 0.0);
    BOOST_TEST(c.expected_error == 0.0);
    BOOST_REQUIRE_EQUAL(c.bins.size(), 10U);
    BOOST_TEST(c.bins[5].count == 0);
    BOOST_TEST(c.bins[5].mean_score == 0.0);
}

BOOST_AUTO_TEST_CASE(calibration_refuses_what_is_no_probability) {
    BOOST_CHECK_EXCEPTION(Calibration::of(Scores{0.5F, 2}, Labels{0, 1}), UsageError, says("score 1 (counted from 0) is 2"));
    BOOST_CHECK_EXCEPTION(Calibration::of(Scores{not_a_number}, Labels{0}), UsageError, says("NaN"));
    BOOST_CHECK_EXCEPTION(Calibration::of(Scores{0.5F}, Labels{255}), UsageError, says("there is no label"));
    BOOST_CHECK_EXCEPTION(Calibration::of(Scores{0.5F}, Labels{1, 0}), UsageError, says("1 scores and 2 labels"));
    BOOST_CHECK_EXCEPTION(Calibration::of(Scores{0.5F}, Labels{1}, 0), UsageError, says("at least 1"));
}

BOOST_AUTO_TEST_CASE(equal_scores_share_the_mean_of_their_ranks) {
    BOOST_TEST(average_ranks(Scores{3, 1, 3, -2, 0.0F, -0.0F}) == (std::vector<double>{5.5, 4, 5.5, 1, 2.5, 2.5}),
               boost::test_tools::per_element());
    BOOST_TEST(average_ranks(Scores{}).empty());
    BOOST_CHECK_THROW(average_ranks(Scores{1, not_a_number}), UsageError);
}

BOOST_AUTO_TEST_CASE(correlations_by_hand) {
    BOOST_TEST(pearson(Scores{1, 2, 3}, Scores{2, 4, 6}) == 1.0);
    BOOST_TEST(pearson(Scores{1, 2, 3}, Scores{3, 2, 1}) == -1.0);
    BOOST_TEST(pearson(Scores{1, 2, 3, 4}, Scores{1, 3, 2, 4}) == 0.8);
    BOOST_TEST(spearman(Scores{1, 2, 3, 4}, Scores{1, 100, 20, 1000}) == 0.8);
    BOOST_TEST(spearman(Scores{1, 1, 2}, Scores{1, 2, 3}) == 1.5 / std::sqrt(1.5 * 2.0));  // ranks 1.5 1.5 3 against 1 2 3
    BOOST_TEST(spearman(Scores{1, 2, 3}, Scores{0, 0, 1e30F}) == spearman(Scores{0, 0, 1}, Scores{5, 6, 7}));
}

BOOST_AUTO_TEST_CASE(what_cannot_be_correlated_is_refused) {
    BOOST_CHECK_EXCEPTION(pearson(Scores{1, 2}, Scores{1}), UsageError, says("2 scores and 1"));
    BOOST_CHECK_EXCEPTION(pearson(Scores{1}, Scores{1}), UsageError, says("at least 2 pairs"));
    BOOST_CHECK_EXCEPTION(pearson(Scores{1, not_a_number}, Scores{1, 2}), UsageError, says("infinite"));
    BOOST_CHECK_EXCEPTION(pearson(Scores{0.1F, 0.1F, 0.1F}, Scores{1, 2, 3}), UsageError, says("all scores of one kind are equal"));
    BOOST_CHECK_THROW(spearman(Scores{1, 2}, Scores{1, not_a_number}), UsageError);
}

BOOST_AUTO_TEST_CASE(a_rank_average_is_the_mean_of_scaled_ranks) {
    RankAverage average;
    BOOST_CHECK_THROW(average.result(), UsageError);
    average.add(Scores{0.1F, 0.9F, 0.5F});
    average.add(Scores{7, 5, 5}, 3);
    const std::vector<float> result = average.result();  // scaled ranks 0 1 0.5 and 1 0.25 0.25
    BOOST_TEST(result[0] == 0.75F);
    BOOST_TEST(result[1] == (1 + 0.75F) / 4);
    BOOST_TEST(result[2] == (0.5F + 0.75F) / 4);
    BOOST_CHECK_EXCEPTION(average.add(Scores{1}), UsageError, says("1 scores and 3 scores of the models before"));
    BOOST_CHECK_EXCEPTION(average.add(Scores{1, 2, 3}, 0), UsageError, says("above 0"));
    BOOST_CHECK_THROW(average.add(Scores{1, not_a_number, 3}), UsageError);
}

BOOST_AUTO_TEST_CASE(one_models_rank_average_orders_as_the_model_does) {
    RankAverage average;
    const Scores scores{0.3F, 0.1F, 0.7F, 0.1F};
    average.add(scores);
    BOOST_TEST(spearman(average.result(), scores) == 1.0);
    RankAverage alone;
    alone.add(Scores{42});
    BOOST_TEST(alone.result()[0] == 0.5F);
}

BOOST_AUTO_TEST_SUITE_END()
