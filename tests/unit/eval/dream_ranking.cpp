// SPDX-License-Identifier: MIT
#include <chromatid/core/error.hpp>
#include <chromatid/eval/dream_measures.hpp>
#include <chromatid/eval/dream_ranking.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "tests/unit/eval/naive_measures.hpp"
#include "tests/unit/io/scratch.hpp"

using namespace chromatid;
using namespace chromatid::test;

namespace {

DreamRanking::Folds constant(double value) {
    DreamRanking::Folds folds;
    folds.fill({value, value, value, value});
    return folds;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(dream, *boost::unit_test::tolerance(1e-12))

BOOST_AUTO_TEST_CASE(a_fold_leaves_out_a_tenth_of_each_label_in_order) {
    // 12 positives: the first two parts hold 2 of them, the others 1; 25 negatives: the first five parts hold 3, the others 2
    Scored all = random_scores(1, 37, 0, 1000);
    std::vector<std::size_t> part(37);
    for (std::size_t i = 0, p = 0, n = 0; i < 37; ++i) {
        all.labels[i] = i % 3 == 1 ? 1 : 0;
        if (all.labels[i] == 1) part[i] = p < 4 ? p / 2 : p - 2, ++p;
        else part[i] = n < 15 ? n / 3 : 5 + (n - 15) / 2, ++n;
    }
    const auto folds = DreamMeasures::of_folds(all.scores, all.labels);
    for (std::size_t k = 0; k < DreamMeasures::folds; ++k) {
        Scored kept;
        for (std::size_t i = 0; i < 37; ++i)
            if (part[i] != k) {
                kept.scores.push_back(all.scores[i]);
                kept.labels.push_back(all.labels[i]);
            }
        BOOST_TEST(kept.scores.size() >= 32U);
        const DreamMeasures wanted = DreamMeasures::of(RankedLabels(kept.scores, kept.labels));
        BOOST_TEST(folds[k].auroc == wanted.auroc);
        BOOST_TEST(folds[k].auprc == wanted.auprc);
        BOOST_TEST(folds[k].recall_at_10_fdr == wanted.recall_at_10_fdr);
        BOOST_TEST(folds[k].recall_at_50_fdr == wanted.recall_at_50_fdr);
    }
}

BOOST_AUTO_TEST_CASE(ambiguous_elements_do_not_move_the_folds) {
    const Scored all = random_scores(2, 60, 0.3, 1000);
    Scored mixed;
    for (std::size_t i = 0; i < all.scores.size(); ++i) {
        mixed.scores.insert(mixed.scores.end(), {all.scores[i], 0.5F});
        mixed.labels.insert(mixed.labels.end(), {all.labels[i], std::uint8_t{255}});
    }
    const auto plain = DreamMeasures::of_folds(all.scores, all.labels), with = DreamMeasures::of_folds(mixed.scores, mixed.labels);
    for (std::size_t k = 0; k < DreamMeasures::folds; ++k) BOOST_TEST(plain[k].auprc == with[k].auprc);
}

BOOST_AUTO_TEST_CASE(a_single_positive_cannot_be_folded) {
    BOOST_CHECK_EXCEPTION(DreamMeasures::of_folds(std::vector<float>{2, 1, 0}, std::vector<std::uint8_t>{1, 0, 0}), UsageError,
                          says("is positive"));
}

BOOST_AUTO_TEST_CASE(methods_are_ranked_by_all_measures) {
    const DreamRanking ranking({{constant(0.2), constant(0.9), constant(0.2)}});
    const auto& task = ranking.by_task()[0];
    BOOST_TEST(*task[1] == 1.0);
    BOOST_TEST(*task[0] == 2.5);  // equal methods share ranks 2 and 3
    BOOST_TEST(*task[2] == 2.5);
    const auto& overall = ranking.overall();
    BOOST_TEST(overall[1].rank == 1.0);
    BOOST_TEST(overall[1].mean == 0.25);
    BOOST_TEST(overall[0].mean == 0.5);  // min(0.5, 2.5 / 4)
    BOOST_TEST(overall[0].rank == 2.5);
}

BOOST_AUTO_TEST_CASE(good_ranks_in_some_measures_outweigh_bad_ones_in_others) {
    // ranks 1 1 3 3 against 2 2 2 2: 1 * 1 * 3 * 3 < 2 * 2 * 2 * 2
    DreamRanking::Folds split, even, other;
    split.fill({0.9, 0.9, 0.1, 0.1});
    even.fill({0.5, 0.5, 0.5, 0.5});
    other.fill({0.1, 0.1, 0.9, 0.9});
    const DreamRanking ranking({{split, even, other}});
    BOOST_TEST(*ranking.by_task()[0][0] == 1.5);
    BOOST_TEST(*ranking.by_task()[0][1] == 3.0);
    BOOST_TEST(*ranking.by_task()[0][2] == 1.5);
}

BOOST_AUTO_TEST_CASE(the_second_best_fold_counts) {
    DreamRanking::Folds weak = constant(0.1), strong = constant(0.5);
    weak[3] = {0.9, 0.9, 0.9, 0.9};
    BOOST_TEST(*DreamRanking({{weak, strong}}).by_task()[0][0] == 2.0);
    weak[8] = weak[3];
    BOOST_TEST(*DreamRanking({{weak, strong}}).by_task()[0][0] == 1.0);
    BOOST_TEST(DreamRanking({{weak, strong}}).overall()[0].rank == 1.0);
}

BOOST_AUTO_TEST_CASE(a_method_without_a_result_scores_one_half) {
    const DreamRanking ranking({{constant(0.9), constant(0.5)}, {constant(0.9), std::nullopt}});
    BOOST_TEST(!ranking.by_task()[1][1]);
    BOOST_TEST(ranking.overall()[0].mean == (1.0 / 3 + 1.0 / 2) / 2);
    BOOST_TEST(ranking.overall()[1].mean == (0.5 + 0.5) / 2);
    BOOST_CHECK_THROW(DreamRanking({}), UsageError);
    BOOST_CHECK_THROW(DreamRanking({{constant(1)}, {constant(1), constant(2)}}), UsageError);
}

BOOST_AUTO_TEST_SUITE_END()
