// SPDX-License-Identifier: MIT
#include <chromatid/core/error.hpp>
#include <chromatid/genome/base_code.hpp>
#include <chromatid/genome/sequence_source.hpp>
#include <chromatid/io/two_bit.hpp>
#include <chromatid/io/two_bit_writer.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <tests/unit/io/scratch.hpp>
#include <vector>

using namespace chromatid;
using chromatid::test::content_of;
using chromatid::test::says;
using chromatid::test::Scratch;

static_assert(SequenceSource<TwoBit>);

namespace {

std::vector<std::uint8_t> codes_of(const std::string& letters) {
    std::vector<std::uint8_t> codes(letters.size());
    encode_bases(letters, codes);
    return codes;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(io_two_bit)

BOOST_AUTO_TEST_CASE(the_bytes_are_those_of_the_format) {
    const Scratch scratch;
    const std::vector<TwoBitSequence> sequences{{"s", "TCagN"}};
    write_two_bit(scratch / "x", sequences);
    const std::string expected(
        "\x43\x27\x41\x1a\0\0\0\0\1\0\0\0\0\0\0\0"
        "\1s\x16\0\0\0"
        "\5\0\0\0"
        "\1\0\0\0\4\0\0\0\1\0\0\0"
        "\1\0\0\0\2\0\0\0\2\0\0\0"
        "\0\0\0\0"
        "\x1b\0",
        16 + 6 + 34);
    BOOST_TEST(content_of(scratch / "x") == expected);
}

BOOST_AUTO_TEST_CASE(what_is_written_reads_back_in_every_layout) {
    const Scratch scratch;
    std::mt19937 random(4);
    for (int round = 0; round < 60; ++round) {
        const TwoBitLayout layout{round % 2, round % 4 < 2 ? std::endian::little : std::endian::big};
        std::vector<TwoBitSequence> sequences;
        for (std::size_t s = random() % 4; s > 0; --s) {
            std::string letters(random() % 40, ' ');
            for (char& c : letters) c = "ACGTACGTacgtNNn"[random() % 15];
            sequences.push_back({"chr" + std::to_string(s), letters});
        }
        write_two_bit(scratch / "x", sequences, layout);
        TwoBit file(scratch / "x");
        BOOST_TEST_REQUIRE(file.chromosomes().size() == static_cast<Index>(sequences.size()));
        for (const auto& [name, letters] : sequences) {
            const auto size = static_cast<std::int64_t>(letters.size());
            BOOST_TEST_REQUIRE(file.chromosomes().size_of(name) == size);
            const auto whole = codes_of(letters);
            for (std::int64_t start = 0; start <= size; ++start) {
                const auto end = start + static_cast<std::int64_t>(random() % static_cast<unsigned>(size - start + 1));
                const std::vector<std::uint8_t> expected(whole.begin() + start, whole.begin() + end);
                BOOST_TEST(fetch_codes(file, {name, start, end}) == expected, boost::test_tools::per_element());
            }
            std::string masked = letters;
            for (char& c : masked) c = c >= 'a' ? static_cast<char>(c - 'a' + 'A') : c;
            for (const Interval& m : file.masks(name)) {
                for (std::int64_t p = m.start; p < m.end; ++p)
                    masked[static_cast<std::size_t>(p)] = static_cast<char>(masked[static_cast<std::size_t>(p)] - 'A' + 'a');
            }
            BOOST_TEST(masked == letters);
        }
    }
}

BOOST_AUTO_TEST_CASE(long_sequences_read_across_buffers) {
    const Scratch scratch;
    std::mt19937 random(5);
    std::string letters(3'000'001, ' ');
    for (char& c : letters) c = "ACGT"[random() % 4];
    const std::vector<TwoBitSequence> sequences{{"a", letters}};
    write_two_bit(scratch / "x", sequences);
    TwoBit file(scratch / "x");
    BOOST_TEST((fetch_codes(file, {"a", 0, 3'000'001}) == codes_of(letters)));
    BOOST_TEST((fetch_codes(file, {"a", 1'048'575, 2'097'153}) == codes_of(letters.substr(1'048'575, 1'048'578))));
    auto expected = codes_of("N" + letters.substr(0, 2));
    BOOST_TEST((fetch_codes(file, {"a", -1, 2}) == expected));
}

BOOST_AUTO_TEST_CASE(every_truncation_is_refused) {
    const Scratch scratch;
    const std::vector<TwoBitSequence> sequences{{"one", "ACGTNNacgtacgtA"}, {"two", "ACGT"}};
    for (const int version : {0, 1}) {
        write_two_bit(scratch / "x", sequences, {version});
        const std::string whole = content_of(scratch / "x");
        for (std::size_t kept = 0; kept < whole.size(); ++kept) {
            BOOST_CHECK_THROW(TwoBit{scratch.file("y", whole.substr(0, kept))}, FormatError);
        }
    }
}

BOOST_AUTO_TEST_CASE(damage_is_refused_or_read_but_never_worse) {
    const Scratch scratch;
    std::mt19937 random(6);
    const std::vector<TwoBitSequence> sequences{{"one", "ACGTNNacgtacgtA"}, {"two", "ACGT"}};
    write_two_bit(scratch / "x", sequences);
    const std::string whole = content_of(scratch / "x");
    for (int round = 0; round < 2000; ++round) {
        std::string bytes = whole;
        for (std::size_t n = 1 + random() % 3; n > 0; --n) bytes[random() % bytes.size()] = static_cast<char>(random());
        const auto path = scratch.file("y", bytes);
        try {
            TwoBit file(path);
            for (const Chromosome& c : file.chromosomes()) {
                fetch_codes(file, {c.name, 0, std::min<std::int64_t>(c.size, 1000)});
                file.masks(c.name);
            }
        } catch (const FormatError&) {
        }
    }
}

BOOST_AUTO_TEST_CASE(foreign_files_are_refused) {
    const Scratch scratch;
    BOOST_CHECK_EXCEPTION(TwoBit{scratch.file("x", ">chr1\nACGTACGTACGTACGT\n")}, FormatError, says("byte 0: not a 2bit file"));
    BOOST_CHECK_EXCEPTION(TwoBit{scratch.file("v", std::string("\x43\x27\x41\x1a\2\0\0\0\0\0\0\0\0\0\0\0", 16))}, FormatError,
                          says("version 2 is not known"));
    BOOST_CHECK_THROW(TwoBit{scratch / "none"}, IoError);
}

BOOST_AUTO_TEST_SUITE_END()
