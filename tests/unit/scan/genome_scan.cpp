// SPDX-License-Identifier: MIT
#include <chromatid/backend/cuda/emulated_cuda.hpp>
#include <chromatid/core/error.hpp>
#include <chromatid/dataset/genome_piece.hpp>
#include <chromatid/dataset/window.hpp>
#include <chromatid/dataset/window_encoder.hpp>
#include <chromatid/genome/resident_sequence.hpp>
#include <chromatid/genome/resident_signal.hpp>
#include <chromatid/layer/conv1d.hpp>
#include <chromatid/layer/dense.hpp>
#include <chromatid/layer/flatten.hpp>
#include <chromatid/layer/max_pool1d.hpp>
#include <chromatid/layer/side_input.hpp>
#include <chromatid/network/on_device.hpp>
#include <chromatid/network/reverse_complement_siamese.hpp>
#include <chromatid/network/sequential.hpp>
#include <chromatid/scan/genome_scan.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <random>
#include <span>
#include <string>
#include <utility>
#include <vector>

using namespace chromatid;

namespace {

constexpr Index window_length = 60, tracks = 2, values_per_base = 4 + tracks;

using Net = ReverseComplementSiamese<Sequential<Conv1D<5, 7, ReLU>, MaxPool1D<4>, Flatten, Dense<2, Sigmoid>>>;
using NetWithSide = ReverseComplementSiamese<Sequential<Conv1D<5, 7, ReLU>, MaxPool1D<4>, Flatten, SideInput<2>, Dense<3, Sigmoid>>>;

template <class N>
AnyModel<> random_model(std::uint64_t seed) {
    Model<N, Shape<window_length, values_per_base>> model;
    model.initialize(seed);
    return model;
}

/// What an interval's side input is in these tests.
void write_side(const Interval& bin, std::span<float> side) {
    side[0] = static_cast<float>(bin.start % 7) / 7;
    side[1] = 0.5F;
}

/// Random bases with runs of N, and random signals with NaN.
struct SmallGenome {
    ResidentSequence sequence;
    std::vector<ResidentSignal> signals;

    explicit SmallGenome(const std::vector<Chromosome>& chromosomes, unsigned seed = 1) : signals(tracks) {
        std::mt19937 random(seed);
        for (const Chromosome& c : chromosomes) {
            std::string letters(static_cast<std::size_t>(c.size), 'N');
            for (std::size_t i = 0; i < letters.size(); ++i)
                if (i % 1000 > 80) letters[i] = "ACGTN"[random() % 5];
            sequence.add(c.name, letters);
            for (ResidentSignal& s : signals) {
                std::vector<float> values(static_cast<std::size_t>(c.size));
                for (float& v : values) v = random() % 9 == 0 ? NAN : static_cast<float>(random() % 100) / 50 - 1;
                s.add(c.name, std::move(values));
            }
        }
    }

    const ChromSizes& sizes() const { return sequence.chromosomes(); }
    ScanInputs inputs(IntervalSet masked = {}) const { return {sequence, {signals.begin(), signals.end()}, std::move(masked)}; }

    /// Scores of one bin by the definition: its window alone, encoded and inferred.
    std::vector<float> one_by_one(const AnyModel<>& model, const Interval& bin) const {
        const Interval window = centered_window(bin, window_length);
        GenomePiece piece;
        ResidentSequence bases = sequence;
        std::vector<ResidentSignal> values = signals;
        piece.load(window, bases, std::span(values));
        Tensor<float> x({1, window_length, values_per_base}), y({1, model.output_shape()[0]}), side({1, model.side_size()});
        WindowEncoder(window_length, tracks).encode(piece, window, x);
        Cpu<>::Context on;
        if (model.side_size() > 0) {
            write_side(bin, side.span());
            model.infer(on, x, side, y);
        } else {
            model.infer(on, x, View<const float>{}, y);
        }
        return {y.span().begin(), y.span().end()};
    }
};

/// All that a scan gave out, row by row.
struct Collected {
    std::vector<Interval> bins;
    std::vector<std::vector<float>> scores;
    Index masked = 0;
};

Collected collect(GenomeScan& scan, const ScanRegions& regions, Index threads = 1) {
    Collected all;
    Cpu<>::Context on(threads);
    scan.run(on, regions, [&](const ScanScores& some) {
        BOOST_TEST(some.scores.extent(0) == some.bins.count);
        for (Index i = 0; i < some.bins.count; ++i) {
            all.bins.push_back(regions.bin(some.bins, i));
            all.scores.emplace_back();
            for (Index c = 0; c < scan.columns(); ++c) all.scores.back().push_back(some.scores(i, c));
        }
        all.masked += some.masked;
    });
    return all;
}

std::vector<Interval> bins_of(const ScanRegions& regions) {
    std::vector<Interval> bins;
    for (const ScanRegions::Run& run : regions.runs())
        for (Index i = 0; i < run.count; ++i) bins.push_back(regions.bin(run, i));
    return bins;
}

/// Checks a scan of one network with two outputs against window by window, bit for bit.
void check_against_windows(const SmallGenome& genome, const ScanRegions& regions, const IntervalSet& masked = {}) {
    const AnyModel<> model = random_model<Net>(5);
    GenomeScan scan(genome.inputs(masked), {{&model}}, {{{0, 0}}, {{0, 1}}});
    const Collected all = collect(scan, regions);
    const std::vector<Interval> expected = bins_of(regions);
    BOOST_TEST((all.bins == expected));
    Index skipped = 0;
    for (std::size_t i = 0; i < std::min(all.bins.size(), expected.size()); ++i) {
        const bool skip = masked.any_overlap(expected[i]);
        skipped += skip ? 1 : 0;
        const std::vector<float> wanted = skip ? std::vector<float>{0, 0} : genome.one_by_one(model, expected[i]);
        BOOST_TEST(all.scores[i] == wanted, to_string(expected[i]));
    }
    BOOST_TEST(all.masked == skipped);
}

/// A source that fails behind a base, as a damaged file does.
struct DamagedSequence {
    ResidentSequence sequence;
    std::int64_t sound;

    const ChromSizes& chromosomes() const { return sequence.chromosomes(); }
    void fetch(const Interval& interval, std::span<std::uint8_t> codes) {
        if (interval.end > sound) throw FormatError("genome", "byte 7", "is damaged");
        sequence.fetch(interval, codes);
    }
    DamagedSequence clone() const { return *this; }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(genome_scan)

BOOST_AUTO_TEST_CASE(a_score_is_that_of_the_bins_own_window) {
    // several tiles of 256 bins and a remainder; windows past both ends, runs of N, NaN in the tracks
    const SmallGenome genome({{"a", 30'000}, {"b", 900}});
    check_against_windows(genome, ScanRegions::whole(genome.sizes(), {20, 50}));
}

BOOST_AUTO_TEST_CASE(sizes_need_not_fit) {
    const SmallGenome genome({{"a", 3000}, {"b", 60}, {"c", 59}, {"d", 1}, {"e", 0}});
    for (const ScanBins bins : {ScanBins{1, 1}, ScanBins{7, 3}, ScanBins{200, 13}, ScanBins{59, 60}, ScanBins{61, 700}, ScanBins{3000, 1}})
        check_against_windows(genome, ScanRegions::whole(genome.sizes(), bins));
}

BOOST_AUTO_TEST_CASE(short_regions_share_a_batch) {
    const SmallGenome genome({{"a", 80'000}, {"b", 5000}});
    std::vector<Interval> regions;
    std::mt19937 random(2);
    for (int i = 0; i < 40; ++i) {
        const auto start = static_cast<std::int64_t>(random() % 79'000);
        regions.push_back({"a", start, start + static_cast<std::int64_t>(random() % 700)});
    }
    regions.push_back({"b", 40, 70});
    regions.push_back({"b", 1000, 4000});
    regions.push_back({"b", 4100, 4200});
    check_against_windows(genome, {genome.sizes(), IntervalSet(regions), {20, 10}});
}

BOOST_AUTO_TEST_CASE(masked_bins_score_zero_wherever_they_lie) {
    const SmallGenome genome({{"a", 20'000}});
    const IntervalSet masked{{"a", 0, 300}, {"a", 1010, 1011}, {"a", 5000, 12'000}, {"a", 19'990, 20'000}, {"x", 0, 100}};
    check_against_windows(genome, ScanRegions::whole(genome.sizes(), {20, 10}), masked);
    check_against_windows(genome, {genome.sizes(), IntervalSet{{"a", 980, 1060}, {"a", 2000, 2050}}, {20, 10}}, masked);
    check_against_windows(genome, {genome.sizes(), IntervalSet{{"a", 6000, 9000}}, {20, 10}}, masked);
}

BOOST_AUTO_TEST_CASE(bins_of_unknown_bases_are_scored) {
    SmallGenome genome({{"a", 200}});
    ResidentSequence unknown;
    unknown.add("a", std::string(200, 'N'));
    genome.sequence = unknown;
    const AnyModel<> model = random_model<Net>(5);
    GenomeScan scan(genome.inputs(), {{&model}}, {{{0, 0}}});
    const Collected all = collect(scan, ScanRegions::whole(genome.sizes(), {20, 50}));
    BOOST_TEST(all.masked == 0);
    BOOST_TEST(all.scores.at(0).at(0) > 0);
}

BOOST_AUTO_TEST_CASE(the_number_of_threads_changes_nothing) {
    const SmallGenome genome({{"a", 40'000}, {"b", 9000}});
    const AnyModel<> model = random_model<Net>(5);
    GenomeScan scan(genome.inputs({{"a", 3000, 3400}}), {{&model}}, {{{0, 1}}});
    const auto regions = ScanRegions::whole(genome.sizes(), {20, 10});
    const Collected one = collect(scan, regions);
    for (const Index threads : {2, 7}) {
        const Collected several = collect(scan, regions, threads);
        BOOST_TEST((several.bins == one.bins));
        BOOST_TEST((several.scores == one.scores));
        BOOST_TEST(several.masked == one.masked);
    }
}

BOOST_AUTO_TEST_CASE(a_part_of_a_chromosome_scores_as_in_the_whole) {
    const SmallGenome genome({{"a", 30'000}});
    const AnyModel<> model = random_model<Net>(5);
    GenomeScan scan(genome.inputs(), {{&model}}, {{{0, 0}}});
    const Collected whole = collect(scan, ScanRegions::whole(genome.sizes(), {20, 10}));
    const Collected part = collect(scan, {genome.sizes(), IntervalSet{{"a", 7777, 19'993}}, {20, 10}});
    BOOST_REQUIRE(!part.bins.empty());
    const auto at = std::find(whole.bins.begin(), whole.bins.end(), part.bins.front()) - whole.bins.begin();
    BOOST_TEST(std::equal(part.scores.begin(), part.scores.end(), whole.scores.begin() + at));
}

BOOST_AUTO_TEST_CASE(several_networks_give_columns_and_means) {
    const SmallGenome genome({{"a", 3000}});
    const AnyModel<> first = random_model<Net>(5), second = random_model<NetWithSide>(6);
    GenomeScan scan(genome.inputs(), {{&first}, {&second, write_side}}, {{{1, 2}}, {{0, 1}}, {{0, 0}, {1, 1}}});
    const Collected all = collect(scan, ScanRegions::whole(genome.sizes(), {20, 10}));
    BOOST_REQUIRE_EQUAL(all.bins.size(), 299U);
    for (std::size_t i = 0; i < all.bins.size(); ++i) {
        const std::vector<float> a = genome.one_by_one(first, all.bins[i]), b = genome.one_by_one(second, all.bins[i]);
        const auto mean = static_cast<float>((static_cast<double>(a[0]) + static_cast<double>(b[1])) / 2);
        const std::vector<float> expected{b[2], a[1], mean};
        BOOST_TEST(all.scores[i] == expected, to_string(all.bins[i]));
    }
}

BOOST_AUTO_TEST_CASE(a_network_on_a_device_gets_more_windows_at_once) {
    using B = EmulatedCuda<>;
    Model<Net, Shape<window_length, values_per_base>, B> there;
    there.initialize(5);
    const AnyModel<> here = random_model<Net>(5), device = OnDevice(std::move(there), [] { return std::make_unique<B::Context>(); });
    const SmallGenome genome({{"a", 9000}});
    const ScanRegions regions = ScanRegions::whole(genome.sizes(), {10, 5});
    const IntervalSet masked{{"a", 2000, 2100}};
    Index largest_here = 0, largest_there = 0;
    const auto scores = [&](const AnyModel<>& model, Index& largest) {
        GenomeScan scan(genome.inputs(masked), {{&model}}, {{{0, 0}}, {{0, 1}}});
        std::vector<float> all;
        Cpu<>::Context on;
        scan.run(on, regions, [&](const ScanScores& some) {
            largest = std::max(largest, some.bins.count);
            all.insert(all.end(), some.scores.data(), some.scores.data() + some.scores.size());
        });
        return all;
    };
    const std::vector<float> expected = scores(here, largest_here), found = scores(device, largest_there);
    BOOST_TEST(largest_here == 256);
    BOOST_TEST(largest_there == 1024);
    BOOST_REQUIRE(found.size() == expected.size());
    for (std::size_t i = 0; i < found.size(); ++i) BOOST_TEST(std::abs(found[i] - expected[i]) < 1e-6F);
}

BOOST_AUTO_TEST_CASE(nothing_to_scan_gives_nothing) {
    const SmallGenome genome({{"a", 3000}});
    const AnyModel<> model = random_model<Net>(5);
    GenomeScan scan(genome.inputs(), {{&model}}, {{{0, 0}}});
    BOOST_TEST(collect(scan, {genome.sizes(), IntervalSet{}, {20, 10}}).bins.empty());
}

BOOST_AUTO_TEST_CASE(what_a_source_throws_ends_the_scan) {
    const SmallGenome genome({{"a", 400'000}});
    const AnyModel<> model = random_model<Net>(5);
    for (const Index threads : {1, 3}) {
        ScanInputs inputs = genome.inputs();
        inputs.genome = DamagedSequence{genome.sequence, 350'000};
        GenomeScan scan(std::move(inputs), {{&model}}, {{{0, 0}}});
        Cpu<>::Context on(threads);
        Index seen = 0;
        const auto regions = ScanRegions::whole(genome.sizes(), {20, 500});
        BOOST_CHECK_THROW(scan.run(on, regions, [&](const ScanScores& some) { seen += some.bins.count; }), FormatError);
        BOOST_TEST(seen < regions.size());
    }
}

BOOST_AUTO_TEST_CASE(what_the_sink_throws_ends_the_scan) {
    struct Stop {};
    const SmallGenome genome({{"a", 30'000}});
    const AnyModel<> model = random_model<Net>(5);
    GenomeScan scan(genome.inputs(), {{&model}}, {{{0, 0}}});
    Cpu<>::Context on(2);
    int calls = 0;
    const auto stop = [&](const ScanScores&) {
        ++calls;
        throw Stop{};
    };
    BOOST_CHECK_THROW(scan.run(on, ScanRegions::whole(genome.sizes(), {20, 10}), stop), Stop);
    BOOST_TEST(calls == 1);
}

BOOST_AUTO_TEST_CASE(networks_and_columns_must_fit) {
    const SmallGenome genome({{"a", 3000}});
    const AnyModel<> model = random_model<Net>(5), side = random_model<NetWithSide>(6);
    Model<Net, Shape<61, values_per_base>> longer;
    const AnyModel<> other(std::move(longer));
    BOOST_CHECK_THROW(GenomeScan(genome.inputs(), {}, {{{0, 0}}}), ShapeError);
    BOOST_CHECK_THROW(GenomeScan(genome.inputs(), {{&model}}, {}), ShapeError);
    BOOST_CHECK_THROW(GenomeScan(genome.inputs(), {{&model}}, {{}}), ShapeError);
    BOOST_CHECK_THROW(GenomeScan(genome.inputs(), {{&model}}, {{{0, 2}}}), ShapeError);
    BOOST_CHECK_THROW(GenomeScan(genome.inputs(), {{&model}}, {{{1, 0}}}), ShapeError);
    BOOST_CHECK_THROW(GenomeScan(genome.inputs(), {{&model}, {&other}}, {{{0, 0}}}), ShapeError);
    BOOST_CHECK_THROW(GenomeScan(genome.inputs(), {{&side}}, {{{0, 0}}}), ShapeError);
    ScanInputs one_track = genome.inputs();
    one_track.tracks.pop_back();
    BOOST_CHECK_THROW(GenomeScan(std::move(one_track), {{&model}}, {{{0, 0}}}), ShapeError);
}

BOOST_AUTO_TEST_SUITE_END()
