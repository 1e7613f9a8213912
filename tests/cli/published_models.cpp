// SPDX-License-Identifier: MIT
// The published predict step, from files on disk to one score per window, for five published models.
#include <boost/test/unit_test.hpp>

#include <cmath>
#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/cli/factornet_program.hpp"
#include "tests/support/shared_data.hpp"

using namespace chromatid;
using namespace chromatid::test;
namespace utf = boost::unit_test;

namespace {

struct Published {
    const char *factor, *variant, *weights, *cell;
};

constexpr Published models[] = {{"MAX", "onePeak_Unique35_DGF", "final", "standin22"},
                                {"E2F1", "onePeak_Unique35_DGF", "final", "standin22"},
                                {"FOXA1", "onePeak_DGF", "best", "standin22_DGF"},
                                {"GABPA", "metaGENCODE_RNAseq_Unique35_DGF", "best", "standin22"},
                                {"REST", "GENCODE_Unique35_DGF", "final", "standin22"}};

ProgramResult predict(const Published& p, const std::filesystem::path& bed, const std::filesystem::path& output,
                      const std::string& threads) {
    const std::filesystem::path data = shared_data() / "factornet", genome = shared_data() / "mini_hg19";
    return factornet({"predict", "-i", (data / "cells" / p.cell).string(), "-m", (data / "models" / p.factor / p.variant).string(), "-f",
                      p.factor, "-b", bed.string(), "-o", output.string(), "--genome", (genome / "mini.fa.gz").string(), "--sizes",
                      (genome / "mini.chrom.sizes").string(), "--annotations", (data / "resources").string(), "--threads", threads});
}

}  // namespace

BOOST_AUTO_TEST_SUITE(published_models, *utf::precondition(shared_data_present))

BOOST_AUTO_TEST_CASE(windows_score_as_in_the_published_program) {
    const Scratch scratch;
    const std::filesystem::path bed = shared_data() / "factornet/e2e/windows.bed";
    for (const Published& p : models) {
        BOOST_TEST_CONTEXT(p.factor << ' ' << p.variant) {
            const ProgramResult result = predict(p, bed, scratch / "scores.gz", "2");
            BOOST_REQUIRE_MESSAGE(result.code == 0, result.err);
            const std::string golden = std::string(p.factor) + "__" + p.variant + "__" + p.weights + ".tsv.gz";
            const std::vector<std::string> wanted_lines = lines_of(shared_data() / "factornet/e2e/expected" / golden);
            const std::vector<BedRecord> found = records_of(scratch / "scores.gz");
            BOOST_REQUIRE_EQUAL(found.size() + 1, wanted_lines.size());  // they have a header
            double largest = 0;
            int masked = 0;
            std::vector<std::string_view> wanted;
            for (std::size_t i = 0; i < found.size(); ++i) {
                detail::split_columns(wanted_lines[i + 1], wanted);
                BOOST_REQUIRE_EQUAL(found[i].fields.size(), 4U);
                for (std::size_t column = 0; column < 3; ++column) BOOST_REQUIRE_EQUAL(found[i].fields[column], wanted[column]);
                if (wanted[4] == "nan") {
                    BOOST_TEST(found[i].fields[3] == "0");
                    ++masked;
                }
                const double distance = std::abs(std::stod(found[i].fields[3]) - std::stod(std::string(wanted[3])));
                largest = distance <= largest ? largest : distance;
            }
            BOOST_TEST(largest < 5e-6);
            BOOST_TEST(masked == 18);
            BOOST_TEST(result.peak_kilobytes < 1'000'000);
            BOOST_TEST_MESSAGE(p.factor << ": largest deviation " << largest << ", peak memory " << result.peak_kilobytes / 1000 << " MB");
        }
    }
}

BOOST_AUTO_TEST_CASE(bytes_do_not_depend_on_the_number_of_threads) {
    const Scratch scratch;
    std::string bed;
    const std::vector<std::string> all = lines_of(shared_data() / "factornet/e2e/windows.bed");
    for (std::size_t i = 0; i < all.size(); i += 5) bed += all[i] + '\n';
    const std::filesystem::path few = scratch.file("few.bed", bed);
    for (const char* threads : {"1", "2", "7"}) {
        const ProgramResult result = predict(models[3], few, scratch / threads, threads);
        BOOST_REQUIRE_MESSAGE(result.code == 0, result.err);
    }
    BOOST_TEST(content_of(scratch / "2") == content_of(scratch / "1"));
    BOOST_TEST(content_of(scratch / "7") == content_of(scratch / "1"));
}

BOOST_AUTO_TEST_SUITE_END()
