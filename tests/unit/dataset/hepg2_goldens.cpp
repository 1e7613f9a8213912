// SPDX-License-Identifier: MIT
#include <chromatid/dataset/bin_places.hpp>
#include <chromatid/dataset/cell_directory.hpp>
#include <chromatid/dataset/chromosome_split.hpp>
#include <chromatid/dataset/labelled_bins.hpp>
#include <chromatid/dataset/negative_exclusion.hpp>
#include <chromatid/dataset/non_overlapping_negatives.hpp>
#include <chromatid/dataset/single_task_positives.hpp>
#include <chromatid/genome/blacklist.hpp>
#include <chromatid/io/bed.hpp>
#include <chromatid/io/chrom_sizes_file.hpp>

#define BOOST_BIND_GLOBAL_PLACEHOLDERS  // what property_tree of this version asks for
#include <boost/property_tree/json_parser.hpp>
#include <boost/property_tree/ptree.hpp>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <tests/support/md5.hpp>
#include <tests/support/shared_data.hpp>
#include <vector>

using namespace chromatid;
using chromatid::test::md5;
using chromatid::test::shared_data;
using chromatid::test::shared_data_present;
namespace utf = boost::unit_test;

namespace {

/// The published cell HepG2 with its 19 factors, as FactorNet's own programs read it.
struct HepG2 {
    ChromSizes sizes = read_chrom_sizes(shared_data() / "factornet/resources/hg19.autoX.chrom.sizes");
    IntervalSet raw{read_bed(shared_data() / "factornet/resources/blacklist.bed.gz")};
    std::vector<FactorPeaks> factors;

    HepG2() {
        for (const auto& line : CellDirectory(shared_data() / "factornet/HepG2").peaks())
            factors.push_back({line.factor, read_bed(line.file), {}});
    }
};

std::int64_t on(const ChromSizes& sizes, const std::vector<Bin>& bins, const std::string& chrom) {
    const Index place = sizes.place_of(chrom);
    return std::count_if(bins.begin(), bins.end(), [&](const Bin& bin) { return bin.chromosome == place; });
}

}  // namespace

BOOST_AUTO_TEST_SUITE(dataset_hepg2_goldens)

BOOST_AUTO_TEST_CASE(single_task_bins_and_shifts_are_upstreams, *utf::precondition(shared_data_present)) {
    const HepG2 cell;
    const IntervalSet masked = blacklist(cell.raw, cell.sizes, 1000);
    boost::property_tree::ptree goldens;
    boost::property_tree::read_json((shared_data() / "factornet/goldens/single_task_HepG2_L1000.json").string(), goldens);
    BOOST_TEST(goldens.size() == cell.factors.size());
    for (const auto& entry : goldens) {
        const auto& golden = entry.second;
        const auto number = [&](const std::string& key) { return golden.get<std::int64_t>(key); };
        const auto factor = golden.get<std::string>("tf");
        BOOST_TEST_CONTEXT(factor) {
            const auto peaks =
                std::find_if(cell.factors.begin(), cell.factors.end(), [&](const FactorPeaks& f) { return f.factor == factor; });
            BOOST_TEST_REQUIRE((peaks != cell.factors.end()));
            const PeakBins found = single_task_positives(peaks->conservative, cell.sizes, masked);
            BOOST_TEST(static_cast<std::int64_t>(peaks->conservative.size()) == number("peaks"));
            BOOST_TEST(found.masked == number("blacklisted"));
            for (const std::string held_out : {"chr11", "chr22"}) {
                const ChromosomeSplit split(cell.sizes, {held_out}, {"chr1", "chr8", "chr21"});
                std::int64_t training = 0, validation = 0;
                std::int64_t sum = 0, least = INT64_MAX, most = 0;
                std::string lines;
                for (const PeakBin& b : found.bins) {
                    if (split.of(b.bin.chromosome) == Part::validation) ++validation;
                    if (split.of(b.bin.chromosome) != Part::training) continue;
                    ++training;
                    sum += b.shift;
                    least = std::min(least, b.shift);
                    most = std::max(most, b.shift);
                    lines += (lines.empty() ? "" : "\n") + cell.sizes[b.bin.chromosome].name + '\t' + std::to_string(b.bin.start) + '\t' +
                             std::to_string(b.bin.start + 200) + '\t' + std::to_string(b.shift);
                }
                BOOST_TEST(training == number("train_" + held_out));
                BOOST_TEST(validation == number("valid_" + held_out));
                if (held_out != "chr11") continue;
                BOOST_TEST(sum == number("sum_shift_train"));
                BOOST_TEST(least == number("min_shift"));
                BOOST_TEST(most == number("max_shift"));
                BOOST_TEST(md5(lines) == golden.get<std::string>("md5_train_bins_shift"));
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(multi_task_bins_and_labels_are_upstreams, *utf::precondition(shared_data_present)) {
    const HepG2 cell;
    const BinGrid grid;
    std::int64_t windows = 0;
    for (const Chromosome& c : cell.sizes) windows += grid.count(c.size);
    BOOST_TEST(windows == 60'726'088);
    const IntervalSet all = peak_union(cell.factors, cell.sizes);
    BOOST_TEST(all.size() == 260'342);
    BOOST_TEST(label_bins(FactorNetLabels{}, grid, cell.sizes, cell.factors, IntervalSet{}).bins.size() == 1'694'636u);
    BOOST_TEST(label_bins(FactorNetLabels{}, grid, cell.sizes, cell.factors, blacklist(cell.raw, cell.sizes, 1002)).bins.size() ==
               1'692'639u);

    const IntervalSet masked = blacklist(cell.raw, cell.sizes, 1000);
    const LabelledBins found = label_bins(FactorNetLabels{}, grid, cell.sizes, cell.factors, masked);
    BOOST_TEST(found.bins.size() == 1'692'641u);
    BOOST_TEST(on(cell.sizes, found.bins, "chr11") == 84'948);
    for (const char* test : {"chr1", "chr8", "chr21"}) BOOST_TEST(on(cell.sizes, found.bins, test) == 0);

    const std::map<std::string, std::int64_t> expected{
        {"ARID3A", 130856}, {"ATF3", 14522},   {"ATF7", 212891},  {"CEBPB", 182114}, {"CREB1", 175496}, {"CTCF", 172355}, {"EP300", 162738},
        {"FOXA1", 240102},  {"FOXA2", 364974}, {"GABPA", 58698},  {"HNF4A", 98885},  {"JUND", 175512},  {"MAFK", 268530}, {"MAX", 315827},
        {"REST", 66214},    {"SRF", 20654},    {"TEAD4", 124555}, {"YY1", 132187},   {"ZNF143", 102215}};
    std::int64_t sum = 0;
    for (std::size_t t = 0; t < cell.factors.size(); ++t) {
        std::int64_t bound = 0;
        for (std::size_t i = t; i < found.labels.size(); i += cell.factors.size()) bound += found.labels[i];
        BOOST_TEST(bound == expected.at(cell.factors[t].factor), cell.factors[t].factor << ": " << bound);
        sum += bound;
    }
    BOOST_TEST(sum == 3'019'325);
    std::int64_t without = 0;
    for (Index i = 0; i < static_cast<Index>(found.bins.size()); ++i) without += std::ranges::count(found.of(i), 1) == 0 ? 1 : 0;
    BOOST_TEST(without == 144);

    std::string bed;
    for (const Bin& bin : found.bins)
        bed += cell.sizes[bin.chromosome].name + '\t' + std::to_string(bin.start) + '\t' + std::to_string(bin.start + grid.width) + '\n';
    BOOST_TEST(md5(bed) == "36cbe5bfaa52836732ef2c6c8b087362");

    const IntervalSet excluded = negative_exclusion(all, cell.sizes, masked);
    BOOST_TEST(excluded.size() == 237'740);
    BOOST_TEST(excluded.total_length() == 399'098'963);
    bed.clear();
    for (const Interval& i : excluded.intervals()) bed += i.chrom + '\t' + std::to_string(i.start) + '\t' + std::to_string(i.end) + '\n';
    BOOST_TEST(md5(bed) == "e2cab54186ba5f46172c13efcec01265");
}

BOOST_AUTO_TEST_CASE(twenty_epochs_of_negatives_find_room_without_overlap, *utf::precondition(shared_data_present)) {
    const HepG2 cell;
    const IntervalSet masked = blacklist(cell.raw, cell.sizes, 1000);
    const ChromosomeSplit split(cell.sizes, {"chr11"}, {"chr1", "chr8", "chr21"});
    const auto files = CellDirectory(shared_data() / "factornet/HepG2").peaks();
    const auto line = std::ranges::find(files, "GABPA", &CellDirectory::Peaks::factor);
    const IntervalSet relaxed(read_bed(line->relaxed));
    const std::vector<NonOverlappingNegatives::Cell> cells{{negative_exclusion(relaxed, cell.sizes, masked), 5 * 5'000}};
    const std::vector<Index> training = split.places(Part::training);
    const NonOverlappingNegatives sampler(cell.sizes, training, cells, 200, 20, {420, DataDraws::Purpose::negative});
    BOOST_TEST(sampler.dropped() == 0);
    BOOST_TEST(sampler.count(19) == 25'000);
    Index in_chr2 = 0;
    for (Index i = 0; i < 25'000; ++i) {
        const Bin bin = sampler(19, i).bin;
        BOOST_TEST_REQUIRE(!cells[0].excluded.any_overlap(cell.sizes[bin.chromosome].name, bin.start, bin.start + 200));
        in_chr2 += cell.sizes[bin.chromosome].name == "chr2" ? 1 : 0;
    }
    // chr2 has a tenth of what is free
    BinPlaces all(cell.sizes, training, cells[0].excluded, {200, 1});
    const std::vector<Index> chr2{cell.sizes.place_of("chr2")};
    const double share =
        static_cast<double>(BinPlaces(cell.sizes, chr2, cells[0].excluded, {200, 1}).size()) / static_cast<double>(all.size());
    BOOST_TEST(std::abs(static_cast<double>(in_chr2) - 25'000 * share) < 5 * std::sqrt(25'000 * share));
}

BOOST_AUTO_TEST_SUITE_END()
