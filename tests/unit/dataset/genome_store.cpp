// SPDX-License-Identifier: MIT
#include <chromatid/dataset/genome_piece.hpp>
#include <chromatid/dataset/genome_store.hpp>
#include <chromatid/dataset/window_encoder.hpp>
#include <chromatid/genome/resident_sequence.hpp>
#include <chromatid/genome/resident_signal.hpp>
#include <chromatid/io/big_wig.hpp>
#include <chromatid/io/sequence_file.hpp>

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <tests/support/shared_data.hpp>
#include <tests/unit/io/scratch.hpp>
#include <thread>
#include <vector>

using namespace chromatid;
using chromatid::test::says;
using chromatid::test::Scratch;
using chromatid::test::shared_data;
using chromatid::test::shared_data_present;
namespace utf = boost::unit_test;

namespace {

/// A genome whose blocks take every form: known bases, some and only unknown ones; signal with 1, 4, 3,000 and 65,536 different values,
/// NaN, -0.
struct Genome {
    ResidentSequence sequence;
    ResidentSignal few{"few"}, many{"many"};

    explicit Genome(std::int64_t length = 1'300'000) {
        std::mt19937 random(3);
        std::string letters(static_cast<std::size_t>(length), 'N');
        std::vector<float> a(letters.size()), b(letters.size());
        for (std::size_t i = 0; i < letters.size(); ++i) {
            const std::size_t block = i / 65'536;
            if (block % 4 < 2) letters[i] = "ACGT"[random() % 4];
            else if (block % 4 == 2) letters[i] = "ACGTN"[random() % 5];
            a[i] = block % 3 == 0 ? 0.25F : static_cast<float>(random() % 4);
            b[i] = block % 2 == 0 ? static_cast<float>(random() % 3000) / 7 : static_cast<float>(random()) / 3;
        }
        a[5] = std::numeric_limits<float>::quiet_NaN();
        b[7] = -0.0F;
        b[8] = std::numeric_limits<float>::infinity();
        sequence.add("chr1", letters);
        sequence.add("chr2", "ACGTNACGTA");
        few.add("chr1", a);
        few.add("chr2", {1, 2, 3, 4, 5, 6, 7, 8, 9, 10});
        many.add("chr1", b);  // has no chr2
    }

    std::vector<NamedSignal> tracks() const { return {{"few", few}, {"many", many}}; }
};

/// Windows of a store against those that `WindowEncoder` cuts out of the decoded chromosome.
void check_windows(const GenomeStore& store, Index chromosome, const GenomePiece& whole, std::int64_t length, int windows) {
    std::mt19937_64 random(23);
    const std::int64_t size = store.chromosomes()[chromosome].size;
    const WindowEncoder encoder(length, static_cast<Index>(whole.tracks.size()));
    std::vector<Index> all;
    for (Index t = 0; t < static_cast<Index>(whole.tracks.size()); ++t) all.push_back(t);
    std::vector<float> expected(static_cast<std::size_t>(encoder.size())), found(expected.size(), 9.0F);
    for (int i = 0; i < windows; ++i) {
        const std::int64_t start = i % 4 == 0 ? static_cast<std::int64_t>(random() % 20) * 65'536 - 7
                                              : static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(size)) - length / 2;
        encoder.encode(whole, {whole.interval.chrom, start, start + length}, std::span(expected));
        store.encode(chromosome, start, length, all, found.data());
        BOOST_TEST_REQUIRE((found == expected), "window at " << start);
    }
}

template <class Sequence, class Signal>
GenomePiece decoded(const std::string& chrom, Sequence sequence, std::vector<Signal> signals) {
    GenomePiece whole;
    whole.load({chrom, 0, sequence.chromosomes().size_of(chrom)}, sequence, std::span(signals));
    return whole;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(dataset_genome_store)

BOOST_AUTO_TEST_CASE(rows_are_those_of_the_window_encoder) {
    const Genome genome;
    const GenomeStore store(genome.sequence, genome.tracks(), {"chr1", "chr2"});
    const GenomePiece whole = decoded("chr1", genome.sequence, std::vector{genome.few, genome.many});
    for (const std::int64_t length : {1, 7, 1000, 1003}) check_windows(store, 0, whole, length, 60);
    check_windows(store, 0, whole, 140'000, 3);
    BOOST_TEST(store.bytes_in_file() == 0u);
}

BOOST_AUTO_TEST_CASE(tracks_come_in_the_order_asked_for_and_a_missing_chromosome_reads_as_0) {
    const Genome genome;
    const GenomeStore store(genome.sequence, genome.tracks(), {"chr2", "chr1"});
    BOOST_TEST(store.chromosomes()[0].size == 10);
    const std::vector<Index> order{1, 0};
    std::vector<double> rows(3 * 6, 9.0);
    store.encode(0, 8, 3, order, rows.data());
    const std::vector<double> expected{0, 0, 0, 1, 0, 9, 1, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0, 0};
    BOOST_TEST(rows == expected, boost::test_tools::per_element());
    BOOST_TEST_REQUIRE(store.warnings().size() == 1u);
    BOOST_TEST(store.warnings()[0] == "track many has no chr2: it reads as 0 there");
    std::vector<std::uint8_t> codes(4);
    store.codes(0, -1, codes);
    BOOST_TEST(codes == (std::vector<std::uint8_t>{4, 0, 1, 2}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(blocks_take_as_few_bytes_as_their_values_need) {
    const std::int64_t size = 1 << 20;
    ResidentSequence sequence;
    sequence.add("a", std::string(static_cast<std::size_t>(size), 'C'));
    ResidentSignal constant, bytes;
    constant.add("a", std::vector<float>(static_cast<std::size_t>(size), 1.5F));
    std::vector<float> values(static_cast<std::size_t>(size));
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i % 200) / 3;
    bytes.add("a", values);
    BOOST_TEST(GenomeStore(sequence, {}, {"a"}).bytes_in_memory() == static_cast<std::uint64_t>(size / 4));
    BOOST_TEST(GenomeStore(sequence, {{"c", constant}}, {"a"}).bytes_in_memory() == static_cast<std::uint64_t>(size / 4));
    BOOST_TEST(GenomeStore(sequence, {{"b", bytes}}, {"a"}).bytes_in_memory() ==
               static_cast<std::uint64_t>(size / 4 + size + 16 * 200 * 4));
}

BOOST_AUTO_TEST_CASE(what_passes_the_memory_limit_goes_into_a_file_that_leaves_no_trace) {
    const Genome genome(6'000'000);
    const Scratch scratch;
    const GenomePiece whole = decoded("chr1", genome.sequence, std::vector{genome.few, genome.many});
    {
        const GenomeStore store(genome.sequence, genome.tracks(), {"chr1"}, {.memory = 9 << 20, .folder = scratch.path()});
        BOOST_TEST(store.bytes_in_memory() <= 9u << 20);
        BOOST_TEST(store.bytes_in_memory() > 7u << 20);
        BOOST_TEST(store.bytes_in_file() > 5u << 20);
        check_windows(store, 0, whole, 1000, 200);
    }
    const GenomeStore none(genome.sequence, genome.tracks(), {"chr1"}, {.memory = 0, .folder = scratch.path()});
    BOOST_TEST(none.bytes_in_memory() == 0u);
    check_windows(none, 0, whole, 1000, 50);
    BOOST_TEST(scratch.files() == 0);
}

BOOST_AUTO_TEST_CASE(a_full_disk_is_an_error) {
    const Genome genome;
    const Scratch scratch;
    const chromatid::test::FileSizeLimit full(1 << 20);
    const auto fill = [&](const std::filesystem::path& folder) {
        GenomeStore(genome.sequence, genome.tracks(), {"chr1"}, {.memory = 0, .folder = folder});
    };
    BOOST_CHECK_EXCEPTION(fill(scratch.path()), IoError,
                          says("cannot write the temporary file for the decoded genome (choose another folder"));
    BOOST_CHECK_EXCEPTION(fill(scratch / "absent"), IoError,
                          says("absent: cannot make a temporary file for the decoded genome: No such file"));
    BOOST_TEST(scratch.files() == 0);
}

BOOST_AUTO_TEST_CASE(decoding_with_several_threads_gives_the_same_and_reports_progress) {
    const Genome genome(2'500'000);
    std::vector<std::int64_t> reports;
    const GenomeStore one(genome.sequence, genome.tracks(), {"chr1", "chr2"});
    const GenomeStore three(genome.sequence, genome.tracks(), {"chr1", "chr2"},
                            {.threads = 3, .progress = [&](std::int64_t done, std::int64_t total) {
                                 reports.push_back(done);
                                 BOOST_TEST(total == 2'500'010);
                             }});
    BOOST_TEST(reports == (std::vector<std::int64_t>{1 << 20, 2 << 20, 2'500'000, 2'500'010}), boost::test_tools::per_element());
    const std::vector<Index> both{0, 1};
    std::vector<float> a(6000), b(6000);
    for (std::int64_t start = -500; start < 2'500'000; start += 99'991) {
        one.encode(0, start, 1000, both, a.data());
        three.encode(0, start, 1000, both, b.data());
        BOOST_TEST_REQUIRE((a == b));
    }
    BOOST_TEST(one.bytes_in_memory() == three.bytes_in_memory());
}

BOOST_AUTO_TEST_CASE(many_threads_cut_windows_at_once) {
    const Genome genome;
    const GenomeStore store(genome.sequence, genome.tracks(), {"chr1"});
    const std::vector<Index> both{0, 1};
    const auto sum_of_windows = [&] {
        double sum = 0;
        std::vector<float> rows(6000);
        for (std::int64_t start = 0; start < 1'200'000; start += 7919) {
            store.encode(0, start, 1000, both, rows.data());
            for (std::size_t i = 0; i < rows.size(); i += 6) sum += rows[i] + rows[i + 4];
        }
        return sum;
    };
    const double expected = sum_of_windows();
    std::vector<double> sums(4);
    std::vector<std::thread> threads;
    for (double& sum : sums) threads.emplace_back([&] { sum = sum_of_windows(); });
    for (std::thread& t : threads) t.join();
    for (const double sum : sums) BOOST_TEST(sum == expected);
}

BOOST_AUTO_TEST_CASE(names_and_sizes_that_do_not_fit_are_told) {
    ResidentSequence sequence;
    sequence.add("chr1", "ACGT");
    ResidentSignal ensembl, shorter;
    ensembl.add("1", {1, 2, 3, 4});
    shorter.add("chr1", {1, 2, 3});
    BOOST_CHECK_EXCEPTION(GenomeStore(sequence, {}, {"1"}), UsageError,
                          says("the genome: there is no chromosome \"1\"; did you mean \"chr1\"?"));
    BOOST_CHECK_EXCEPTION(GenomeStore(sequence, {{"DGF", ensembl}}, {"chr1"}), UsageError,
                          says("chromosome names do not match: track DGF says \"1\", the genome says \"chr1\"\n       rename one side"));
    const GenomeStore store(sequence, {{"DGF", shorter}}, {"chr1"});
    BOOST_TEST_REQUIRE(store.warnings().size() == 1u);
    BOOST_TEST(store.warnings()[0] == "track DGF: chr1 has 3 bases, the genome's has 4 (another assembly?)");
    const std::vector<Index> first{0};
    std::vector<float> rows(20);
    store.encode(0, 0, 4, first, rows.data());
    BOOST_TEST(rows[14] == 3.0F);
    BOOST_TEST(rows[19] == 0.0F);
}

BOOST_AUTO_TEST_CASE(a_yeast_chromosome_is_held_exactly, *utf::precondition(shared_data_present)) {
    const auto data = shared_data() / "mini_yeast";
    const BigWig cuts(data / "ATAC_Tn5_cuts.bw"), coverage(data / "ATAC_fragcov.bw");
    const GenomeStore store(open_sequence(data / "sacCer3.fa.gz"), {{"cuts", cuts}, {"coverage", coverage}}, {"chrXII", "chrI"});
    check_windows(store, 0, decoded("chrXII", open_sequence(data / "sacCer3.fa.gz"), std::vector{cuts, coverage}), 1000, 300);
    BOOST_TEST_MESSAGE("bytes per base: " << static_cast<double>(store.bytes_in_memory()) /
                                                 static_cast<double>(store.chromosomes().total_length()));
    BOOST_TEST(static_cast<double>(store.bytes_in_memory()) < 3.3 * static_cast<double>(store.chromosomes().total_length()));
}

BOOST_AUTO_TEST_SUITE_END()
