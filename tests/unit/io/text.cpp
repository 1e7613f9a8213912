// SPDX-License-Identifier: MIT
#include <chromatid/core/error.hpp>
#include <chromatid/io/bed.hpp>
#include <chromatid/io/bed_graph.hpp>
#include <chromatid/io/bgzip_writer.hpp>
#include <chromatid/io/chrom_sizes_file.hpp>
#include <chromatid/io/narrow_peak.hpp>
#include <chromatid/io/text_reader.hpp>

#include <boost/test/unit_test.hpp>
#include <zlib.h>

#include <filesystem>
#include <string>
#include <tests/unit/io/scratch.hpp>
#include <vector>

using namespace chromatid;
using chromatid::test::content_of;
using chromatid::test::says;
using chromatid::test::Scratch;

namespace {

std::vector<std::string> lines_of(const std::filesystem::path& path) {
    std::vector<std::string> lines;
    TextReader reader(path);
    while (const auto line = reader.next()) lines.emplace_back(*line);
    BOOST_TEST(reader.line_number() == static_cast<Index>(lines.size()));
    return lines;
}

/// One gzip member.
std::string gzip(const std::string& text) {
    const Scratch scratch;
    const gzFile file = gzopen((scratch / "member").c_str(), "wb");
    gzwrite(file, text.data(), static_cast<unsigned>(text.size()));
    gzclose(file);
    return content_of(scratch / "member");
}

std::string long_text() {
    std::string text;
    for (int i = 0; i < 60000; ++i) text += "chr1\t" + std::to_string(i) + "\t" + std::to_string(i + 1 + i * 7919 % 13) + "\n";
    return text;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(io_text)

BOOST_AUTO_TEST_CASE(lines_end_with_lf_or_crlf_or_the_file) {
    const Scratch scratch;
    const std::vector<std::string> expected{"a", "", "b c", "d"};
    BOOST_TEST(lines_of(scratch.file("x", "a\n\r\nb c\r\nd")) == expected, boost::test_tools::per_element());
    BOOST_TEST(lines_of(scratch.file("empty", "")).empty());
}

BOOST_AUTO_TEST_CASE(a_line_may_be_longer_than_any_buffer) {
    const Scratch scratch;
    const std::string word(1'000'000, 'x');
    const auto lines = lines_of(scratch.file("x", word + "\n" + word + "y"));
    BOOST_TEST(lines.size() == 2u);
    BOOST_TEST((lines[0] == word && lines[1] == word + "y"));
}

BOOST_AUTO_TEST_CASE(gzip_of_several_members_reads_as_one) {
    const Scratch scratch;
    const std::vector<std::string> expected{"one", "two", "three"};
    BOOST_TEST(lines_of(scratch.file("x.gz", gzip("one\ntw") + gzip("") + gzip("o\nthree"))) == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(truncated_gzip_is_refused) {
    const Scratch scratch;
    const std::string whole = gzip(long_text());
    for (const std::size_t kept : {std::size_t{12}, whole.size() / 2, whole.size() - 4}) {
        BOOST_CHECK_EXCEPTION(lines_of(scratch.file("x.gz", whole.substr(0, kept))), FormatError, says("truncated"));
    }
}

BOOST_AUTO_TEST_CASE(damaged_gzip_is_refused) {
    const Scratch scratch;
    std::string bytes = gzip(long_text());
    bytes[bytes.size() / 2] = static_cast<char>(~bytes[bytes.size() / 2]);
    BOOST_CHECK_THROW(lines_of(scratch.file("x.gz", bytes)), FormatError);
}

BOOST_AUTO_TEST_CASE(truncated_bgzip_is_refused_even_between_blocks) {
    const Scratch scratch;
    BgzipWriter writer(scratch / "whole.gz");
    writer.write(long_text());
    writer.commit();
    const std::string whole = content_of(scratch / "whole.gz");
    BOOST_TEST(lines_of(scratch / "whole.gz").size() == 60000u);
    for (const std::size_t lost : {std::size_t{28}, std::size_t{1}, whole.size() / 2}) {
        BOOST_CHECK_EXCEPTION(lines_of(scratch.file("x.gz", whole.substr(0, whole.size() - lost))), FormatError, says("truncated"));
    }
}

BOOST_AUTO_TEST_CASE(a_missing_file_and_a_folder_are_io_errors) {
    const Scratch scratch;
    BOOST_CHECK_EXCEPTION(TextReader(scratch / "none.bed"), IoError, says("none.bed: cannot open: No such file"));
    BOOST_CHECK_EXCEPTION(TextReader(scratch.path()), IoError, says("Is a directory"));
}

BOOST_AUTO_TEST_CASE(bed_keeps_columns_as_text) {
    const Scratch scratch;
    BedReader reader(scratch.file(
        "x.bed", "# comment\nbrowser position\ntrack name=x\n\n  \nchr1\t10\t20\ta b\t\t+\nchr2  5   5  q\ntracking\t1\t2\r\n"));
    const BedRecord* record = reader.next();
    BOOST_TEST_REQUIRE(record != nullptr);
    BOOST_TEST((record->interval == Interval{"chr1", 10, 20}));
    const std::vector<std::string> fields{"chr1", "10", "20", "a b", "", "+"};
    BOOST_TEST(record->fields == fields, boost::test_tools::per_element());
    record = reader.next();
    BOOST_TEST((record->interval == Interval{"chr2", 5, 5}));
    BOOST_TEST(record->fields.size() == 4u);
    BOOST_TEST((reader.next()->interval == Interval{"tracking", 1, 2}));
    BOOST_TEST(reader.next() == nullptr);
}

BOOST_AUTO_TEST_CASE(malformed_bed_is_refused_with_its_line) {
    const Scratch scratch;
    const auto refused = [&](const std::string& line, const std::string& words) {
        const auto path = scratch.file("x.bed", "#\nchr1\t1\t2\n" + line + "\n");
        BOOST_CHECK_EXCEPTION(read_bed(path), FormatError, says("x.bed: line 3: " + words));
    };
    refused("chr1\t1", "needs 3 columns separated by tabs or spaces, has 2");
    refused("chr1\t1.5\t2", "start \"1.5\" is not a whole number");
    refused("chr1\t1\t2x", "end \"2x\" is not a whole number");
    refused("chr1\t1\t", "end \"\" is not a whole number");
    refused("chr1\t-1\t2", "start -1 is negative");
    refused("chr1\t3\t2", "start 3 is after end 2");
    refused("chr1\t1\t99999999999999999999", "end");
    refused("\t1\t2", "the chromosome's name is empty");
}

BOOST_AUTO_TEST_CASE(narrow_peak_has_ten_columns) {
    const Scratch scratch;
    const auto peaks = read_narrow_peaks(
        scratch.file("x.narrowPeak", "chr1\t10\t20\tp\t1000\t+\t1.5\t-1\t2e-3\t4\nchr1\t10\t20\t.\t0\t.\t1\t-1\t-1\t-1\n"));
    BOOST_TEST_REQUIRE(peaks.size() == 2u);
    BOOST_TEST(peaks[0].name == "p");
    BOOST_TEST(peaks[0].strand == '+');
    BOOST_TEST(peaks[0].signal == 1.5);
    BOOST_TEST(peaks[0].q_value == 2e-3);
    BOOST_TEST(peaks[0].summit == 4);
    BOOST_TEST(peaks[1].summit == -1);
    BOOST_CHECK_EXCEPTION(read_narrow_peaks(scratch.file("y", "chr1\t10\t20\tp\t1000\t+\t1.5\t-1\t2\n")), FormatError,
                          says("line 1: needs 10 columns"));
    BOOST_CHECK_EXCEPTION(read_narrow_peaks(scratch.file("z", "chr1\t10\t20\tp\t1000\t+\tx\t-1\t2\t3\n")), FormatError,
                          says("signal \"x\" is not a number"));
}

BOOST_AUTO_TEST_CASE(bed_graph_has_a_value) {
    const Scratch scratch;
    const std::vector<BedGraphRecord> expected{{{"chr1", 0, 10}, -0.5f}, {{"chr1", 10, 12}, 3e2f}};
    BOOST_TEST((read_bed_graph(scratch.file("x", "track type=bedGraph\nchr1 0 10 -0.5\nchr1\t10\t12\t+3e2\n")) == expected));
    BOOST_CHECK_EXCEPTION(read_bed_graph(scratch.file("y", "chr1\t0\t10\n")), FormatError, says("line 1: needs 4 columns"));
    BOOST_CHECK_EXCEPTION(read_bed_graph(scratch.file("z", "chr1\t0\t10\thigh\n")), FormatError, says("value \"high\" is not a number"));
}

BOOST_AUTO_TEST_CASE(chromosome_sizes_come_from_two_columns) {
    const Scratch scratch;
    const ChromSizes expected({{"chr2", 20}, {"chr1", 10}});
    BOOST_TEST((read_chrom_sizes(scratch.file("x.sizes", "chr2\t20\n\nchr1 10\n")) == expected));
    BOOST_TEST((read_chrom_sizes(scratch.file("x.fai", "chr2\t20\t6\t60\t61\nchr1\t10\t40\t60\t61\n")) == expected));
    BOOST_CHECK_EXCEPTION(read_chrom_sizes(scratch.file("y", "chr1\t1\nchr1\t1\n")), FormatError,
                          says("line 2: chromosome \"chr1\" is there twice"));
    BOOST_CHECK_EXCEPTION(read_chrom_sizes(scratch.file("z", "chr1\n")), FormatError, says("line 1: needs a chromosome and its size"));
    BOOST_CHECK_EXCEPTION(read_chrom_sizes(scratch.file("e", "")), FormatError, says("holds no chromosome"));
}

BOOST_AUTO_TEST_SUITE_END()
