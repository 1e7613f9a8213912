// SPDX-License-Identifier: MIT
//
// Files from other projects' test suites: each is read right, as its text twin or its source says, or refused with a clear error.
// Where there is no twin, counts and sums were taken once with pyBigWig 0.3 (intervals of each chromosome) or py2bit 0.3, and are in the
// test.
#include <chromatid/core/error.hpp>
#include <chromatid/genome/base_code.hpp>
#include <chromatid/genome/sequence_source.hpp>
#include <chromatid/io/bed.hpp>
#include <chromatid/io/bed_graph.hpp>
#include <chromatid/io/big_wig.hpp>
#include <chromatid/io/fasta.hpp>
#include <chromatid/io/narrow_peak.hpp>
#include <chromatid/io/sequence_file.hpp>
#include <chromatid/io/text_reader.hpp>
#include <chromatid/io/two_bit.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <tests/support/shared_data.hpp>
#include <tests/unit/io/scratch.hpp>
#include <utility>
#include <vector>

using namespace chromatid;
using chromatid::test::says;
using chromatid::test::Scratch;
using chromatid::test::shared_data;
using chromatid::test::shared_data_present;
namespace fs = std::filesystem;
namespace utf = boost::unit_test;

namespace {

fs::path conformance(const std::string& name) { return shared_data() / "conformance" / name; }

/// Letters of each record of a text, without any blanks: a second reader, so simple that it cannot be wrong.
std::map<std::string, std::string> plain_fasta(const std::string& name) {
    std::ifstream file(conformance(name));
    std::map<std::string, std::string> records;
    std::string line, record;
    while (std::getline(file, line)) {
        if (line.starts_with('>')) record = line.substr(1, line.find(' ') - 1);
        else std::copy_if(line.begin(), line.end(), std::back_inserter(records[record]), [](char c) { return c != ' '; });
    }
    return records;
}

std::vector<std::uint8_t> codes_of(const std::string& letters) {
    std::vector<std::uint8_t> codes(letters.size());
    encode_bases(letters, codes);
    return codes;
}

/// A source has exactly these records, whole and in parts.
template <SequenceSource S>
void check_sequence(S source, const std::map<std::string, std::string>& records) {
    BOOST_TEST(source.chromosomes().size() == static_cast<Index>(records.size()));
    for (const auto& [name, text] : records) {
        const auto size = static_cast<std::int64_t>(text.size());
        BOOST_TEST_REQUIRE(source.chromosomes().size_of(name) == size);
        const auto codes = codes_of(text);
        BOOST_TEST((fetch_codes(source, {name, 0, size}) == codes));
        for (std::int64_t start = 0; start < size; start += 61) {
            const std::int64_t end = std::min(size, start + 100);
            BOOST_TEST((fetch_codes(source, {name, start, end}) == std::vector<std::uint8_t>(codes.begin() + start, codes.begin() + end)));
        }
    }
}

/// The soft masks of a 2bit file are the lower-case stretches of its twin.
void check_masks(const TwoBit& file, const std::map<std::string, std::string>& records) {
    for (const auto& [name, text] : records) {
        std::string mask(text.size(), '-'), expected(text.size(), '-');
        for (const Interval& m : file.masks(name)) std::fill(mask.begin() + m.start, mask.begin() + m.end, '#');
        for (std::size_t i = 0; i < text.size(); ++i) expected[i] = text[i] >= 'a' ? '#' : '-';
        BOOST_TEST(mask == expected);
    }
}

/// A copy in a folder of the test's own, where an index may be made.
Fasta fasta_copy(const Scratch& scratch, const std::string& name) {
    fs::copy_file(conformance(name), scratch / name);
    fs::permissions(scratch / name, fs::perms::owner_all);
    return Fasta(scratch / name);
}

using Values = std::map<std::string, std::map<std::int64_t, float>>;

/// The values of a wiggle text, base by base.
Values wiggle(const std::string& name) {
    std::ifstream file(conformance(name));
    Values values;
    std::string line, chrom;
    std::int64_t start = 0, step = 0, span = 1;
    while (std::getline(file, line)) {
        std::istringstream words(line);
        std::string first;
        if (!(words >> first) || first == "track" || first.starts_with('#')) continue;
        if (first == "variableStep" || first == "fixedStep") {
            start = step = 0;
            span = 1;
            for (std::string word; words >> word;) {
                const std::string value = word.substr(word.find('=') + 1);
                if (word.starts_with("chrom=")) chrom = value;
                if (word.starts_with("start=")) start = std::stoll(value);
                if (word.starts_with("step=")) step = std::stoll(value);
                if (word.starts_with("span=")) span = std::stoll(value);
            }
            continue;
        }
        std::int64_t at = start;
        float value = 0;
        if (step != 0) {
            value = std::stof(first);
            start += step;
        } else {
            at = std::stoll(first);
            words >> value;
        }
        for (std::int64_t p = 0; p < span; ++p) values[chrom][at - 1 + p] = value;
    }
    return values;
}

Values values_of(BigWig file) {
    Values values;
    for (const Chromosome& c : file.chromosomes()) {
        file.for_each_run({c.name, 0, c.size}, [&](std::int64_t start, std::int64_t end, float value) {
            for (std::int64_t p = start; p < end; ++p) values[c.name][p] = value;
        });
    }
    return values;
}

struct Summary {
    std::int64_t runs = 0, covered = 0;
    double sum = 0;
    Interval first, last;
};

Summary summary_of(BigWig file) {
    Summary s;
    for (const Chromosome& c : file.chromosomes()) {
        file.for_each_run({c.name, 0, c.size}, [&](std::int64_t start, std::int64_t end, float value) {
            s.last = {c.name, start, end};
            if (s.runs++ == 0) s.first = s.last;
            s.covered += end - start;
            s.sum += static_cast<double>(end - start) * static_cast<double>(value);
        });
    }
    return s;
}

void check_summary(const std::string& name, const ChromSizes& sizes, const Summary& expected) {
    BOOST_TEST_CONTEXT(name) {
        BigWig file(conformance(name));
        BOOST_TEST((file.chromosomes() == sizes));
        const Summary found = summary_of(file);
        BOOST_TEST(found.runs == expected.runs);
        BOOST_TEST(found.covered == expected.covered);
        BOOST_TEST(found.sum == expected.sum, boost::test_tools::tolerance(1e-12));
        BOOST_TEST(to_string(found.first) == to_string(expected.first));
        BOOST_TEST(to_string(found.last) == to_string(expected.last));
        for (const Chromosome& c : sizes) {  // fetched values are the runs
            if (c.size > 30'000'000) continue;
            double sum = 0;
            const std::vector<float> all = file.decode(c.name);
            for (const float v : all) sum += static_cast<double>(v);
            double runs = 0;
            file.for_each_run({c.name, 0, c.size}, [&](std::int64_t start, std::int64_t end, float v) {
                runs += static_cast<double>(end - start) * static_cast<double>(v);
                BOOST_TEST_REQUIRE(all[static_cast<std::size_t>(start)] == v);
            });
            BOOST_TEST(sum == runs, boost::test_tools::tolerance(1e-9));
        }
    }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(io_conformance, *utf::precondition(shared_data_present))

BOOST_AUTO_TEST_CASE(two_bit_files_match_their_text) {
    const std::array<std::pair<const char*, const char*>, 5> twins = {
        {{"adam_human_g1k_v37_chr1_59kb.2bit", "adam_human_g1k_v37_chr1_59kb.fasta"},
         {"bx_test.2bit", "bx_test.fa"},
         {"bx_testMask.2bit", "bx_testMask.fa"},
         {"twobitjs_foo.2bit", "twobitjs_foo.2bit.fa"},
         {"twobitjs_volvox.2bit", "twobitjs_volvox.2bit.fa"}}};
    for (const auto& [two_bit, text] : twins) {
        BOOST_TEST_CONTEXT(two_bit) {
            check_sequence(open_sequence(conformance(two_bit)), plain_fasta(text));
            check_masks(TwoBit(conformance(two_bit)), plain_fasta(text));
        }
    }
}

BOOST_AUTO_TEST_CASE(two_bit_files_without_text_have_known_facts) {
    TwoBit mitochondrion(conformance("adam_hg19.chrM.2bit"));
    BOOST_TEST((mitochondrion.chromosomes() == ChromSizes({{"hg19_chrM", 16571}})));
    auto codes = fetch_codes(mitochondrion, {"hg19_chrM", 0, 16571});
    const auto count = [&](std::uint8_t code) { return std::count(codes.begin(), codes.end(), code); };
    BOOST_TEST(count(0) == 5113);
    BOOST_TEST(count(1) == 5192);
    BOOST_TEST(count(2) == 2180);
    BOOST_TEST(count(3) == 4086);
    const std::vector<std::uint8_t> head(codes.begin(), codes.begin() + 20);
    BOOST_TEST(head == codes_of("GATCACAGGTCTATCACCCT"), boost::test_tools::per_element());
    const std::vector<Interval> masks{
        {"hg19_chrM", 2591, 2747}, {"hg19_chrM", 3230, 3308}, {"hg19_chrM", 4329, 4401}, {"hg19_chrM", 7448, 7515}};
    BOOST_TEST((mitochondrion.masks("hg19_chrM") == masks));

    TwoBit bacterium(conformance("twobitjs_T_ko.2bit"));
    BOOST_TEST((bacterium.chromosomes() == ChromSizes({{"chr1", 2'088'737}})));
    codes = fetch_codes(bacterium, {"chr1", 0, 2'088'737});
    BOOST_TEST(count(0) == 503'440);
    BOOST_TEST(count(1) == 543'888);
    BOOST_TEST(count(2) == 542'161);
    BOOST_TEST(count(3) == 499'248);
    BOOST_TEST((std::vector<std::uint8_t>(codes.end() - 20, codes.end()) == codes_of("AAGATTATGGGGGATGAAAG")));

    BOOST_TEST(TwoBit(conformance("twobitjs_empty.2bit")).chromosomes().empty());
}

BOOST_AUTO_TEST_CASE(fasta_files_are_read) {
    for (const char* name : {"adam_human_g1k_v37_chr1_59kb.fasta", "bx_testMask.fa", "gatk_hg19mini.fasta", "gatk_iupacFASTA.fasta",
                             "nucleus_unindexed_emptylines.fasta", "pyfaidx_chr17.hg19.part.fa", "pyfaidx_issue_83.fasta",
                             "twobitjs_foo.2bit.fa", "twobitjs_volvox.2bit.fa"}) {
        BOOST_TEST_CONTEXT(name) {
            const Scratch scratch;
            check_sequence(fasta_copy(scratch, name), plain_fasta(name));
        }
    }
}

BOOST_AUTO_TEST_CASE(fasta_in_a_folder_that_cannot_be_written_is_read) {
    check_sequence(Fasta(conformance("gatk_hg19mini.fasta")), plain_fasta("gatk_hg19mini.fasta"));
}

BOOST_AUTO_TEST_CASE(iupac_letters_are_unknown_bases) {
    Fasta genome(conformance("gatk_iupacFASTA.fasta"));
    const auto codes = fetch_codes(genome, {"chr1", 0, 100'000});
    BOOST_TEST(std::count(codes.begin(), codes.end(), unknown_base) == 100'000 - 30'002 - 21'934 - 20'223 - 27'836);
}

BOOST_AUTO_TEST_CASE(bgzip_fasta_is_read) {
    const Scratch scratch;
    auto expected = plain_fasta("nucleus_unindexed_emptylines.fasta");  // the same records, the last one longer
    expected["chr2"] =
        "CGCTNCGGGCCCATAACACTTGGGGGTAGCTAAAGTGAACTGTATCCGACATCTGGTTCCTACTTCAGGGCCATAAAGCCTAAATAGCCCACACGTTCCCCTTAAATAAGACATCACGATG";
    Fasta genome = fasta_copy(scratch, "nucleus_test.fasta.gz");
    BOOST_TEST(!genome.is_resident());
    check_sequence(std::move(genome), expected);
}

BOOST_AUTO_TEST_CASE(fasta_that_cannot_be_indexed_is_refused_with_its_line) {
    BOOST_CHECK_EXCEPTION(Fasta{conformance("bx_test.fa")}, FormatError, says("bx_test.fa: line 2: column 6 is not a base"));
    BOOST_CHECK_EXCEPTION(Fasta{conformance("nucleus_malformed.fasta")}, FormatError, says("nucleus_malformed.fasta: line 1: not FASTA"));
}

BOOST_AUTO_TEST_CASE(big_wig_files_match_their_text) {
    BOOST_TEST((values_of(BigWig(conformance("bx_test.bw"))) == wiggle("bx_test.wig")));

    // A file with the values of rtracklayer's bedGraph example, on shorter coordinates: 300 bases each of -1, -0.75, ..., 1.
    Values steps;
    for (int i = 0; i < 2700; ++i) steps[i < 1500 ? "chr2" : "chr19"][i] = -1.0f + 0.25f * static_cast<float>(i / 300);
    BOOST_TEST((values_of(BigWig(conformance("rtracklayer_test.bw"))) == steps));
}

BOOST_AUTO_TEST_CASE(big_wig_files_without_text_have_known_sums) {
    check_summary("bbijs_pvalues.bw", ChromSizes({{"scaffold_25_1", 39'299'130}}),
                  {50'462, 50'462, 325532.59010835737, {"scaffold_25_1", 1197, 1198}, {"scaffold_25_1", 39'294'117, 39'294'118}});
    check_summary("bbijs_uncompressed.bw", ChromSizes({{"ctgA", 50'001}}),
                  {49'984, 49'984, 959592.0, {"ctgA", 2, 3}, {"ctgA", 49'985, 49'986}});
    check_summary("bbijs_variable_step.bw", ChromSizes({{"chr1", 52}}), {11, 11, 5.522949988022447, {"chr1", 11, 12}, {"chr1", 51, 52}});
    check_summary("bbijs_volvox.bw", ChromSizes({{"ctgA", 50'001}}), {49'984, 49'984, 959592.0, {"ctgA", 2, 3}, {"ctgA", 49'985, 49'986}});
    check_summary("bbijs_volvox_microarray.bw", ChromSizes({{"ctgA", 50'001}}),
                  {500, 50'000, 16578500.0, {"ctgA", 0, 100}, {"ctgA", 49'900, 50'000}});
    check_summary("bigtools_mini.bw", ChromSizes({{"chr1", 12}}), {3, 8, 16.0, {"chr1", 1, 3}, {"chr1", 8, 10}});
    check_summary("bx_test.bw", ChromSizes({{"chr1", 247'249'719}}),
                  {9991, 9991, 66.3222838290967, {"chr1", 10'917, 10'918}, {"chr1", 20'907, 20'908}});
    check_summary("deeptools_mappability.bw", ChromSizes({{"chr2L", 1000}}), {3, 1000, 995.0, {"chr2L", 0, 100}, {"chr2L", 110, 1000}});
    check_summary("deeptools_test1.bw", ChromSizes({{"3R", 1500}}), {46, 1150, 28707.500200346112, {"3R", 0, 25}, {"3R", 1125, 1150}});
    check_summary("deeptools_testA_skipNAs.bw", ChromSizes({{"3R", 200}, {"chr_cigar", 200}}),
                  {2, 150, 200.0, {"3R", 100, 200}, {"chr_cigar", 0, 50}});
    check_summary("pyBigWig_test.bw", ChromSizes({{"1", 195'471'971}, {"10", 130'694'993}}),
                  {6, 154, 272.0999988242984, {"1", 0, 1}, {"10", 200, 300}});
    check_summary("pyGT_bigwig_chrx_2e6_5e6.bw", ChromSizes({{"chrX", 22'422'827}}),
                  {11'244, 2'930'650, 4337100.0, {"chrX", 2'000'700, 2'000'750}, {"chrX", 4'997'750, 4'997'900}});
}

BOOST_AUTO_TEST_CASE(skipped_stretches_are_gaps_not_zeros) {
    BigWig file(conformance("deeptools_testA_skipNAs.bw"), GapPolicy::nan());
    const auto values = file.decode("3R");
    BOOST_TEST(std::count_if(values.begin(), values.end(), [](float v) { return std::isnan(v); }) == 100);
    BigWig negative(conformance("bbijs_variable_step.bw"));
    BOOST_TEST(negative.decode("chr1")[51] == -0.02396400086581707f);
}

BOOST_AUTO_TEST_CASE(what_is_no_whole_big_wig_is_refused) {
    BOOST_CHECK_EXCEPTION(BigWig{conformance("pyBigWig_test.bigBed")}, FormatError, says("byte 0: this is a bigBed file"));
    // Its summary announces 2,700 bases with values, but its index has three blocks of no bytes and no bases.
    BOOST_CHECK_EXCEPTION(BigWig{conformance("rtracklayer_bed.bw")}, FormatError, says("the block index has an entry that cannot be"));
    BOOST_CHECK_EXCEPTION(BigWig{conformance("rtracklayer_test.bed")}, FormatError, says("not a bigWig file"));
}

BOOST_AUTO_TEST_CASE(bed_files_are_read) {
    const std::vector<Interval> two{{"chr17", 59'800, 60'000}, {"chr17", 62'000, 64'000}};
    BOOST_TEST((read_bed(conformance("bigtools_bwaob_intervals.bed")) == two));
    const std::vector<Interval> one{{"1", 0, 1'005'000}};
    BOOST_TEST((read_bed(conformance("nucleus_5col.bed")) == one));
    const std::vector<Interval> five{{"chr7", 127'471'196, 127'472'363},
                                     {"chr7", 127'472'363, 127'473'530},
                                     {"chr7", 127'473'530, 127'474'697},
                                     {"chr9", 127'474'697, 127'475'864},
                                     {"chr9", 127'475'864, 127'477'031}};
    BOOST_TEST((read_bed(conformance("rtracklayer_test.bed")) == five));
}

BOOST_AUTO_TEST_CASE(malformed_bed_is_refused_with_its_line) {
    BOOST_CHECK_EXCEPTION(read_bed(conformance("nucleus_malformed.bed")), FormatError,
                          says("nucleus_malformed.bed: line 4: needs 3 columns"));
}

BOOST_AUTO_TEST_CASE(narrow_peak_files_are_read) {
    const auto peaks = read_narrow_peaks(conformance("pyGT_test.narrowPeak"));
    BOOST_TEST_REQUIRE(peaks.size() == 2091u);
    BOOST_TEST((peaks.front().interval == Interval{"X", 13'571, 14'323}));
    BOOST_TEST(peaks.front().score == 567);
    BOOST_TEST(peaks.front().q_value == 56.72348);
    BOOST_TEST(peaks.front().summit == 154);
    BOOST_TEST((peaks.back().interval == Interval{"XHet", 203'744, 203'963}));
    const auto zipped = read_narrow_peaks(conformance("rtracklayer_demo.narrowPeak.gz"));
    BOOST_TEST_REQUIRE(zipped.size() == 6u);
    BOOST_TEST((zipped.back().interval == Interval{"chr6", 52'860'023, 52'860'589}));
    BOOST_TEST(zipped.back().q_value == 7.1304e-51);
    BOOST_TEST(zipped.back().summit == 349);
}

BOOST_AUTO_TEST_CASE(bed_graph_files_are_read) {
    const auto steps = read_bed_graph(conformance("rtracklayer_test.bedGraph"));
    BOOST_TEST_REQUIRE(steps.size() == 9u);
    BOOST_TEST((steps.front() == BedGraphRecord{{"chr19", 59'102'000, 59'102'300}, -1.0f}));
    BOOST_TEST((steps.back() == BedGraphRecord{{"chr18", 59'104'400, 59'104'700}, 1.0f}));
    const auto many = read_bed_graph(conformance("bigtools_multi_chrom.bedGraph"));
    BOOST_TEST(many.size() == 3000u);
    BOOST_TEST((many[8] == BedGraphRecord{{"chr1", 10'040, 10'127}, 2.57554f}));
    std::map<std::string, int> records;
    for (const auto& r : many) ++records[r.interval.chrom];
    BOOST_TEST(records.size() == 6u);
    BOOST_TEST(records["chr6"] == 2000);
}

BOOST_AUTO_TEST_CASE(wiggle_texts_are_not_taken_for_bed) {
    BOOST_CHECK_EXCEPTION(read_bed(conformance("bx_test.wig")), FormatError,
                          says("bx_test.wig: line 1: start \"chrom=chr1\" is not a whole number"));
    BOOST_CHECK_EXCEPTION(read_bed(conformance("rtracklayer_step.wig")), FormatError,
                          says("rtracklayer_step.wig: line 2: needs 3 columns"));
    // Its first part is bedGraph, which is read; then comes variableStep.
    BedGraphReader mixed(conformance("rtracklayer_multi.wig"));
    for (int i = 0; i < 9; ++i) BOOST_TEST_REQUIRE(mixed.next() != nullptr);
    BOOST_CHECK_EXCEPTION(mixed.next(), FormatError, says("rtracklayer_multi.wig: line 21: needs 4 columns"));
}

BOOST_AUTO_TEST_CASE(no_file_is_forgotten) {
    const std::set<std::string> seen{"adam_hg19.chrM.2bit",
                                     "adam_human_g1k_v37_chr1_59kb.2bit",
                                     "adam_human_g1k_v37_chr1_59kb.fasta",
                                     "bbijs_pvalues.bw",
                                     "bbijs_uncompressed.bw",
                                     "bbijs_variable_step.bw",
                                     "bbijs_volvox.bw",
                                     "bbijs_volvox_microarray.bw",
                                     "bigtools_bwaob_intervals.bed",
                                     "bigtools_mini.bw",
                                     "bigtools_multi_chrom.bedGraph",
                                     "bx_test.2bit",
                                     "bx_test.bw",
                                     "bx_test.fa",
                                     "bx_test.wig",
                                     "bx_testMask.2bit",
                                     "bx_testMask.fa",
                                     "deeptools_mappability.bw",
                                     "deeptools_test1.bw",
                                     "deeptools_testA_skipNAs.bw",
                                     "gatk_hg19mini.fasta",
                                     "gatk_iupacFASTA.fasta",
                                     "nucleus_5col.bed",
                                     "nucleus_malformed.bed",
                                     "nucleus_malformed.fasta",
                                     "nucleus_test.fasta.gz",
                                     "nucleus_unindexed_emptylines.fasta",
                                     "pyBigWig_test.bigBed",
                                     "pyBigWig_test.bw",
                                     "pyGT_bigwig_chrx_2e6_5e6.bw",
                                     "pyGT_test.narrowPeak",
                                     "pyfaidx_chr17.hg19.part.fa",
                                     "pyfaidx_issue_83.fasta",
                                     "rtracklayer_bed.bw",
                                     "rtracklayer_demo.narrowPeak.gz",
                                     "rtracklayer_multi.wig",
                                     "rtracklayer_step.wig",
                                     "rtracklayer_test.bed",
                                     "rtracklayer_test.bedGraph",
                                     "rtracklayer_test.bw",
                                     "twobitjs_T_ko.2bit",
                                     "twobitjs_empty.2bit",
                                     "twobitjs_foo.2bit",
                                     "twobitjs_foo.2bit.fa",
                                     "twobitjs_volvox.2bit",
                                     "twobitjs_volvox.2bit.fa"};
    for (const auto& entry : fs::directory_iterator(conformance(""))) {
        BOOST_TEST(seen.contains(entry.path().filename().string()), entry.path().filename().string() << " is in no test here");
    }
}

BOOST_AUTO_TEST_CASE(gzip_genomes_are_held_in_memory) {
    Fasta yeast(shared_data() / "mini_yeast/sacCer3.fa.gz");
    BOOST_TEST(yeast.is_resident());
    BOOST_TEST(yeast.chromosomes().size_of("chrIV") == 1'531'933);
    Fasta human(shared_data() / "mini_hg19/mini.fa.gz");
    BOOST_TEST(human.chromosomes().size_of("chr22") == 21'000'000);
    std::int64_t known = 0;
    for (const Chromosome& c : human.chromosomes()) {
        const auto codes = fetch_codes(human, {c.name, 0, c.size});
        known += static_cast<std::int64_t>(codes.size()) - std::count(codes.begin(), codes.end(), unknown_base);
    }
    std::int64_t expected = 0;
    for (const Interval& region : read_bed(shared_data() / "mini_hg19/mini.regions.bed")) expected += region.length();
    BOOST_TEST(known <= expected);
    BOOST_TEST(known > expected * 9 / 10);
}

BOOST_AUTO_TEST_SUITE_END()
