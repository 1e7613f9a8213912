// SPDX-License-Identifier: MIT
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <tests/unit/dataset/small_genome.hpp>
#include <vector>

using namespace chromatid;
using namespace chromatid::test;
namespace utf = boost::unit_test;

BOOST_AUTO_TEST_SUITE(dataset_factornet_data_limits)

BOOST_AUTO_TEST_CASE(what_is_wrong_with_the_data_is_told) {
    const SmallGenome genome;
    const auto train = [&](const std::string& factor, const ChromSizes& sizes, DataOptions options, const IntervalSet& raw = {}) {
        return FactorNetData::single_task(factor, genome.cells(), sizes, raw, std::move(options));
    };
    BOOST_CHECK_EXCEPTION(train("MXA", genome.sizes, genome.options()), UsageError,
                          says("K562/chip.txt: there is no factor \"MXA\"; it lists [MAX, MYC]"));
    BOOST_CHECK_EXCEPTION(train("MYC", genome.sizes, genome.options()), UsageError,
                          says("HepG2/chip.txt: there is no factor \"MYC\"; it lists [MAX]"));
    BOOST_CHECK_EXCEPTION(FactorNetData::multi_task({"JUND"}, genome.cells(false), genome.sizes, {}, genome.options()), UsageError,
                          says("no factor \"JUND\""));
    const ChromSizes other({{"chrt", 20'000}, {"chrv", 15'000}});
    BOOST_CHECK_EXCEPTION(train("MAX", other, {.length = 500, .validation = {"chrv"}}), UsageError,
                          says("K562/max.bed says \"t\", the chromosome sizes say \"chrt\"\n       rename one side"));
    BOOST_CHECK_EXCEPTION(train("MAX", genome.sizes, genome.options(), IntervalSet({{"chrt", 1, 2}})), UsageError,
                          says("the blacklist says \"chrt\""));
    DataOptions options = genome.options();
    options.validation = {"chr7"};
    BOOST_CHECK_EXCEPTION(train("MAX", genome.sizes, options), UsageError, says("validation chromosomes: there is no chromosome \"chr7\""));
    BOOST_CHECK_EXCEPTION(train("MAX", genome.sizes, genome.options(), IntervalSet({{"t", 0, 20'000}})), UsageError,
                          says("no positive is left for training: no peak of MAX gives a bin outside the mask on [t]"));
    BOOST_CHECK_EXCEPTION(train("MAX", genome.sizes, genome.options(), IntervalSet({{"v", 0, 15'000}})), UsageError,
                          says("no positive is left for validation: no peak of MAX gives a bin outside the mask on [v]\n       choose "
                               "other chromosomes for validation"));
    genome.scratch.file("K562/max.bed", "# none\n");
    BOOST_CHECK_EXCEPTION(train("MAX", genome.sizes, genome.options()), UsageError, says("K562/max.bed: there is no peak in this file"));
    std::filesystem::remove(genome.scratch / "K562/max.bed");
    BOOST_CHECK_EXCEPTION(train("MAX", genome.sizes, genome.options()), IoError, says("K562/max.bed: cannot open: No such file"));
}

BOOST_AUTO_TEST_CASE(options_that_make_no_sense_are_refused) {
    const SmallGenome genome;
    const auto refused = [&](auto change, const std::string& words) {
        DataOptions options = genome.options();
        change(options);
        BOOST_CHECK_EXCEPTION(genome.single_task(options), UsageError, says(words));
    };
    refused([](DataOptions& o) { o.negatives = -2; }, "negatives per positive must be at least 0, not -2");
    refused([](DataOptions& o) { o.length = 0; }, "the bases of a window must be at least 1, not 0");
    refused([](DataOptions& o) { o.batch = 0; }, "the windows of a batch must be at least 1");
    refused([](DataOptions& o) { o.epochs = 0; }, "the number of epochs must be at least 1");
    refused([](DataOptions& o) { o.grid.step = 0; }, "the bases from bin to bin must be at least 1");
    refused([](DataOptions& o) { o.margin = -1; }, "the bases around a peak without negatives must be at least 0");
}

BOOST_AUTO_TEST_CASE(a_store_that_does_not_fit_the_data_is_told) {
    const SmallGenome genome;
    const FactorNetData data = genome.single_task(genome.options());
    BOOST_CHECK_EXCEPTION(data.training(GenomeStore(genome.sequence, genome.tracks, {"v"})), UsageError,
                          says("the genome store has no t, where windows lie"));
    BOOST_CHECK_EXCEPTION(data.training(GenomeStore(genome.sequence, {}, {"t", "v"})), UsageError,
                          says("the genome store has 0 tracks, the cells have 4"));
    ResidentSequence other;
    other.add("t", std::string(19'999, 'A'));
    BOOST_CHECK_EXCEPTION(data.training(GenomeStore(other, {}, {"t"})), UsageError,
                          says("t has 20000 bases by the chromosome sizes and 19999 in the genome"));
}

BOOST_AUTO_TEST_CASE(without_validation_chromosomes_there_is_no_validation) {
    const SmallGenome genome;
    DataOptions options = genome.options();
    options.validation = {};
    const FactorNetData data = genome.single_task(options);
    const GenomeStore store = genome.store(data);
    BOOST_TEST(data.validation(store).batches(0) == 0);
    options.negatives = 0;
    BOOST_TEST(genome.single_task(options).training(store).windows(0) == data.positives(Part::training));
}

BOOST_AUTO_TEST_CASE(hepg2_gives_upstreams_sets, *utf::precondition(shared_data_present)) {
    const auto resources = shared_data() / "factornet/resources";
    const ChromSizes sizes = read_chrom_sizes(resources / "hg19.autoX.chrom.sizes");
    const IntervalSet raw(read_bed(resources / "blacklist.bed.gz"));
    const TrainingCells cells({CellDirectory(shared_data() / "factornet/HepG2")});
    const DataOptions options{.validation = {"chr11"}, .test = {"chr1", "chr8", "chr21"}};
    const FactorNetData all = FactorNetData::multi_task({}, cells, sizes, raw, options);
    BOOST_TEST(all.positives(Part::training) == 1'607'693);
    BOOST_TEST(all.positives(Part::validation) == 84'948);
    BOOST_TEST(all.excluded(0).total_length() == 399'098'963);
    BOOST_TEST(all.chromosomes().size() == 20u);
    const FactorNetData gabpa = FactorNetData::single_task("GABPA", cells, sizes, raw, options);
    BOOST_TEST(gabpa.positives(Part::training) > 5000);
    BOOST_CHECK_EXCEPTION(FactorNetData::single_task("MAX", cells, sizes, raw, options), IoError,
                          says("MAX.relaxed.narrowPeak.gz: cannot open: No such file"));
}

BOOST_AUTO_TEST_CASE(yeast_trains_from_its_files, *utf::precondition(shared_data_present)) {
    const auto yeast = shared_data() / "mini_yeast";
    const Scratch scratch;
    scratch.file("bigwig.txt", (yeast / "ATAC_Tn5_cuts.bw").string() + " cuts\n" + (yeast / "ATAC_fragcov.bw").string() + " coverage\n");
    scratch.file("chip.txt", (yeast / "peaks/Reb1.bed").string() + " Reb1\n" + (yeast / "peaks/Cbf1.bed").string() + " Cbf1\n");
    const ChromSizes sizes = read_chrom_sizes(yeast / "sacCer3.chrom.sizes");
    const IntervalSet rdna({{"chrXII", 451'000, 468'000}});
    const DataOptions options{
        .length = 500, .validation = {"chrVII"}, .test = {"chrIV", "chrXII"}, .negatives = 4, .negative_rule = NegativeRule::gc_matched};
    const FactorNetData data = FactorNetData::single_task("Reb1", TrainingCells({CellDirectory(scratch.path())}), sizes, rdna, options);
    const GenomeStore store(open_sequence(yeast / "sacCer3.fa.gz"), data.cells().open_tracks(), data.chromosomes());
    const WindowBatches training = data.training(store);
    BOOST_TEST(data.positives(Part::training) > 500);
    Batch batch;
    training.load(3, 0, batch);
    double positive = 0, negative = 0, gc_positive = 0, gc_negative = 0;
    Index n = 0;
    for (Index b = 0; b < training.batches(0); ++b) {
        training.load(0, b, batch);
        for (Index row = 0; row < batch.size; ++row) {
            const bool bound = batch.labels()(row, 0) == 1.0F;
            n += bound ? 1 : 0;
            for (Index t = 0; t < 500; ++t) {
                (bound ? gc_positive : gc_negative) += static_cast<double>(batch.x(row, t, 1) + batch.x(row, t, 2));
                (bound ? positive : negative) += static_cast<double>(batch.x(row, t, 4));
            }
        }
    }
    BOOST_TEST(n == data.positives(Part::training));
    BOOST_TEST(positive > negative / 4);  // sites are open, so more cuts per window than in the four negatives' mean
    BOOST_TEST(gc_positive == gc_negative / 4, boost::test_tools::tolerance(0.02));
}

BOOST_AUTO_TEST_SUITE_END()
