// SPDX-License-Identifier: MIT
#include <chromatid/core/error.hpp>
#include <chromatid/genome/base_code.hpp>
#include <chromatid/genome/sequence_source.hpp>
#include <chromatid/io/bgzip_writer.hpp>
#include <chromatid/io/fasta.hpp>
#include <chromatid/io/sequence_file.hpp>
#include <chromatid/io/two_bit_writer.hpp>

#include <boost/test/unit_test.hpp>
#include <zlib.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <random>
#include <string>
#include <tests/unit/io/scratch.hpp>
#include <thread>
#include <vector>

using namespace chromatid;
using chromatid::test::content_of;
using chromatid::test::says;
using chromatid::test::Scratch;
namespace fs = std::filesystem;

static_assert(SequenceSource<Fasta>);

namespace {

template <class Source>
std::string letters(Source& source, const Interval& interval) {
    std::string text;
    for (const auto code : fetch_codes(source, interval)) text += base_letter(code);
    return text;
}

std::string random_letters(std::size_t n) {
    std::mt19937 random(3);
    std::string text(n, ' ');
    for (char& c : text) c = "ACGTNacgtn"[random() % 10];
    return text;
}

std::string upper(std::string text) {
    for (char& c : text) c = c >= 'a' ? static_cast<char>(c - 'a' + 'A') : c;
    return text;
}

std::string fasta(const std::string& name, const std::string& text, std::size_t width = 60) {
    std::string lines = ">" + name + " described\n";
    for (std::size_t at = 0; at < text.size(); at += width) lines += text.substr(at, width) + "\n";
    return lines;
}

void write_bgzip(const fs::path& path, const std::string& text) {
    BgzipWriter writer(path);
    writer.write(text);
    writer.commit();
}

void write_gzip(const fs::path& path, const std::string& text) {
    const gzFile file = gzopen(path.c_str(), "wb");
    gzwrite(file, text.data(), static_cast<unsigned>(text.size()));
    gzclose(file);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(io_fasta)

BOOST_AUTO_TEST_CASE(plain_bgzip_and_gzip_read_alike) {
    const Scratch scratch;
    const std::string first = random_letters(100'007), second = "ACGT";
    const std::string text = fasta("chr1", first) + fasta("chr2", second);
    scratch.file("x.fa", text);
    write_bgzip(scratch / "x.fa.bgz", text);
    write_gzip(scratch / "x.fa.gz", text);
    for (const char* name : {"x.fa", "x.fa.bgz", "x.fa.gz"}) {
        Fasta genome(scratch / name);
        BOOST_TEST((genome.chromosomes() == ChromSizes({{"chr1", 100'007}, {"chr2", 4}})));
        BOOST_TEST((letters(genome, {"chr1", 0, 100'007}) == upper(first)));
        BOOST_TEST(letters(genome, {"chr1", 61'234, 61'300}) == upper(first.substr(61'234, 66)));
        BOOST_TEST(letters(genome, {"chr2", -2, 6}) == "NNACGTNN");
        BOOST_TEST(letters(genome, {"chr2", 100, 102}) == "NN");
        BOOST_TEST(genome.is_resident() == (std::string(name) == "x.fa.gz"));
        Fasta other = genome.clone();
        BOOST_TEST(letters(other, {"chr2", 0, 4}) == "ACGT");
        BOOST_CHECK_EXCEPTION(letters(genome, {"2", 0, 1}), UsageError, says("did you mean \"chr2\"?"));
    }
    BOOST_TEST(fs::exists(scratch / "x.fa.fai"));
    BOOST_TEST(fs::exists(scratch / "x.fa.bgz.gzi"));
    BOOST_TEST(scratch.files() == 6);
}

BOOST_AUTO_TEST_CASE(crlf_lines_read_like_others) {
    const Scratch scratch;
    Fasta genome(scratch.file("x.fa", ">a\r\nACGT\r\nAC\r\n>b\r\nTT\r\n"));
    BOOST_TEST(letters(genome, {"a", 0, 6}) == "ACGTAC");
    BOOST_TEST(letters(genome, {"b", 0, 2}) == "TT");
}

BOOST_AUTO_TEST_CASE(a_folder_without_the_right_to_write_stays_as_it_is) {
    const Scratch scratch;
    scratch.file("x.fa", fasta("a", "ACGT"));
    write_bgzip(scratch / "y.fa.gz", fasta("a", "ACGT"));
    fs::permissions(scratch.path(), fs::perms::owner_read | fs::perms::owner_exec);
    for (const char* name : {"x.fa", "y.fa.gz"}) {
        auto genome = std::make_unique<Fasta>(scratch / name);
        Fasta other = genome->clone();
        genome.reset();
        Fasta third = other.clone();
        BOOST_TEST(letters(third, {"a", 0, 4}) == "ACGT");
    }
    BOOST_TEST(scratch.files() == 2);
}

BOOST_AUTO_TEST_CASE(an_index_older_than_the_file_is_made_anew) {
    const Scratch scratch;
    const auto path = scratch.file("x.fa", fasta("a", "ACGT"));
    Fasta before(path);
    scratch.file("x.fa", fasta("longer", "ACGTTT"));
    fs::last_write_time(scratch / "x.fa.fai", fs::last_write_time(path) - std::chrono::hours(1));
    Fasta after(path);
    BOOST_TEST(letters(after, {"longer", 0, 6}) == "ACGTTT");
}

BOOST_AUTO_TEST_CASE(malformed_files_are_refused_with_their_line) {
    const Scratch scratch;
    const auto refused = [&](const std::string& text, const std::string& words) {
        const auto plain = scratch.file("x.fa", text);
        fs::remove(scratch / "x.fa.fai");
        BOOST_CHECK_EXCEPTION(Fasta{plain}, FormatError, says("x.fa: " + words));
        write_gzip(scratch / "x.fa.gz", text);
        BOOST_CHECK_EXCEPTION(Fasta{scratch / "x.fa.gz"}, FormatError, says("x.fa.gz: " + words));
    };
    refused("ACGT\n>a\nAC\n", "line 1: not FASTA");
    refused(">a\nACGT\nAC\nACGT\n", "line 4: sequence goes on after a shorter");
    refused(">a\nACGT\nACGTA\n", "line 3: a line longer");
    refused(">a\nAC\n\nAC\n", "line 4: sequence goes on");
    refused(">a\nAC\n>b\nAC\n>a x\nAC\n", "line 5: sequence \"a\" is there twice");
    refused(">\nAC\n", "line 1: a record without a name");
    refused(">a\nAC GT\n", "line 2: column 3 is not a base");
    refused("\n\n", "holds no sequence");
    BOOST_CHECK_EXCEPTION(Fasta{scratch.file("empty.fa", "")}, FormatError, says("empty.fa: holds no sequence"));
    BOOST_CHECK_THROW(Fasta{scratch / "none.fa"}, IoError);
    BOOST_CHECK_THROW(Fasta{scratch.path()}, IoError);
}

BOOST_AUTO_TEST_CASE(a_damaged_or_foreign_index_is_noticed) {
    const Scratch scratch;
    const auto path = scratch.file("x.fa", fasta("a", "ACGT"));
    scratch.file("x.fa.fai", "a\tnonsense\n");
    BOOST_CHECK_THROW(Fasta{path}, FormatError);
    scratch.file("x.fa.fai", "a\t400\t13\t60\t61\n");
    Fasta genome(path);
    BOOST_CHECK_EXCEPTION(letters(genome, {"a", 0, 400}), FormatError, says("less of a:0-400 than its index says"));
}

BOOST_AUTO_TEST_CASE(truncated_bgzip_is_refused) {
    const Scratch scratch;
    write_bgzip(scratch / "x.fa.gz", fasta("a", random_letters(200'000)));
    const std::string whole = content_of(scratch / "x.fa.gz");
    for (const std::size_t lost : {std::size_t{28}, whole.size() / 2}) {
        BOOST_CHECK_EXCEPTION(Fasta{scratch.file("y.fa.gz", whole.substr(0, whole.size() - lost))}, FormatError, says("truncated"));
    }
}

BOOST_AUTO_TEST_CASE(clones_read_from_many_threads) {
    const Scratch scratch;
    const std::string text = random_letters(50'000);
    Fasta genome(scratch.file("x.fa", fasta("a", text)));
    std::vector<std::thread> threads;
    std::vector<int> wrong(4);
    for (std::size_t t = 0; t < wrong.size(); ++t) {
        threads.emplace_back([&, t, mine = genome.clone()]() mutable {
            for (std::size_t at = t; at + 100 < text.size(); at += 997) {
                const auto start = static_cast<std::int64_t>(at);
                wrong[t] += letters(mine, {"a", start, start + 100}) != upper(text.substr(at, 100));
            }
        });
    }
    for (auto& thread : threads) thread.join();
    BOOST_TEST(wrong == std::vector<int>(4), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_genome_is_told_by_content_not_by_name) {
    const Scratch scratch;
    const std::vector<TwoBitSequence> sequences{{"a", "ACGT"}};
    write_two_bit(scratch / "genome.fa", sequences);
    scratch.file("genome.2bit", ">b\nTTT\n");
    AnySequence two_bit = open_sequence(scratch / "genome.fa");
    AnySequence plain = open_sequence(scratch / "genome.2bit");
    BOOST_TEST(letters(two_bit, {"a", 0, 4}) == "ACGT");
    BOOST_TEST(letters(plain, {"b", 0, 3}) == "TTT");
    BOOST_CHECK_THROW(open_sequence(scratch.file("other", "\x89PNG")), FormatError);
}

BOOST_AUTO_TEST_SUITE_END()
