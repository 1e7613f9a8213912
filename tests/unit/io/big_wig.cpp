// SPDX-License-Identifier: MIT
#include <chromatid/core/error.hpp>
#include <chromatid/genome/signal_source.hpp>
#include <chromatid/io/big_wig.hpp>
#include <chromatid/io/big_wig_writer.hpp>

#include <bigWig.h>
#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <limits>
#include <random>
#include <string>
#include <tests/support/shared_data.hpp>
#include <tests/unit/io/scratch.hpp>
#include <utility>
#include <vector>

using namespace chromatid;
using chromatid::test::content_of;
using chromatid::test::FileSizeLimit;
using chromatid::test::says;
using chromatid::test::Scratch;
using chromatid::test::shared_data;
using chromatid::test::shared_data_present;
namespace utf = boost::unit_test;

static_assert(SignalSource<BigWig>);

namespace {

const ChromSizes two_chromosomes({{"chr2", 1000}, {"chr1", 500}});

/// A file with values on chr2: 1.5 on 10-20, 2 on 20-30, -1 on 40-41.
std::filesystem::path small_file(const Scratch& scratch) {
    BigWigWriter writer(scratch / "small.bw", two_chromosomes);
    writer.add("chr2", 10, 20, 1.5f);
    writer.add("chr2", 20, 30, 2);
    writer.add("chr2", 40, 41, -1);
    writer.commit();
    return scratch / "small.bw";
}

/// Reads everything, which must either work or throw FormatError.
void read_all(const std::filesystem::path& path) {
    try {
        BigWig file(path);
        for (const Chromosome& c : file.chromosomes()) fetch_values(file, {c.name, 0, std::min<std::int64_t>(c.size, 100'000)});
    } catch (const FormatError&) {
    }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(io_big_wig)

BOOST_AUTO_TEST_CASE(gaps_and_bases_off_the_chromosome_read_as_zero) {
    const Scratch scratch;
    BigWig file(small_file(scratch));
    BOOST_TEST((file.chromosomes() == two_chromosomes));
    const std::vector<float> expected{2, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, 0};
    BOOST_TEST(fetch_values(file, {"chr2", 28, 42}) == expected, boost::test_tools::per_element());
    const std::vector<float> before(20, 0.0f);
    BOOST_TEST(fetch_values(file, {"chr2", -15, 5}) == before, boost::test_tools::per_element());
    BOOST_TEST(fetch_values(file, {"chr2", -15, 11}).back() == 1.5f);
    BOOST_TEST(fetch_values(file, {"chr2", 995, 1015}) == before, boost::test_tools::per_element());
    BOOST_TEST(fetch_values(file, {"chr1", 0, 20}) == before, boost::test_tools::per_element());
    BOOST_CHECK_EXCEPTION(fetch_values(file, {"2", 0, 1}), UsageError, says("did you mean \"chr2\"?"));
}

BOOST_AUTO_TEST_CASE(the_gap_policy_fills_gaps_on_the_chromosome) {
    const Scratch scratch;
    const auto path = small_file(scratch);
    BigWig filled(path, GapPolicy::fill(7));
    const std::vector<float> expected{0, 7, 7};
    BOOST_TEST(fetch_values(filled, {"chr2", -1, 2}) == expected, boost::test_tools::per_element());
    BigWig kept(path, GapPolicy::nan());
    const auto values = fetch_values(kept, {"chr2", 29, 31});
    BOOST_TEST(values[0] == 2);
    BOOST_TEST(std::isnan(values[1]));
}

BOOST_AUTO_TEST_CASE(runs_are_given_as_stored) {
    const Scratch scratch;
    BigWig file(small_file(scratch));
    std::vector<std::pair<std::int64_t, std::int64_t>> runs;
    file.for_each_run({"chr2", 15, 41}, [&](std::int64_t start, std::int64_t end, float) { runs.emplace_back(start, end); });
    const std::vector<std::pair<std::int64_t, std::int64_t>> expected{{15, 20}, {20, 30}, {40, 41}};
    BOOST_TEST((runs == expected));
}

BOOST_AUTO_TEST_CASE(nan_in_a_file_reads_as_the_gap_policy_says) {
    const Scratch scratch;
    bwInit(1 << 17);
    bigWigFile_t* raw = bwOpen((scratch / "nan.bw").c_str(), nullptr, "w");
    const char* name = "a";
    const std::uint32_t size = 10, start = 3;
    const float values[] = {1, std::numeric_limits<float>::quiet_NaN(), 2};
    bwCreateHdr(raw, 0);
    raw->cl = bwCreateChromList(&name, &size, 1);
    bwWriteHdr(raw);
    bwAddIntervalSpanSteps(raw, name, start, 1, 1, values, 3);
    bwClose(raw);
    BigWig file(scratch / "nan.bw");
    const std::vector<float> expected{0, 0, 0, 1, 0, 2, 0, 0, 0, 0};
    BOOST_TEST(file.decode("a") == expected, boost::test_tools::per_element());
    BigWig filled(scratch / "nan.bw", GapPolicy::fill(-1));
    BOOST_TEST(filled.decode("a")[4] == -1);
}

BOOST_AUTO_TEST_CASE(what_is_written_reads_back) {
    const Scratch scratch;
    std::mt19937 random(7);
    for (int round = 0; round < 12; ++round) {
        const std::vector<Chromosome> chromosomes{{"z", 300'000}, {"b", 5000}, {"a", 70'000}};
        std::vector<std::vector<float>> expected;
        BigWigWriter writer(scratch / "x.bw", ChromSizes(chromosomes));
        for (const Chromosome& c : chromosomes) {
            expected.emplace_back(static_cast<std::size_t>(c.size), 0.0f);
            if (c.name == "b" && round % 2 == 0) continue;
            const auto draw = [&](unsigned most) { return static_cast<std::int64_t>(random() % most); };
            std::int64_t at = draw(100);
            for (std::int64_t end; (end = at + 1 + draw(round % 3 == 0 ? 40 : 3)) <= c.size; at = end + (draw(4) == 0 ? draw(50) : 0)) {
                const float value = static_cast<float>(random() % 1000) / 8 - 20;
                writer.add(c.name, at, end, value);
                std::fill(expected.back().begin() + at, expected.back().begin() + end, value);
            }
        }
        writer.commit();
        BigWig file(scratch / "x.bw");
        for (std::size_t i = 0; i < chromosomes.size(); ++i) {
            BOOST_TEST((file.decode(chromosomes[i].name) == expected[i]));
            for (int n = 0; n < 50; ++n) {
                const std::int64_t start = random() % static_cast<unsigned>(chromosomes[i].size - 1000);
                const std::vector<float> part(expected[i].begin() + start, expected[i].begin() + start + 1000);
                BOOST_TEST((fetch_values(file, {chromosomes[i].name, start, start + 1000}) == part));
            }
        }
    }
}

BOOST_AUTO_TEST_CASE(zoom_levels_summarize_what_was_written) {
    const Scratch scratch;
    {
        BigWigWriter writer(scratch / "x.bw", ChromSizes({{"a", 1'000'000}}));
        for (std::int64_t at = 0; at < 1'000'000; at += 10) writer.add("a", at, at + 10, at < 500'000 ? 1.0f : 3.0f);
        writer.commit();
    }
    bigWigFile_t* raw = bwOpen((scratch / "x.bw").c_str(), nullptr, "r");
    BOOST_TEST(raw->hdr->nLevels > 2);
    double* means = bwStats(raw, "a", 0, 1'000'000, 2, mean);
    BOOST_TEST(means[0] == 1.0, boost::test_tools::tolerance(1e-2));
    BOOST_TEST(means[1] == 3.0, boost::test_tools::tolerance(1e-2));
    std::free(means);
    bwClose(raw);
}

BOOST_AUTO_TEST_CASE(a_file_without_values_reads_as_gaps) {
    const Scratch scratch;
    BigWigWriter writer(scratch / "x.bw", two_chromosomes);
    writer.commit();
    BigWig file(scratch / "x.bw");
    BOOST_TEST((file.decode("chr2") == std::vector<float>(1000)));
}

BOOST_AUTO_TEST_CASE(unsorted_or_impossible_values_are_refused) {
    const Scratch scratch;
    {
        BigWigWriter writer(scratch / "x.bw", two_chromosomes);
        writer.add("chr2", 10, 20, 1);
        BOOST_CHECK_EXCEPTION(writer.add("chr2", 19, 25, 1), UsageError,
                              says("chr2:19-25 begins before the end of the interval before it, 20"));
        BOOST_CHECK_EXCEPTION(writer.add("chr2", 30, 30, 1), UsageError, says("holds no base"));
        BOOST_CHECK_EXCEPTION(writer.add("chr2", 990, 1001, 1), UsageError, says("passes the chromosome's end at 1000"));
        BOOST_CHECK_EXCEPTION(writer.add("chr2", 30, 31, NAN), UsageError, says("not finite"));
        BOOST_CHECK_EXCEPTION(writer.add("1", 1, 2, 1), UsageError, says("did you mean \"chr1\"?"));
        writer.add("chr1", 0, 5, 1);
        BOOST_CHECK_EXCEPTION(writer.add("chr2", 30, 31, 1), UsageError, says("after a later chromosome"));
    }
    BOOST_TEST(scratch.files() == 0);
    BOOST_CHECK_THROW(BigWigWriter(scratch / "x.bw", ChromSizes()), UsageError);
    BOOST_CHECK_THROW(BigWigWriter(scratch / "none/x.bw", two_chromosomes), IoError);
}

BOOST_AUTO_TEST_CASE(a_full_disk_is_an_io_error_and_leaves_nothing) {
    const Scratch scratch;
    const auto write = [&](rlim_t most) {
        const FileSizeLimit limit(most);
        BigWigWriter writer(scratch / "x.bw", ChromSizes({{"a", 1'000'000}}));
        std::mt19937 random(8);
        for (std::int64_t at = 0; at < 40'000; ++at) writer.add("a", at, at + 1, static_cast<float>(random()));
        writer.commit();
    };
    write(RLIM_INFINITY);
    const auto size = static_cast<rlim_t>(std::filesystem::file_size(scratch / "x.bw"));
    std::filesystem::remove(scratch / "x.bw");
    for (const rlim_t most : {rlim_t{0}, rlim_t{100}, size / 4, size / 2, size / 8 * 7, size - 5000, size - 1}) {
        BOOST_CHECK_EXCEPTION(write(most), IoError, says("x.bw: cannot write: File too large"));
        BOOST_TEST(scratch.files() == 0);
    }
    write(size);
    BOOST_TEST(scratch.files() == 1);
}

BOOST_AUTO_TEST_CASE(every_truncation_that_loses_values_is_refused) {
    const Scratch scratch;
    const std::string whole = content_of(small_file(scratch));
    // The zoom levels come last; nothing here reads them.
    bigWigFile_t* raw = bwOpen((scratch / "small.bw").c_str(), nullptr, "r");
    const std::size_t needed = raw->hdr->indexOffset + 48 + 4 + 32;
    bwClose(raw);
    for (std::size_t kept = 0; kept < needed; kept += 7) {
        BOOST_CHECK_THROW(BigWig{scratch.file("y.bw", whole.substr(0, kept))}, FormatError);
    }
}

BOOST_AUTO_TEST_CASE(damage_is_refused_or_read_but_never_worse) {
    const Scratch scratch;
    std::mt19937 random(9);
    const std::string whole = content_of(small_file(scratch));
    for (int round = 0; round < 2000; ++round) {
        std::string bytes = whole;
        for (std::size_t n = 1 + random() % 4; n > 0; --n)
            bytes[random() % std::min<std::size_t>(bytes.size(), 3000)] = static_cast<char>(random());
        read_all(scratch.file("y.bw", bytes));
    }
}

BOOST_AUTO_TEST_CASE(damage_of_real_files_is_refused_or_read_but_never_worse, *utf::precondition(shared_data_present)) {
    const Scratch scratch;
    std::mt19937 random(10);
    for (const char* name : {"deeptools_test1.bw", "bbijs_variable_step.bw", "bigtools_mini.bw", "bx_test.bw", "rtracklayer_test.bw"}) {
        const std::string whole = content_of(shared_data() / "conformance" / name);
        for (int round = 0; round < 200; ++round) {
            std::string bytes = whole;
            const std::size_t reach = random() % 2 == 0 ? bytes.size() : std::min<std::size_t>(bytes.size(), 1000);
            for (std::size_t n = 1 + random() % 4; n > 0; --n)
                bytes[random() % reach] = static_cast<char>(random() % 3 == 0 ? 255 : random());
            read_all(scratch.file("y.bw", bytes));
        }
    }
}

BOOST_AUTO_TEST_CASE(foreign_files_are_refused) {
    const Scratch scratch;
    BOOST_CHECK_EXCEPTION(BigWig{scratch.file("x.bw", std::string(100, 'x'))}, FormatError, says("x.bw: byte 0: not a bigWig file"));
    BOOST_CHECK_EXCEPTION(BigWig{scratch.file("e.bw", "")}, FormatError, says("truncated"));
    BOOST_CHECK_THROW(BigWig{scratch / "none.bw"}, IoError);
}

BOOST_AUTO_TEST_SUITE_END()
