// SPDX-License-Identifier: MIT
#include <chromatid/core/error.hpp>
#include <chromatid/dataset/annotations.hpp>
#include <chromatid/dataset/cell_directory.hpp>
#include <chromatid/genome/blacklist.hpp>
#include <chromatid/io/bed.hpp>
#include <chromatid/io/chrom_sizes_file.hpp>

#include <boost/test/unit_test.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <tests/support/shared_data.hpp>
#include <tests/unit/io/scratch.hpp>

using namespace chromatid;
using chromatid::test::content_of;
using chromatid::test::says;
using chromatid::test::Scratch;
using chromatid::test::shared_data;
using chromatid::test::shared_data_present;
namespace utf = boost::unit_test;

BOOST_AUTO_TEST_SUITE(dataset_factornet_rules)

BOOST_AUTO_TEST_CASE(the_blacklist_is_upstreams, *utf::precondition(shared_data_present)) {
    const auto resources = shared_data() / "factornet/resources";
    const IntervalSet raw(read_bed(resources / "blacklist.bed.gz"));
    const ChromSizes sizes = read_chrom_sizes(resources / "hg19.autoX.chrom.sizes");
    for (const std::int64_t length : {1000, 1002}) {
        std::string text;
        for (const Interval& i : blacklist(raw, sizes, length).intervals()) {
            text += i.chrom + '\t' + std::to_string(i.start) + '\t' + std::to_string(i.end) + '\n';
        }
        BOOST_TEST((text == content_of(shared_data() / "factornet/goldens" / ("blacklist_L" + std::to_string(length) + ".bed"))));
    }
    BOOST_TEST(blacklist(raw, sizes, 1000).size() == 1292);
    BOOST_TEST(blacklist(raw, sizes, 1000).total_length() == 214'671'261);
}

BOOST_AUTO_TEST_CASE(the_ladder_windows_have_upstreams_mask_and_annotations, *utf::precondition(shared_data_present)) {
    const auto resources = shared_data() / "factornet/resources";
    const auto windows = read_bed(resources / "sample_ladder_regions.blacklistfiltered.bed.gz");
    BOOST_TEST(windows.size() == 100'000u);
    const IntervalSet masked =
        blacklist(IntervalSet(read_bed(resources / "blacklist.bed.gz")), read_chrom_sizes(resources / "hg19.autoX.chrom.sizes"), 1002);
    const Annotations annotations = read_annotations(resources);
    std::array<int, Annotations::count> counts{};
    int masked_windows = 0;
    for (const Interval& w : windows) {
        const auto features = annotations.of(w);
        for (std::size_t i = 0; i < counts.size(); ++i) counts[i] += features[i] ? 1 : 0;
        masked_windows += masked.any_overlap(w) ? 1 : 0;
    }
    const std::array<int, Annotations::count> expected = {6826, 5437, 46043, 3909, 4055, 3878};
    BOOST_TEST(counts == expected, boost::test_tools::per_element());
    BOOST_TEST(masked_windows == 7757);
}

BOOST_AUTO_TEST_CASE(annotations_are_any_overlap) {
    std::array<IntervalSet, Annotations::count> regions;
    regions[2] = IntervalSet({{"a", 10, 20}});
    const Annotations annotations(regions);
    const std::array<bool, 6> none{}, intron{false, false, true, false, false, false};
    BOOST_TEST((annotations.of({"a", 19, 219}) == intron));
    BOOST_TEST((annotations.of({"a", 20, 220}) == none));
}

BOOST_AUTO_TEST_CASE(a_missing_annotation_file_is_named) {
    const Scratch scratch;
    BOOST_CHECK_EXCEPTION(read_annotations(scratch.path()), IoError, says("cpgisland.bed.gz: cannot open: No such file"));
}

BOOST_AUTO_TEST_CASE(a_cell_directory_lists_tracks_meta_and_peaks) {
    const Scratch scratch;
    scratch.file("bigwig.txt", "../map.bw   Unique35\ncell.bw\tDGF\n\n");
    scratch.file("meta.txt", "-0.25\tGEPC1\n1e2 GEPC2\n");
    scratch.file("chip.txt", "a.bed\tMAX\tb.bed\nc.bed\tCTCF\n");
    const CellDirectory cell(scratch.path());
    const auto tracks = cell.tracks();
    BOOST_TEST_REQUIRE(tracks.size() == 2u);
    BOOST_TEST(tracks[0].file == scratch.path() / "../map.bw");
    BOOST_TEST(tracks[0].name == "Unique35");
    BOOST_TEST(tracks[1].name == "DGF");
    const auto meta = cell.meta();
    BOOST_TEST_REQUIRE(meta.size() == 2u);
    BOOST_TEST(meta[0].value == -0.25);
    BOOST_TEST(meta[1].name == "GEPC2");
    const auto peaks = cell.peaks();
    BOOST_TEST_REQUIRE(peaks.size() == 2u);
    BOOST_TEST(peaks[0].relaxed == scratch.path() / "b.bed");
    BOOST_TEST(peaks[1].factor == "CTCF");
    BOOST_TEST(peaks[1].relaxed.empty());
}

BOOST_AUTO_TEST_CASE(what_is_wrong_in_a_cell_directory_is_named) {
    const Scratch scratch;
    BOOST_CHECK_EXCEPTION(CellDirectory(scratch / "K562"), IoError, says("K562: cannot open the cell directory: No such file"));
    BOOST_CHECK_EXCEPTION(CellDirectory(scratch.path()).tracks(), IoError, says("bigwig.txt: cannot open: No such file"));
    scratch.file("bigwig.txt", "a.bw\tDGF\na.bw\n");
    BOOST_CHECK_EXCEPTION(CellDirectory(scratch.path()).tracks(), FormatError,
                          says("bigwig.txt: line 2: a line holds a file and a name, this one has 1"));
    scratch.file("bigwig.txt", "a.bw\tDGF\nb.bw\tDGF\n");
    BOOST_CHECK_EXCEPTION(CellDirectory(scratch.path()).tracks(), FormatError, says("line 2: \"DGF\" is listed twice"));
    scratch.file("meta.txt", "GEPC1 0.5\n");
    BOOST_CHECK_EXCEPTION(CellDirectory(scratch.path()).meta(), FormatError, says("meta.txt: line 1: value \"GEPC1\" is not a number"));
    scratch.file("chip.txt", "\n");
    BOOST_CHECK_EXCEPTION(CellDirectory(scratch.path()).peaks(), FormatError, says("chip.txt: lists nothing"));
}

BOOST_AUTO_TEST_CASE(upstreams_cell_directories_are_read, *utf::precondition(shared_data_present)) {
    const CellDirectory cell(shared_data() / "factornet/HepG2");
    BOOST_TEST(cell.tracks().size() == 2u);
    BOOST_TEST(cell.meta().size() == 8u);
    BOOST_TEST(cell.meta().front().value == -0.1790349);
    BOOST_TEST(cell.peaks().size() == 19u);
    for (const char* name : {"standin22", "standin22_DGF"}) {
        for (const auto& track : CellDirectory(shared_data() / "factornet/cells" / name).tracks())
            BOOST_TEST(std::filesystem::exists(track.file));
    }
}

BOOST_AUTO_TEST_SUITE_END()
