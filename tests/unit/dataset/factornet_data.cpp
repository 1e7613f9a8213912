// SPDX-License-Identifier: MIT
#include <chromatid/backend/cpu/windows.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <tests/unit/dataset/small_genome.hpp>
#include <thread>
#include <vector>

using namespace chromatid;
using namespace chromatid::test;
namespace utf = boost::unit_test;

BOOST_AUTO_TEST_SUITE(dataset_factornet_data)

BOOST_AUTO_TEST_CASE(cells_share_files_and_have_the_same_names) {
    const SmallGenome genome;
    const TrainingCells cells = genome.cells();
    BOOST_TEST(cells.size() == 2);
    BOOST_TEST(cells.name(1) == "HepG2");
    BOOST_TEST(cells.track_names() == (std::vector<std::string>{"DGF_fwd", "DGF_rev"}), boost::test_tools::per_element());
    BOOST_TEST(cells.files().size() == 4u);
    BOOST_TEST(cells.tracks_of(1)[1] == 3);
    BOOST_TEST(cells.meta_of(1)[1] == 2.0F);

    genome.scratch.file("shared.bw", "");
    genome.scratch.file("K562/bigwig.txt", "../shared.bw Unique35\nk.bw DGF\n");
    genome.scratch.file("HepG2/bigwig.txt", "../K562/../shared.bw Unique35\nh.bw DGF\n");
    const TrainingCells sharing = genome.cells();
    BOOST_TEST(sharing.files().size() == 3u);
    BOOST_TEST(sharing.tracks_of(1)[0] == 0);
    BOOST_TEST(sharing.tracks_of(1)[1] == 2);

    genome.scratch.file("HepG2/bigwig.txt", "h.bw DGF\n../shared.bw Unique35\n");
    BOOST_CHECK_EXCEPTION(genome.cells(), UsageError, says("the cells differ in their tracks: "));
    BOOST_CHECK_EXCEPTION(genome.cells(), UsageError,
                          says("HepG2/bigwig.txt has [DGF, Unique35]\n       list the same names in the same order"));
    genome.scratch.file("HepG2/bigwig.txt", "../shared.bw Unique35\nh.bw DGF\n");
    genome.scratch.file("HepG2/meta.txt", "1 GEPC1\n1 GEPC3\n");
    BOOST_CHECK_EXCEPTION(genome.cells(), UsageError, says("the cells differ in their metadata: "));
    genome.scratch.file("HepG2/meta.txt", "nan GEPC1\n1 GEPC2\n");
    BOOST_CHECK_EXCEPTION(genome.cells(), UsageError, says("HepG2/meta.txt: GEPC1 is not a finite number"));
    BOOST_CHECK_EXCEPTION(TrainingCells({}), UsageError, says("no cell to train on"));
}

BOOST_AUTO_TEST_CASE(an_epoch_shows_every_positive_once_and_n_negatives_of_its_cell) {
    const SmallGenome genome;
    const FactorNetData data = genome.single_task(genome.options());
    BOOST_TEST(data.positives(Part::training) == 3);  // K562: 3000 and 5000 (7001 and 100 are masked), HepG2: 12000
    BOOST_TEST(data.masked_peaks() == 2);
    BOOST_TEST(data.peaks_elsewhere() == 1);
    const auto counts = data.counts();
    BOOST_TEST_REQUIRE(counts.size() == 4u);
    BOOST_TEST(counts[0].cell == "K562");
    BOOST_TEST(counts[0].chromosome == "t");
    BOOST_TEST(counts[0].positives == 2);
    BOOST_TEST((counts[3].part == Part::validation && counts[3].cell == "HepG2" && counts[3].positives == 1));

    const GenomeStore store = genome.store(data);
    BOOST_TEST(store.chromosomes().size() == 2);
    const WindowBatches training = data.training(store);
    BOOST_TEST(training.windows(0) == 12);
    BOOST_TEST(training.batches(0) == 3);
    std::set<std::vector<std::int64_t>> seen;
    for (Index epoch = 0; epoch < 4; ++epoch) {
        std::map<Index, int> positives, negatives;
        std::vector<std::int64_t> starts;
        for (const auto& w : windows_of(training, epoch)) {
            starts.push_back(w.bin.start);
            BOOST_TEST(store.chromosomes()[w.bin.chromosome].name == "t");
            if (w.positive >= 0) {
                ++positives[w.positive];
                continue;
            }
            ++negatives[w.cell];
            BOOST_TEST(!data.excluded(w.cell).any_overlap("t", w.bin.start, w.bin.start + 200));
        }
        BOOST_TEST((positives == std::map<Index, int>{{0, 1}, {1, 1}, {2, 1}}));
        BOOST_TEST((negatives == std::map<Index, int>{{0, 6}, {1, 3}}));
        seen.insert(starts);
    }
    BOOST_TEST(seen.size() == 4u);
}

BOOST_AUTO_TEST_CASE(negatives_keep_away_from_relaxed_peaks_or_else_from_conservative_ones) {
    const SmallGenome genome;
    BOOST_TEST(genome.single_task(genome.options()).excluded(0).any_overlap("t", 15'399, 15'400));
    BOOST_TEST(!genome.single_task(genome.options()).excluded(0).any_overlap("t", 15'400, 15'401));
    genome.write_peaks(false);
    const FactorNetData data = genome.single_task(genome.options());
    BOOST_TEST(!data.excluded(0).any_overlap("t", 14'000, 16'000));
    BOOST_TEST(data.excluded(0).any_overlap("t", 2800, 2801));
    BOOST_TEST(!data.excluded(0).any_overlap("t", 6801, 7000 - 250));
}

BOOST_AUTO_TEST_CASE(training_windows_move_anew_each_epoch_and_validation_windows_never) {
    const SmallGenome genome;
    const FactorNetData data = genome.single_task(genome.options());
    const GenomeStore store = genome.store(data);
    const WindowBatches training = data.training(store), validation = data.validation(store);
    std::set<std::int64_t> first;
    std::int64_t least = INT64_MAX, most = INT64_MIN;
    for (Index epoch = 0; epoch < 400; ++epoch)
        for (const auto& w : windows_of(training, epoch))
            if (w.positive == 0) {
                first.insert(w.bin.start);
                least = std::min(least, w.bin.start);
                most = std::max(most, w.bin.start);
            }
    BOOST_TEST(first.size() > 100u);
    BOOST_TEST(least >= 3050 - 174);  // the peak [3000, 3300): bin at 3050, shift 3300 - 3050 - 76
    BOOST_TEST(most <= 3050 + 174);
    BOOST_TEST(least < 3050 - 160);
    BOOST_TEST(most > 3050 + 160);

    BOOST_TEST(validation.windows(0) == 8);
    BOOST_TEST((bins_of(validation, 0) == bins_of(validation, 7)));
    BOOST_TEST((bins_of(validation, 0)[0] == Bin{1, 4000}));
    BOOST_TEST((bins_of(validation, 0)[1] == Bin{1, 9050}));
    for (const auto& w : windows_of(validation, 0)) BOOST_TEST(store.chromosomes()[w.bin.chromosome].name == "v");
}

BOOST_AUTO_TEST_CASE(a_batch_holds_the_windows_rows_side_and_targets) {
    const SmallGenome genome;
    DataOptions options = genome.options();
    std::array<IntervalSet, Annotations::count> regions;
    regions[1] = IntervalSet({{"t", 0, 20'000}});
    regions[4] = IntervalSet({{"t", 4000, 12'100}});
    options.annotations = std::make_shared<const Annotations>(regions);
    const FactorNetData data = genome.single_task(options);
    const GenomeStore store = genome.store(data);
    const WindowBatches training = data.training(store);
    BOOST_TEST(training.channels() == 6);
    BOOST_TEST(training.side_size() == 8);
    const WindowEncoder encoder(500, 2);
    std::vector<float> expected(3000);
    Batch batch;
    for (Index number = 0; number < 3; ++number) {
        training.load(2, number, batch);
        BOOST_TEST(batch.size == (number < 2 ? 5 : 2));
        for (Index row = 0; row < batch.size; ++row) {
            const auto w = training.window(2, number * 5 + row);
            const Interval bin{"t", w.bin.start, w.bin.start + 200};
            std::vector<AnySignal> signals;
            for (const Index t : data.cells().tracks_of(w.cell))
                signals.push_back(genome.tracks[static_cast<std::size_t>(t)].signal.clone());
            AnySequence sequence(genome.sequence);
            GenomePiece piece;
            piece.load(centered_window(bin, 500), sequence, std::span(signals));
            encoder.encode(piece, centered_window(bin, 500), std::span(expected));
            BOOST_TEST(std::ranges::equal(batch.inputs().rows(row, 1).span(), expected));
            const std::vector<float> side{
                w.cell == 0 ? 0.5F : 0.25F, w.cell == 0 ? -1.0F : 2.0F, 0, 1, 0, 0, regions[4].any_overlap(bin) ? 1.0F : 0.0F, 0};
            BOOST_TEST(std::ranges::equal(batch.sides().rows(row, 1).span(), side));
            BOOST_TEST(batch.labels()(row, 0) == (w.positive >= 0 ? 1.0F : 0.0F));
        }
    }
    BOOST_CHECK_EXCEPTION(training.load(2, 3, batch), UsageError, says("epoch 2 has 3 batches, number 3 was asked for"));
    BOOST_CHECK_THROW(training.load(2, -1, batch), UsageError);
}

BOOST_AUTO_TEST_CASE(codes_and_tracks_are_the_same_windows_as_dense_rows) {
    const SmallGenome genome;
    DataOptions options = genome.options();
    options.reverse_complement = true;
    const FactorNetData data = genome.single_task(options);
    const GenomeStore store = genome.store(data);
    const WindowBatches training = data.training(store);
    Batch dense, encoded{.prefers_encoded = true};
    bool some_reverse = false;
    for (Index epoch = 0; epoch < 3; ++epoch)
        for (Index number = 0; number < training.batches(epoch); ++number) {
            training.load(epoch, number, dense);
            training.load(epoch, number, encoded);
            BOOST_TEST(encoded.is_encoded());
            BOOST_TEST(encoded.size == dense.size);
            std::vector<float> rows(static_cast<std::size_t>(dense.size * training.length() * training.channels()));
            cpu::expand(encoded.windows(), rows.data());
            BOOST_TEST(std::ranges::equal(rows, dense.inputs().span()));
            BOOST_TEST(std::ranges::equal(encoded.labels().span(), dense.labels().span()));
            for (Index row = 0; row < dense.size; ++row) some_reverse |= training.window(epoch, number * 5 + row).reverse;
        }
    BOOST_TEST(some_reverse);
    encoded.prefers_encoded = false;
    training.load(0, 0, encoded);
    training.load(0, 0, dense);
    BOOST_TEST(!encoded.is_encoded());
    BOOST_TEST(std::ranges::equal(encoded.inputs().span(), dense.inputs().span()));
}

BOOST_AUTO_TEST_CASE(annotations_of_a_positive_are_its_peaks_by_factornets_rule) {
    const SmallGenome genome;
    DataOptions options = genome.options();
    std::array<IntervalSet, Annotations::count> regions;
    regions[0] =
        IntervalSet({{"t", 3299, 3300}, {"t", 12'299, 12'300}});  // last bases of two peaks, which the bins in the middle do not reach
    options.annotations = std::make_shared<const Annotations>(regions);
    options.least_overlap = 300;  // no shift
    const auto features = [&](AnnotationRule rule) {
        options.annotation_rule = rule;
        const FactorNetData data = genome.single_task(options);
        const GenomeStore store = genome.store(data);
        const WindowBatches training = data.training(store);
        std::map<Index, float> of_positive;
        Batch batch;
        for (Index i = 0; i < training.windows(0); ++i) {
            training.load(0, i / 5, batch);
            if (const auto w = training.window(0, i); w.positive >= 0) of_positive[w.positive] = batch.sides()(i % 5, 2);
        }
        return of_positive;
    };
    BOOST_TEST((features(AnnotationRule::peak) == std::map<Index, float>{{0, 1.0F}, {1, 0.0F}, {2, 1.0F}}));
    BOOST_TEST((features(AnnotationRule::shown_bin) == std::map<Index, float>{{0, 0.0F}, {1, 0.0F}, {2, 0.0F}}));
}

BOOST_AUTO_TEST_CASE(half_of_the_windows_may_be_shown_from_the_other_strand) {
    const SmallGenome genome;
    DataOptions options = genome.options();
    const FactorNetData plain = genome.single_task(options);
    options.reverse_complement = true;
    const FactorNetData turned = genome.single_task(options);
    const GenomeStore store = genome.store(plain);
    const WindowBatches forward = plain.training(store), both = turned.training(store);
    int reversed = 0, all = 0;
    Batch a, b;
    for (Index epoch = 0; epoch < 40; ++epoch)
        for (Index i = 0; i < both.windows(epoch); ++i, ++all) {
            const auto w = both.window(epoch, i);
            BOOST_TEST_REQUIRE((w.bin == forward.window(epoch, i).bin));
            if (epoch > 0) {
                reversed += w.reverse ? 1 : 0;
                continue;
            }
            forward.load(epoch, i / 5, a);
            both.load(epoch, i / 5, b);
            for (Index t = 0; t < 500; ++t)
                for (Index c = 0; c < 6; ++c) {
                    const Index partner = c < 4 ? 3 - c : c == 4 ? 5 : 4;
                    const float expected = w.reverse ? a.x(i % 5, 499 - t, partner) : a.x(i % 5, t, c);
                    BOOST_TEST_REQUIRE(b.x(i % 5, t, c) == expected);
                }
        }
    BOOST_TEST(std::abs(reversed - (all - 12) / 2) < 5 * 11);
    for (const auto& w : windows_of(turned.validation(store), 0)) BOOST_TEST(!w.reverse);
}

BOOST_AUTO_TEST_CASE(batches_are_pure_functions_of_epoch_and_number) {
    const SmallGenome genome;
    for (const NegativeRule rule : {NegativeRule::fresh, NegativeRule::non_overlapping, NegativeRule::gc_matched, NegativeRule::tiled}) {
        DataOptions options = genome.options();
        options.negative_rule = rule;
        const FactorNetData data = genome.single_task(options);
        const GenomeStore store = genome.store(data);
        const WindowBatches training = data.training(store), again = genome.single_task(options).training(store);
        std::vector<Batch> first(12);
        for (Index i = 0; i < 12; ++i) training.load(i / 3, i % 3, first[static_cast<std::size_t>(i)]);
        std::vector<int> equal(4);
        std::vector<std::thread> threads;
        for (std::size_t t = 0; t < 4; ++t)
            threads.emplace_back([&, t] {
                Batch batch;
                for (Index i = 11; i >= 0; --i) {
                    (t % 2 == 0 ? training : again).load(i / 3, i % 3, batch);
                    equal[t] += same(batch, first[static_cast<std::size_t>(i)]) ? 1 : 0;
                }
            });
        for (std::thread& t : threads) t.join();
        for (const int n : equal) BOOST_TEST(n == 12);
        options.seed = 421;
        BOOST_TEST((bins_of(genome.single_task(options).training(store), 0) != bins_of(training, 0)));
    }
}

BOOST_AUTO_TEST_CASE(a_batch_is_filled_in_the_memory_it_has) {
    const SmallGenome genome;
    const FactorNetData data = genome.single_task(genome.options());
    const GenomeStore store = genome.store(data);
    const WindowBatches training = data.training(store);
    Batch batch;
    training.load(0, 2, batch);
    const float* x = batch.x.data();
    training.load(1, 0, batch);
    BOOST_TEST(batch.x.data() == x);
    batch.x = Tensor<float>{9, 500, 6};
    x = batch.x.data();
    training.load(1, 1, batch);
    BOOST_TEST(batch.x.data() == x);
    BOOST_TEST(batch.inputs().extent(0) == 5);
}

BOOST_AUTO_TEST_CASE(factornets_epochs_are_whole_batches_of_one_stream) {
    const SmallGenome genome;
    DataOptions options = genome.options();
    options.negative_rule = NegativeRule::non_overlapping;
    const FactorNetData whole = genome.single_task(options);
    options.epoch_rule = EpochRule::stream;
    const FactorNetData drifting = genome.single_task(options);
    const GenomeStore store = genome.store(whole);
    const WindowBatches epochs = whole.training(store), stream = drifting.training(store);
    std::vector<Bin> all, streamed;
    for (Index epoch = 0; epoch < 4; ++epoch) {
        const auto of_epoch = bins_of(epochs, epoch), of_stream = bins_of(stream, epoch);
        BOOST_TEST(of_epoch.size() == 12u);
        BOOST_TEST(of_stream.size() == 10u);  // 48 windows / 4 epochs / 5 * 5
        BOOST_TEST(stream.batches(epoch) == 2);
        all.insert(all.end(), of_epoch.begin(), of_epoch.end());
        streamed.insert(streamed.end(), of_stream.begin(), of_stream.end());
    }
    all.resize(40);
    BOOST_TEST((all == streamed));
    BOOST_TEST(stream.batches(4) == 0);
    BOOST_TEST(drifting.validation(store).windows(0) == 8);
    Batch batch;
    stream.load(1, 0, batch);  // two windows left of epoch 0, three of epoch 1
    BOOST_TEST(batch.size == 5);
    options.batch = 13;
    BOOST_CHECK_EXCEPTION(genome.single_task(options).training(store), UsageError,
                          says("an epoch has 12 windows, fewer than a batch of 13"));
}

BOOST_AUTO_TEST_CASE(tiled_negatives_can_show_the_whole_genome_each_epoch) {
    const SmallGenome genome;
    DataOptions options = genome.options();
    options.negatives = DataOptions::all_negatives;
    BOOST_CHECK_EXCEPTION(genome.single_task(options), UsageError, says("with the tiled rule only"));
    options.negative_rule = NegativeRule::tiled;
    options.grid.step = 200;
    const FactorNetData data = genome.single_task(options);
    const GenomeStore store = genome.store(data);
    std::set<std::pair<Index, std::int64_t>> found;
    Index negatives = 0;
    for (const auto& w : windows_of(data.training(store), 1))
        if (w.positive < 0) {
            found.insert({w.cell, w.bin.start});
            ++negatives;
        }
    std::set<std::pair<Index, std::int64_t>> expected;
    for (Index cell = 0; cell < 2; ++cell)
        for (std::int64_t start = 0; start + 200 <= 20'000; start += 200)
            if (!data.excluded(cell).any_overlap("t", start, start + 200)) expected.insert({cell, start});
    BOOST_TEST((found == expected));
    BOOST_TEST(negatives == static_cast<Index>(expected.size()));
}

BOOST_AUTO_TEST_CASE(validation_may_come_from_other_cells) {
    const SmallGenome genome;
    const TrainingCells cells({CellDirectory(genome.scratch / "K562")}, {CellDirectory(genome.scratch / "HepG2")});
    const FactorNetData data = FactorNetData::single_task("MAX", cells, genome.sizes, {}, genome.options());
    const GenomeStore store = genome.store(data);
    for (const auto& w : windows_of(data.training(store), 0)) BOOST_TEST(w.cell == 0);
    for (const auto& w : windows_of(data.validation(store), 0)) BOOST_TEST(w.cell == 1);
    BOOST_TEST(data.positives(Part::validation) == 1);
}

BOOST_AUTO_TEST_CASE(several_factors_give_bins_of_the_grid_with_all_labels) {
    const SmallGenome genome;
    const FactorNetData data = FactorNetData::multi_task({}, genome.cells(false), genome.sizes, {}, genome.options());
    BOOST_TEST(data.factors() == (std::vector<std::string>{"MAX", "MYC"}), boost::test_tools::per_element());
    BOOST_TEST(data.bound(0, Part::training) ==
               5 + 2 + 5);  // [3000, 3300): bins 2950 ... 3150; [5000, 5101): 4950, 5000; [7001, 7300): 6950 ... 7150
    const GenomeStore store = genome.store(data);
    const WindowBatches training = data.training(store), validation = data.validation(store);
    BOOST_TEST(training.tasks() == 2);
    Batch batch;
    std::set<std::int64_t> shifts;
    for (Index epoch = 0; epoch < 30; ++epoch)
        for (Index i = 0; i < training.windows(epoch); ++i) {
            if (i % 5 == 0) training.load(epoch, i / 5, batch);
            const auto w = training.window(epoch, i);
            const float max = batch.labels()(i % 5, 0), myc = batch.labels()(i % 5, 1);
            if (w.positive < 0) {
                BOOST_TEST(!data.excluded(0).any_overlap("t", w.bin.start + 20, w.bin.start + 180));
                BOOST_TEST((max == 0.0F && myc == 0.0F));
                continue;
            }
            BOOST_TEST((max == 1.0F || myc == 1.0F));
            if (w.positive == 0) shifts.insert(w.bin.start - 2950);
        }
    BOOST_TEST(*shifts.begin() >= -20);
    BOOST_TEST(*shifts.rbegin() <= 20);
    BOOST_TEST(shifts.size() > 10u);
    BOOST_TEST((bins_of(validation, 0) == bins_of(validation, 5)));
    BOOST_TEST(std::ranges::any_of(bins_of(validation, 0), [](const Bin& bin) { return bin.start % 50 != 0; }));
}

BOOST_AUTO_TEST_CASE(a_factor_that_a_cell_lacks_is_ambiguous_there) {
    const SmallGenome genome;
    const FactorNetData data = FactorNetData::multi_task({"MAX", "MYC"}, genome.cells(), genome.sizes, {}, genome.options());
    const GenomeStore store = genome.store(data);
    const WindowBatches training = data.training(store);
    std::vector<float> targets(2);
    for (const auto& w : windows_of(training, 0)) {
        training.write_targets(w, targets.data());
        if (w.cell == 1) BOOST_TEST(targets[1] == ambiguous);
        else BOOST_TEST(targets[1] != ambiguous);
        BOOST_TEST(targets[0] != ambiguous);
    }
}

BOOST_AUTO_TEST_CASE(the_challenges_rule_masks_ambiguous_bins_and_needs_relaxed_peaks) {
    const SmallGenome genome;
    const FactorNetData data =
        FactorNetData::multi_task({"MAX"}, genome.cells(false), genome.sizes, {}, genome.options(), ChallengeLabels{});
    BOOST_TEST(data.bound(0, Part::training) > 0);
    BOOST_TEST(data.excluded(0).any_overlap("t", 15'399, 15'400));
    BOOST_CHECK_EXCEPTION(FactorNetData::multi_task({"MYC"}, genome.cells(false), genome.sizes, {}, genome.options(), ChallengeLabels{}),
                          UsageError, says("K562/chip.txt: the label rule needs relaxed peaks, MYC has none"));
}

BOOST_AUTO_TEST_SUITE_END()
