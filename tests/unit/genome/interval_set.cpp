// SPDX-License-Identifier: MIT
#include <chromatid/core/error.hpp>
#include <chromatid/genome/blacklist.hpp>
#include <chromatid/genome/interval_set.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <random>
#include <string>
#include <vector>

using namespace chromatid;

namespace {

const ChromSizes small_genome({{"a", 100}, {"b", 50}});

/// The naive oracle: one bit per base of two chromosomes of 100 and 50 bases.
struct Bitmap {
    std::array<bool, 150> bits{};

    static Bitmap of(const std::vector<Interval>& intervals) {
        Bitmap map;
        for (const Interval& i : intervals) {
            for (std::int64_t p = i.start; p < i.end; ++p) map.bits[map.place(i.chrom, p)] = true;
        }
        return map;
    }
    static std::size_t place(const std::string& chrom, std::int64_t p) { return static_cast<std::size_t>(chrom == "a" ? p : 100 + p); }
    static Bitmap combine(const Bitmap& x, const Bitmap& y, const std::function<bool(bool, bool)>& f) {
        Bitmap map;
        for (std::size_t i = 0; i < map.bits.size(); ++i) map.bits[i] = f(x.bits[i], y.bits[i]);
        return map;
    }
    bool any(const Interval& i) const {
        for (std::int64_t p = i.start; p < i.end; ++p) {
            if (bits[place(i.chrom, p)]) return true;
        }
        return false;
    }
    std::int64_t count(const Interval& i) const {
        std::int64_t n = 0;
        for (std::int64_t p = i.start; p < i.end; ++p) n += bits[place(i.chrom, p)] ? 1 : 0;
        return n;
    }
};

void check_equal(const IntervalSet& set, const Bitmap& expected) {
    BOOST_TEST((Bitmap::of(set.intervals()).bits == expected.bits));
    const auto all = set.intervals();
    for (std::size_t i = 1; i < all.size(); ++i) {
        BOOST_TEST((all[i - 1].chrom < all[i].chrom || all[i - 1].end < all[i].start));
    }
}

std::vector<Interval> random_intervals(std::mt19937& random) {
    std::vector<Interval> intervals;
    for (std::size_t n = random() % 8; n > 0; --n) {
        const std::string chrom = random() % 3 == 0 ? "b" : "a";
        const auto size = static_cast<unsigned>(small_genome.size_of(chrom));
        const std::int64_t start = random() % size;
        intervals.push_back({chrom, start, std::min<std::int64_t>(size, start + static_cast<std::int64_t>(random() % 20))});
    }
    return intervals;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(genome_interval_set)

BOOST_AUTO_TEST_CASE(intervals_compare_by_chromosome_start_end) {
    BOOST_TEST((Interval{"chr10", 5, 6} < Interval{"chr2", 1, 2}));
    BOOST_TEST((Interval{"chr1", 1, 9} < Interval{"chr1", 2, 3}));
    BOOST_TEST((Interval{"chr1", 1, 3} < Interval{"chr1", 1, 4}));
    BOOST_TEST(to_string(Interval{"chr1", 100, 200}) == "chr1:100-200");
    BOOST_TEST((Interval{"chr1", 100, 250}.length()) == 150);
}

BOOST_AUTO_TEST_CASE(bookended_and_overlapping_intervals_merge_in_any_order) {
    const IntervalSet set({{"b", 30, 40}, {"a", 20, 30}, {"b", 1, 5}, {"a", 10, 20}, {"a", 12, 15}, {"a", 31, 32}});
    const std::vector<Interval> expected{{"a", 10, 30}, {"a", 31, 32}, {"b", 1, 5}, {"b", 30, 40}};
    BOOST_TEST((set.intervals() == expected));
    BOOST_TEST(set.size() == 4);
    BOOST_TEST(set.total_length() == 35);
}

BOOST_AUTO_TEST_CASE(an_interval_of_length_zero_holds_nothing) {
    const IntervalSet set({{"a", 10, 20}, {"b", 7, 7}});
    BOOST_TEST(set.size() == 1);
    BOOST_TEST(!set.any_overlap({"a", 15, 15}));
    BOOST_TEST((IntervalSet({{"b", 7, 7}}).empty()));
}

BOOST_AUTO_TEST_CASE(an_interval_that_starts_after_its_end_is_refused) { BOOST_CHECK_THROW(IntervalSet({{"a", 5, 4}}), UsageError); }

BOOST_AUTO_TEST_CASE(overlap_is_half_open) {
    const IntervalSet set({{"a", 10, 20}});
    BOOST_TEST(!set.any_overlap({"a", 5, 10}));
    BOOST_TEST(set.any_overlap({"a", 5, 11}));
    BOOST_TEST(set.any_overlap({"a", 19, 30}));
    BOOST_TEST(!set.any_overlap({"a", 20, 30}));
    BOOST_TEST(!set.any_overlap({"c", 10, 20}));
    BOOST_TEST(set.covered_length({"a", 15, 100}) == 5);
}

BOOST_AUTO_TEST_CASE(slop_stops_at_the_chromosome_and_drops_unknown_chromosomes) {
    const IntervalSet set({{"a", 3, 5}, {"a", 95, 98}, {"a", 50, 51}, {"a", 120, 130}, {"z", 1, 2}});
    const std::vector<Interval> expected{{"a", 0, 15}, {"a", 40, 61}, {"a", 85, 100}};
    BOOST_TEST((set.slop(10, small_genome).intervals() == expected));
    BOOST_CHECK_THROW(set.slop(-1, small_genome), UsageError);
}

BOOST_AUTO_TEST_CASE(complement_covers_chromosomes_without_intervals) {
    const std::vector<Interval> expected{{"a", 0, 10}, {"a", 20, 100}, {"b", 0, 50}};
    BOOST_TEST((IntervalSet({{"a", 10, 20}}).complement(small_genome).intervals() == expected));
}

BOOST_AUTO_TEST_CASE(operations_agree_with_a_bitmap) {
    std::mt19937 random(1);
    const Bitmap everything = Bitmap::of({{"a", 0, 100}, {"b", 0, 50}});
    for (int round = 0; round < 500; ++round) {
        const auto first = random_intervals(random), second = random_intervals(random);
        const IntervalSet x(first), y(second);
        const Bitmap bx = Bitmap::of(first), by = Bitmap::of(second);
        check_equal(x, bx);
        check_equal(x.unite(y), Bitmap::combine(bx, by, [](bool p, bool q) { return p || q; }));
        check_equal(x.intersect(y), Bitmap::combine(bx, by, [](bool p, bool q) { return p && q; }));
        check_equal(x.subtract(y), Bitmap::combine(bx, by, [](bool p, bool q) { return p && !q; }));
        check_equal(x.complement(small_genome), Bitmap::combine(everything, bx, [](bool p, bool q) { return p && !q; }));
        const std::int64_t by_bases = random() % 8;
        std::vector<Interval> grown;
        for (Interval i : first) {
            if (i.start == i.end) continue;
            grown.push_back(
                {i.chrom, std::max<std::int64_t>(0, i.start - by_bases), std::min(small_genome.size_of(i.chrom), i.end + by_bases)});
        }
        check_equal(x.slop(by_bases, small_genome), Bitmap::of(grown));
        for (const Interval& i : second) {
            BOOST_TEST(x.any_overlap(i) == bx.any(i));
            BOOST_TEST(x.covered_length(i) == bx.count(i));
        }
        BOOST_TEST((x.subtract(y).unite(x.intersect(y)) == x));
    }
}

BOOST_AUTO_TEST_CASE(blacklist_grows_regions_and_adds_chromosome_ends) {
    const IntervalSet raw({{"a", 40, 45}, {"z", 1, 2}});
    const std::vector<Interval> expected{{"a", 0, 10}, {"a", 30, 55}, {"a", 90, 100}, {"b", 0, 10}, {"b", 40, 50}};
    BOOST_TEST((blacklist(raw, small_genome, 10).intervals() == expected));
    BOOST_TEST(blacklist(raw, small_genome, 60).total_length() == 150);
}

BOOST_AUTO_TEST_SUITE_END()
