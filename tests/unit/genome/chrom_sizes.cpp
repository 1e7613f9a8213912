// SPDX-License-Identifier: MIT
#include <chromatid/core/error.hpp>
#include <chromatid/genome/chrom_sizes.hpp>

#include <boost/test/unit_test.hpp>

#include <string>

using namespace chromatid;

BOOST_AUTO_TEST_SUITE(genome_chrom_sizes)

BOOST_AUTO_TEST_CASE(order_is_kept_and_names_are_found) {
    const ChromSizes sizes({{"chr2", 20}, {"chr1", 10}});
    BOOST_TEST(sizes.size() == 2);
    BOOST_TEST(sizes[0].name == "chr2");
    BOOST_TEST(sizes.size_of("chr1") == 10);
    BOOST_TEST(sizes.find("chr1").value() == 1);
    BOOST_TEST(!sizes.find("chr3").has_value());
    BOOST_TEST(sizes.total_length() == 30);
}

BOOST_AUTO_TEST_CASE(other_habits_of_naming_are_suggested) {
    const ChromSizes ucsc({{"chr1", 1}, {"chrM", 1}});
    const ChromSizes ensembl({{"1", 1}, {"MT", 1}});
    BOOST_TEST(ucsc.suggest("1").value() == "chr1");
    BOOST_TEST(ucsc.suggest("Chr1").value() == "chr1");
    BOOST_TEST(ucsc.suggest("MT").value() == "chrM");
    BOOST_TEST(ensembl.suggest("chr1").value() == "1");
    BOOST_TEST(ensembl.suggest("chrM").value() == "MT");
    BOOST_TEST(!ensembl.suggest("chr2").has_value());
    BOOST_TEST(!ucsc.suggest("chr1").has_value());
}

BOOST_AUTO_TEST_CASE(an_unknown_name_is_an_error_that_says_what_was_meant) {
    const ChromSizes sizes({{"chr1", 1}});
    BOOST_CHECK_EXCEPTION(sizes.size_of("1"), UsageError, [](const UsageError& e) {
        return std::string(e.what()) == "chromosome sizes: there is no chromosome \"1\"; did you mean \"chr1\"?";
    });
}

BOOST_AUTO_TEST_CASE(a_name_twice_and_a_negative_size_are_refused) {
    ChromSizes sizes({{"chr1", 1}});
    BOOST_CHECK_THROW(sizes.add("chr1", 2), UsageError);
    BOOST_CHECK_THROW(sizes.add("chr2", -1), UsageError);
    BOOST_TEST(sizes.size() == 1);
}

BOOST_AUTO_TEST_SUITE_END()
