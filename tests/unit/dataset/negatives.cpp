// SPDX-License-Identifier: MIT
#include <chromatid/dataset/any_negatives.hpp>
#include <chromatid/dataset/bin_places.hpp>
#include <chromatid/dataset/fresh_negatives.hpp>
#include <chromatid/dataset/gc_matched_negatives.hpp>
#include <chromatid/dataset/keyed_permutation.hpp>
#include <chromatid/dataset/non_overlapping_negatives.hpp>
#include <chromatid/dataset/tiled_negatives.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <tests/unit/io/scratch.hpp>
#include <vector>

using namespace chromatid;
using chromatid::test::says;

namespace {

const ChromSizes sizes({{"a", 1000}, {"b", 100}, {"c", 500}});
const IntervalSet excluded({{"a", 0, 300}, {"a", 450, 700}, {"c", 100, 101}});
const std::vector<Index> a_and_c{0, 2};

BinPlaces places(std::int64_t width = 100, std::int64_t step = 1) { return {sizes, a_and_c, excluded, {width, step}}; }

NegativePlaces two_cells(Index first, Index second) {
    NegativePlaces all;
    all.add(places(), first);
    all.add(BinPlaces(sizes, a_and_c, IntervalSet{}, {100, 1}), second);
    return all;
}

template <NegativeSampler S>
std::vector<Negative> epoch_of(const S& sampler, Index epoch) {
    std::vector<Negative> all;
    for (Index i = 0; i < sampler.count(epoch); ++i) all.push_back(sampler(epoch, i));
    return all;
}

constexpr DataDraws draws{420, DataDraws::Purpose::negative};

}  // namespace

BOOST_AUTO_TEST_SUITE(dataset_negatives)

BOOST_AUTO_TEST_CASE(a_permutation_meets_each_index_once) {
    for (const Index size : {1, 2, 3, 63, 64, 65, 100, 1000, 4096, 4097}) {
        const KeyedPermutation order(size, 420, 7);
        std::vector<int> seen(static_cast<std::size_t>(size));
        for (Index i = 0; i < size; ++i) ++seen[static_cast<std::size_t>(order(i))];
        BOOST_TEST((std::ranges::count(seen, 1) == size));
    }
}

BOOST_AUTO_TEST_CASE(permutations_spread_evenly_and_depend_on_seed_and_number) {
    // Where the first item goes, over 20,000 keys, and how neighbours lie to each other: even over ten stretches, within five deviations.
    const Index size = 1000;
    std::vector<double> first(10), step(10);
    Index fixed = 0;
    for (std::uint64_t number = 0; number < 20'000; ++number) {
        const KeyedPermutation order(size, 3, number);
        ++first[static_cast<std::size_t>(order(0) / 100)];
        ++step[static_cast<std::size_t>((order(501) - order(500) + size) % size / 100)];
        fixed += order(5) == 5 ? 1 : 0;
    }
    for (const auto* counts : {&first, &step})
        for (const double n : *counts) BOOST_TEST(std::abs(n - 2000) < 5 * std::sqrt(1800.0));
    BOOST_TEST(fixed < 50);
    Index same = 0;
    const KeyedPermutation one(size, 3, 0), other(size, 4, 0);
    for (Index i = 0; i < size; ++i) same += one(i) == other(i) ? 1 : 0;
    BOOST_TEST(same < 10);
}

BOOST_AUTO_TEST_CASE(draws_below_a_limit_are_even_and_stay_below) {
    for (const std::int64_t limit : {std::int64_t{1}, std::int64_t{10}, std::int64_t{3'000'000'000}, std::int64_t{1} << 50}) {
        std::vector<double> counts(10);
        for (Index i = 0; i < 20'000; ++i) {
            const std::int64_t drawn = draws.below(limit, 1, i);
            BOOST_TEST_REQUIRE((drawn >= 0 && drawn < limit));
            ++counts[static_cast<std::size_t>(static_cast<double>(drawn) / static_cast<double>(limit) * 10)];
        }
        if (limit > 1)
            for (const double n : counts) BOOST_TEST(std::abs(n - 2000) < 5 * std::sqrt(1800.0));
    }
    BOOST_TEST(draws.bits(0, 1) != draws.bits(1, 0));
    BOOST_TEST(draws.bits(0, 0) != draws.bits(0, Index{1} << 32));
    BOOST_TEST(draws.bits(0, 0) != (DataDraws{420, DataDraws::Purpose::shift}.bits(0, 0)));
}

BOOST_AUTO_TEST_CASE(places_are_all_starts_that_fit) {
    // a: [300, 350] before 450 and [700, 900]; c: 0 before 100 and [101, 400]
    const BinPlaces all = places();
    BOOST_TEST(all.size() == 51 + 201 + 1 + 300);
    BOOST_TEST((all[0] == Bin{0, 300}));
    BOOST_TEST((all[50] == Bin{0, 350}));
    BOOST_TEST((all[51] == Bin{0, 700}));
    BOOST_TEST((all[251] == Bin{0, 900}));
    BOOST_TEST((all[252] == Bin{2, 0}));
    BOOST_TEST((all[253] == Bin{2, 101}));
    BOOST_TEST((all[552] == Bin{2, 400}));
    const BinPlaces grid = places(100, 50);
    std::vector<Bin> found;
    for (std::int64_t i = 0; i < grid.size(); ++i) found.push_back(grid[i]);
    const std::vector<Bin> expected{{0, 300}, {0, 350}, {0, 700}, {0, 750}, {0, 800}, {0, 850}, {0, 900},
                                    {2, 0},   {2, 150}, {2, 200}, {2, 250}, {2, 300}, {2, 350}, {2, 400}};
    BOOST_TEST((found == expected));
    BOOST_CHECK_EXCEPTION(places(600), UsageError, says("there is no place for a negative bin of 600 bases on 2 chromosomes"));
}

BOOST_AUTO_TEST_CASE(fresh_negatives_avoid_their_cells_regions_and_differ_between_epochs) {
    const FreshNegatives sampler(two_cells(300, 200), draws);
    BOOST_TEST(sampler.count(0) == 500);
    const auto first = epoch_of(sampler, 0);
    for (std::size_t i = 0; i < first.size(); ++i) {
        const auto& [bin, cell] = first[i];
        BOOST_TEST(cell == (i < 300 ? 0 : 1));
        BOOST_TEST((bin.start >= 0 && bin.start + 100 <= sizes[bin.chromosome].size));
        if (cell == 0) BOOST_TEST(!excluded.any_overlap(sizes[bin.chromosome].name, bin.start, bin.start + 100));
    }
    BOOST_TEST((first == epoch_of(sampler, 0)));
    BOOST_TEST((first != epoch_of(sampler, 1)));
    BOOST_TEST((first != epoch_of(FreshNegatives(two_cells(300, 200), {421, DataDraws::Purpose::negative}), 0)));
}

BOOST_AUTO_TEST_CASE(fresh_negatives_are_even_over_the_places) {
    NegativePlaces all;
    all.add(places(), 20'000);
    std::map<Index, double> counts;
    for (const Negative& n : epoch_of(FreshNegatives(all, draws), 3)) ++counts[n.bin.chromosome];
    const double expected = 20'000.0 * 252 / 553;
    BOOST_TEST(std::abs(counts[0] - expected) < 5 * std::sqrt(expected * 301 / 553));
}

BOOST_AUTO_TEST_CASE(tiled_negatives_pass_over_every_place_before_one_returns) {
    NegativePlaces all;
    all.add(places(100, 50), 7);
    const TiledNegatives sampler(all, draws);
    const auto pass = [&](Index epoch) {
        std::vector<Negative> shown = epoch_of(sampler, epoch);
        const auto more = epoch_of(sampler, epoch + 1);
        shown.insert(shown.end(), more.begin(), more.end());
        return shown;
    };
    auto first = pass(0), second = pass(2);
    BOOST_TEST((first != second));
    std::sort(first.begin(), first.end());
    std::sort(second.begin(), second.end());
    BOOST_TEST(first.size() == 14u);
    BOOST_TEST((std::adjacent_find(first.begin(), first.end()) == first.end()));
    BOOST_TEST((first == second));
}

BOOST_AUTO_TEST_CASE(no_two_of_a_cells_negatives_overlap_in_the_whole_run) {
    const ChromSizes genome({{"a", 300'000}, {"b", 100'000}, {"c", 200'000}});
    const IntervalSet peaks({{"a", 1000, 50'000}, {"c", 10'000, 11'000}});
    const std::vector<NonOverlappingNegatives::Cell> cells{{peaks, 30}, {IntervalSet{}, 50}};
    const NonOverlappingNegatives sampler(genome, a_and_c, cells, 200, 10, draws);
    BOOST_TEST(sampler.dropped() == 0);
    std::map<Index, std::vector<Interval>> by_cell;
    for (Index epoch = 0; epoch < 10; ++epoch) {
        BOOST_TEST(sampler.count(epoch) == 80);
        for (const Negative& n : epoch_of(sampler, epoch)) {
            BOOST_TEST(n.bin.chromosome != 1);
            BOOST_TEST((n.bin.start >= 0 && n.bin.start + 200 <= genome[n.bin.chromosome].size));
            by_cell[n.cell].push_back({genome[n.bin.chromosome].name, n.bin.start, n.bin.start + 200});
        }
    }
    BOOST_TEST(by_cell[0].size() == 300u);
    BOOST_TEST(by_cell[1].size() == 500u);
    for (auto& [cell, bins] : by_cell) {
        std::sort(bins.begin(), bins.end());
        for (std::size_t i = 1; i < bins.size(); ++i) BOOST_TEST((bins[i].chrom != bins[i - 1].chrom || bins[i].start >= bins[i - 1].end));
    }
    for (const Interval& bin : by_cell[0]) BOOST_TEST(!peaks.any_overlap(bin));
    BOOST_TEST(sampler.count(10) == 0);
    BOOST_TEST((epoch_of(sampler, 4) == epoch_of(NonOverlappingNegatives(genome, a_and_c, cells, 200, 10, draws), 4)));
}

BOOST_AUTO_TEST_CASE(negatives_that_find_no_place_are_dropped_and_counted) {
    const std::vector<NonOverlappingNegatives::Cell> cells{{excluded, 4}};
    const NonOverlappingNegatives sampler(sizes, a_and_c, cells, 100, 3, draws);
    BOOST_TEST(sampler.dropped() > 0);  // 12 do not fit: at most 1 + 3 on a, 4 on c
    Index left = 0;
    for (Index epoch = 0; epoch < 3; ++epoch) left += sampler.count(epoch);
    BOOST_TEST(left == 12 - sampler.dropped());
    BOOST_TEST(sampler.count(0) == 4);
    BOOST_TEST(sampler.count(2) < 4);
}

BOOST_AUTO_TEST_CASE(a_genome_without_room_is_found_to_be_full) {
    const std::vector<NonOverlappingNegatives::Cell> cells{{excluded, 1'000'000'000}};
    const NonOverlappingNegatives sampler(sizes, a_and_c, cells, 100, 1000, draws);  // a billion times a thousand are not tried
    BOOST_TEST(sampler.count(0) <= 8);
    BOOST_TEST(sampler.dropped() == 1'000'000'000'000 - sampler.count(0));
}

BOOST_AUTO_TEST_CASE(gc_matched_negatives_have_their_positives_content) {
    const auto content = [](const Bin& bin) { return static_cast<double>(bin.start % 100) / 100; };
    const std::vector<std::vector<Bin>> positives{{{0, 20}, {0, 75}}, {{2, 50}}};
    const GcMatchedNegatives sampler(two_cells(40, 20), positives, content, draws, 0.05);
    const auto all = epoch_of(sampler, 0);
    for (std::size_t i = 0; i < all.size(); ++i) {
        const double wanted = all[i].cell == 1 ? 0.5 : i % 2 == 0 ? 0.2 : 0.75;
        BOOST_TEST(std::abs(content(all[i].bin) - wanted) <= 0.0501);
    }
    BOOST_TEST((all != epoch_of(sampler, 1)));
    const GcMatchedNegatives impossible(
        two_cells(3, 0), {{{0, 20}}, {}}, [](const Bin& bin) { return bin.start == 20 ? 1.0 : 0.3; }, draws);
    BOOST_TEST(epoch_of(impossible, 0).size() == 3u);
}

BOOST_AUTO_TEST_CASE(any_negatives_are_those_of_the_sampler_inside) {
    const FreshNegatives sampler(two_cells(3, 2), draws);
    const AnyNegatives any(sampler), copy(any);
    BOOST_TEST((epoch_of(copy, 2) == epoch_of(sampler, 2)));
    BOOST_TEST(AnyNegatives().count(0) == 0);
}

BOOST_AUTO_TEST_SUITE_END()
