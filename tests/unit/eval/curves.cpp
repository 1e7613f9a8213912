// SPDX-License-Identifier: MIT
#include <chromatid/core/error.hpp>
#include <chromatid/eval/auprc.hpp>
#include <chromatid/eval/auroc.hpp>
#include <chromatid/eval/precision_recall_curve.hpp>
#include <chromatid/eval/ranked_labels.hpp>
#include <chromatid/eval/recall_at_fdr.hpp>

#include <boost/test/unit_test.hpp>

#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "tests/unit/eval/naive_measures.hpp"
#include "tests/unit/io/scratch.hpp"

using namespace chromatid;
using namespace chromatid::test;

namespace {

using Labels = std::vector<std::uint8_t>;
using Block = RankedLabels::Block;

const std::vector<float> falling{0.9F, 0.8F, 0.7F, 0.6F};

}  // namespace

BOOST_AUTO_TEST_SUITE(curves, *boost::unit_test::tolerance(1e-12))

BOOST_AUTO_TEST_CASE(ties_are_one_block_and_blocks_without_a_positive_merge) {
    const RankedLabels ranked(std::vector<float>{0.1F, 0.5F, 0.5F, 0.9F, 0.3F, 0.2F, 0.0F, -0.0F}, Labels{0, 1, 0, 1, 0, 0, 0, 1});
    const std::vector<Block> wanted{{0.9F, 1, 0}, {0.5F, 1, 1}, {0.1F, 0, 3}, {0.0F, 1, 1}};  // both zeros tie
    BOOST_TEST((std::vector<Block>(ranked.blocks().begin(), ranked.blocks().end()) == wanted));
    BOOST_TEST(ranked.positives() == 3);
    BOOST_TEST(ranked.negatives() == 5);
}

BOOST_AUTO_TEST_CASE(scores_keep_their_order_below_zero_and_at_infinity) {
    const float inf = std::numeric_limits<float>::infinity();
    const RankedLabels ranked(std::vector<float>{-inf, -2, -1e-40F, 1e-40F, 3, inf}, Labels{1, 1, 0, 1, 1, 1});
    const std::vector<Block> wanted{{inf, 1, 0}, {3, 1, 0}, {1e-40F, 1, 0}, {-1e-40F, 0, 1}, {-2, 1, 0}, {-inf, 1, 0}};
    BOOST_TEST((std::vector<Block>(ranked.blocks().begin(), ranked.blocks().end()) == wanted));
}

BOOST_AUTO_TEST_CASE(ambiguous_labels_are_left_out_in_every_type) {
    const std::vector<float> scores{0.9F, 0.8F, 0.7F};
    const RankedLabels wanted(std::vector<float>{0.9F, 0.7F}, Labels{1, 0});
    for (const RankedLabels& ranked : {RankedLabels(scores, std::vector<float>{1, -1, 0}),
                                       RankedLabels(scores, std::vector<std::int8_t>{1, -1, 0}), RankedLabels(scores, Labels{1, 255, 0})})
        BOOST_TEST((ranked.blocks().size() == 2U && ranked.blocks()[0] == wanted.blocks()[0] && ranked.blocks()[1] == wanted.blocks()[1]));
}

BOOST_AUTO_TEST_CASE(auroc_of_pairs_counted_by_hand) {
    BOOST_TEST(auroc(falling, Labels{1, 1, 0, 0}) == 1.0);
    BOOST_TEST(auroc(falling, Labels{0, 0, 1, 1}) == 0.0);
    BOOST_TEST(auroc(falling, Labels{1, 0, 1, 0}) == 0.75);
    BOOST_TEST(auroc(std::vector<float>{5, 5, 5, 5}, Labels{1, 0, 0, 0}) == 0.5);
    BOOST_TEST(auroc(std::vector<float>{2, 1, 1}, Labels{1, 1, 0}) == 0.75);
}

BOOST_AUTO_TEST_CASE(auprc_of_each_interpolation_by_hand) {
    const Labels labels{1, 0, 1, 0};  // points: (1/2, 1), then (1, 2/3) by way of (1/2, 1/2)
    const auto area = [&](PrInterpolation i) { return auprc(falling, labels, i); };
    BOOST_TEST(area(PrInterpolation::average_precision) == 0.5 + 0.5 * 2 / 3);
    BOOST_TEST(area(PrInterpolation::trapezoid) == 0.5 + 0.5 * (1.0 / 2 + 2.0 / 3) / 2);
    BOOST_TEST(area(PrInterpolation::davis_goadrich) == 0.5 + 0.5 * (1.0 / 2 + 2.0 / 3) / 2);
    BOOST_TEST(area(PrInterpolation::davis_goadrich_integral) == 0.5 + 0.5 * (1 - std::log(1.5)));  // integral of x / (x + 1) from 1 to 2
}

BOOST_AUTO_TEST_CASE(a_first_block_has_constant_precision) {
    const std::vector<float> scores{1, 1, 1, 1};
    const Labels labels{1, 0, 0, 0};
    BOOST_TEST(auprc(scores, labels) == 0.25);
    BOOST_TEST(auprc(scores, labels, PrInterpolation::davis_goadrich_integral) == 0.25);
    BOOST_TEST(auprc(scores, labels, PrInterpolation::average_precision) == 0.25);
    BOOST_TEST(auprc(scores, labels, PrInterpolation::trapezoid) == 0.625);
}

BOOST_AUTO_TEST_CASE(recall_at_fdr_takes_the_lowest_threshold_that_holds) {
    const Labels labels{1, 0, 1, 0};
    BOOST_TEST(recall_at_fdr(falling, labels, 0.0) == 0.5);
    BOOST_TEST(recall_at_fdr(falling, labels, 0.33) == 0.5);
    BOOST_TEST(recall_at_fdr(falling, labels, 0.34) == 1.0);             // precision 1/2 in between does not end the search
    BOOST_TEST(recall_at_fdr(falling, Labels{0, 1, 0, 0}, 0.1) == 0.0);  // unreachable
    BOOST_TEST(recall_at_fdr(std::vector<float>{2, 2, 1, 1}, Labels{1, 0, 1, 1}, 0.3) == 1.0);
    BOOST_TEST(recall_at_fdr(std::vector<float>{2, 2, 1, 1}, Labels{1, 0, 1, 0}, 0.4) == 0.0);  // the tie enters whole
}

BOOST_AUTO_TEST_CASE(an_fdr_met_exactly_counts_whatever_the_rounding) {
    std::vector<float> scores(20, 1.0F);
    Labels labels(20, 1);
    labels[7] = 0;
    BOOST_TEST(recall_at_fdr(scores, labels, 0.05) == 1.0);  // 1 - 0.95 is 0.05000000000000004 in double
    BOOST_TEST(recall_at_fdr(scores, labels, 0.0499) == 0.0);
}

BOOST_AUTO_TEST_CASE(a_curve_has_a_point_wherever_recall_grows) {
    const auto curve = precision_recall_curve(falling, Labels{1, 0, 1, 0});
    BOOST_REQUIRE_EQUAL(curve.size(), 2U);
    BOOST_TEST(curve[0].threshold == 0.9F);
    BOOST_TEST(curve[0].precision == 1.0);
    BOOST_TEST(curve[0].recall == 0.5);
    BOOST_TEST(curve[1].threshold == 0.7F);
    BOOST_TEST(curve[1].precision == 2.0 / 3);
    BOOST_TEST(curve[1].recall == 1.0);
}

BOOST_AUTO_TEST_CASE(random_scores_agree_with_the_definitions) {
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
        const Scored all = random_scores(seed, 5 + seed * 3, seed % 2 == 0 ? 0.1 : 0.5, seed % 3 == 0 ? 4 : 40);
        const RankedLabels ranked(all.scores, all.labels);
        BOOST_TEST(auroc(ranked) == auroc_of_pairs(all));
        BOOST_TEST(auprc(ranked) == davis_goadrich_in_steps(all, 1));
        BOOST_TEST(auprc(ranked, PrInterpolation::davis_goadrich_integral) == davis_goadrich_in_steps(all, 500),
                   boost::test_tools::tolerance(1e-4));
        for (const double fdr : {0.05, 0.1, 0.25, 0.5}) {
            double best = 0;
            for (const Counts& c : thresholds(all))
                if (c.f <= fdr * (c.t + c.f) + 1e-9) best = c.t / static_cast<double>(ranked.positives());
            BOOST_TEST(recall_at_fdr(ranked, fdr) == best);
        }
    }
}

BOOST_AUTO_TEST_CASE(order_of_elements_and_monotone_changes_of_scores_do_not_matter) {
    Scored all = random_scores(7, 300, 0.2, 50);
    const double roc = auroc(all.scores, all.labels), pr = auprc(all.scores, all.labels);
    std::reverse(all.scores.begin(), all.scores.end());
    std::reverse(all.labels.begin(), all.labels.end());
    for (float& s : all.scores) s = std::exp(3 * s) - 2;
    BOOST_TEST(auroc(all.scores, all.labels) == roc);
    BOOST_TEST(auprc(all.scores, all.labels) == pr);
}

BOOST_AUTO_TEST_CASE(bad_input_is_refused_with_the_way_out) {
    const float nan = std::numeric_limits<float>::quiet_NaN();
    BOOST_CHECK_EXCEPTION(auroc(std::vector<float>{1, nan}, Labels{1, 0}), UsageError, says("score 1 (counted from 0) is NaN"));
    BOOST_CHECK_EXCEPTION(auroc(falling, Labels{1, 0}), UsageError, says("4 scores and 2 labels"));
    BOOST_CHECK_EXCEPTION(auroc(falling, Labels{1, 1, 1, 255}), UsageError, says("none of the 3 labels is negative"));
    BOOST_CHECK_EXCEPTION(auprc(falling, Labels{0, 0, 0, 0}), UsageError, says("none of the 4 labels is positive"));
    BOOST_CHECK_EXCEPTION(auprc(std::vector<float>{}, Labels{}), UsageError, says("none of the 0 labels"));
    BOOST_CHECK_EXCEPTION(auprc(falling, std::vector<float>{1, 0, 0.5F, 0}), UsageError, says("label 2 (counted from 0) is 0.5"));
    BOOST_CHECK_EXCEPTION(recall_at_fdr(falling, Labels{1, 0, 0, 0}, 10), UsageError, says("0.1 is 10 %"));
}

BOOST_AUTO_TEST_SUITE_END()
